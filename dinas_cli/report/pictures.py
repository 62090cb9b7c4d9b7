"""Pictures of the cells on a page: small SVG documents, as many as there is room for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dinas_cli.architectures.schema import Record
from dinas_cli.draw.canvas import Canvas
from dinas_cli.draw.figure import Panel, draw
from dinas_cli.draw.pictures import sketches_of
from dinas_cli.draw.svg import SvgCanvas
from dinas_cli.draw.theme import THEMES
from dinas_cli.draw.words import in_words
from dinas_cli.files.text import visible

ROOM = 700_000
"""Bytes that all pictures of a page may take."""


def pictures(records: Sequence[Record], rows: Iterable[int]) -> dict[int, str]:
    """An SVG document for each of ``rows`` of the records, in their order, until :data:`ROOM` is used up.

    They are drawn in the light theme; the page inverts them in the dark one.
    """
    found: dict[int, str] = {}
    left = ROOM
    for row in rows:
        text = picture_of(records[row])
        left -= len(text.encode())
        if left < 0:
            break
        found[row] = text
    return found


def picture_of(record: Record) -> str:
    """The cells of a record, without what the page says beside them."""
    colours, cells = THEMES["light"], sketches_of(record)

    def canvas(width: float, height: float) -> Canvas:
        return SvgCanvas(width, height, colours.background, visible(record.id), f"{in_words(cells)}.")

    return draw([Panel(visible(record.id), (), cells)], colours, canvas).decode()
