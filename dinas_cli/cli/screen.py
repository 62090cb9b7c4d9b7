"""What a stream can show: how wide a line is, whether it has colours and more characters than those of ASCII."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TextIO

from dinas_cli.files.text import spelled

NARROWEST = 20
"""Columns below which nothing is laid out any narrower."""
_CODES = {"bold": "1", "error": "1;31", "warning": "1;33", "hint": "1;36"}
"""Select Graphic Rendition codes: the terminal's own colours, which suit its background."""


@dataclass(frozen=True)
class Screen:
    """A stream as people see it."""

    width: int = 80
    unicode: bool = True
    colour: bool = False

    @classmethod
    def of(cls, stream: TextIO) -> Screen:
        """The width that ``COLUMNS`` or the terminal says, else 80; no colour in a pipe or with ``NO_COLOR``."""
        dumb = os.environ.get("TERM") == "dumb"
        colour = stream.isatty() and not dumb and not os.environ.get("NO_COLOR")
        return cls(max(NARROWEST, _width(stream)), not dumb and _encodes(stream), colour)

    def paint(self, text: str, style: str) -> str:
        """``text`` in one of the styles of :data:`_CODES`, where there are colours."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour else text

    def spell(self, text: str) -> str:
        """``text`` in characters that can be shown."""
        return text if self.unicode else spelled(text)


def fold(text: str, width: int, rest: int | None = None) -> Iterator[str]:
    """Lines of at most ``width`` columns, the later ones of at most ``rest``, broken at blanks where there are any."""
    from rich.cells import cell_len, chop_cells

    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            yield line
            width, line = rest or width, ""
        while cell_len(word) > width:
            start = chop_cells(word, width)[0]
            yield start
            width, word = rest or width, word[len(start) :]
        line = word
    yield line


def _width(stream: TextIO) -> int:
    named = os.environ.get("COLUMNS", "")
    if named.isdecimal() and int(named):
        return int(named)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


def _encodes(stream: TextIO) -> bool:
    try:
        "┼▶×■±≤–".encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
