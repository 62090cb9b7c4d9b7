"""The check of drawings: sketches that are graphs, and that can be drawn as text and as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from dinas_cli.architectures.schema import Record
from dinas_cli.draw.pictures import picture
from dinas_cli.draw.text import Style, draw_text
from dinas_cli.spaces.shared.protocol import KINDS
from dinas_cli.testing.broken import cells, require

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Sketch, Space

_DRAWN = 3


def check_sketch(space: Space, count: int) -> None:
    """Sketches have known kinds and edges from lower to higher nodes; some are drawn as text and as SVG."""
    sketched = cells(space, min(count, 100))
    for values in sketched:
        sketches: Any = space.sketch(values)
        require(isinstance(sketches, tuple) and sketches, f"sketch of {list(values)} is no tuple of sketches")
        for sketch in sketches:
            _check(sketch)
    records = [Record(space.canonical_id(row), space.name, space.decode(row), values=row) for row in sketched[:_DRAWN]]
    for record in records:
        lines = draw_text(space.sketch(record.values or ()), Style())
        require(any(line.strip() for line in lines), f"nothing is drawn of {record.genotype}")
    ElementTree.fromstring(picture(records, "svg"))


def _check(sketch: Sketch) -> None:
    where = f"sketch {sketch.title!r}"
    require(sketch.nodes, f"{where} has no nodes")
    for label, kind in sketch.nodes:
        require(label and kind in KINDS, f"{where}: node {label!r} has the kind {kind!r}, none of {', '.join(KINDS)}")
    for start, end, label, kind in sketch.edges:
        edge = f"edge {start} – {end}"
        require(0 <= start < end < len(sketch.nodes), f"{where}: {edge} does not run from a lower to a higher node")
        require(kind in KINDS if label and kind else not kind, f"{where}: {edge} has the kind {kind!r}")
