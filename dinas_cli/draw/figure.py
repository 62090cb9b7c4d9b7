"""Whole pictures: drawings of architectures with titles, side by side in a grid, and a legend under them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil, log

from dinas_cli.draw.canvas import Canvas
from dinas_cli.draw.place import Box, Placed, place
from dinas_cli.draw.theme import LABEL, SMALL, TITLE, Theme, cut, ink_on, legend, text_width
from dinas_cli.spaces.shared.protocol import Sketch

_MARGIN, _PADDING, _BETWEEN = 16, 18, 16
"""Around the picture, inside a panel, between panels."""
_CELLS_APART = 48
_NARROWEST = 280
_SHAPE = 1.5
"""Width of a sheet by its height, about."""
_LINE = 18


@dataclass(frozen=True)
class Panel:
    """The drawing of one architecture: a title, facts under it, its cells."""

    title: str
    facts: tuple[str, ...]
    cells: tuple[Sketch, ...]


@dataclass(frozen=True)
class _Laid:
    """A panel with its cells in place and its facts in lines."""

    panel: Panel
    cells: tuple[Placed, ...]
    lines: tuple[str, ...] = ()

    @property
    def cells_width(self) -> float:
        """Of all cells side by side."""
        return sum(cell.width for cell in self.cells) + _CELLS_APART * (len(self.cells) - 1)

    @property
    def cells_height(self) -> float:
        """Of the highest cell."""
        return max((cell.height for cell in self.cells), default=0)

    @property
    def head(self) -> float:
        """Height of title, lines and captions."""
        captions = _LINE + 6 if len(self.cells) > 1 else 0
        return TITLE + _LINE * len(self.lines) + 18 + captions

    @property
    def height(self) -> float:
        """Of the whole panel."""
        return 2 * _PADDING + self.head + self.cells_height


def draw(panels: Sequence[Panel], theme: Theme, canvas_of: Callable[[float, float], Canvas]) -> bytes:
    """Draw panels in a grid on a canvas of the needed size; the content of the file."""
    laid = [_Laid(panel, tuple(map(place, panel.cells))) for panel in panels]
    inner = max(_NARROWEST, *(max(item.cells_width, text_width(item.panel.title, TITLE)) for item in laid))
    laid = [replace(item, lines=tuple(_wrapped(item.panel.facts, inner))) for item in laid]
    wide = inner + 2 * _PADDING
    columns = _columns(wide, max(item.height for item in laid), len(laid))
    rows = [laid[start : start + columns] for start in range(0, len(laid), columns)]
    heights = [max(item.height for item in row) for row in rows]
    width = 2 * _MARGIN + columns * wide + (columns - 1) * _BETWEEN
    kinds = legend(kind for panel in panels for sketch in panel.cells for kind in _kinds(sketch))
    entries = _legend(kinds, width - 2 * _MARGIN)
    grid = sum(heights) + (len(rows) - 1) * _BETWEEN
    bottom = 2 * _MARGIN + grid
    height = bottom + (entries[-1][1] + _MARGIN + 4 if entries else 0)
    canvas = canvas_of(width, height)
    y = float(_MARGIN)
    for row, tall in zip(rows, heights, strict=True):
        for number, item in enumerate(row):
            _panel(canvas, theme, item, _MARGIN + number * (wide + _BETWEEN), y, wide, tall)
        y += tall + _BETWEEN
    for x, down, kind in entries:
        canvas.box(_MARGIN + x, bottom + down - 11, 22, 14, 7, theme.fills[kind], theme.line)
        canvas.text(_MARGIN + x + 29, bottom + down, kind, SMALL, theme.ink)
    return canvas.finish()


def _wrapped(facts: Sequence[str], width: float) -> list[str]:
    """Facts in as few lines as they fit into; a fact that is too long for any is cut."""
    lines: list[str] = []
    for fact in facts:
        longer = f"{lines[-1]}  ·  {fact}" if lines else ""
        if longer and text_width(longer, SMALL) <= width:
            lines[-1] = longer
        else:
            lines.append(cut(fact, SMALL, width))
    return lines


def _columns(wide: float, tall: float, count: int) -> int:
    """Panels per row, so that the sheet's shape is a usual one."""
    return min(
        range(1, count + 1), key=lambda columns: abs(log(columns * wide / (ceil(count / columns) * tall * _SHAPE)))
    )


def _kinds(sketch: Sketch) -> list[str]:
    return [*(kind for _, kind in sketch.nodes), *(kind for _, _, label, kind in sketch.edges if label)]


def _legend(kinds: Sequence[str], width: float) -> list[tuple[float, float, str]]:
    """Where each entry of the legend stands: x, baseline, kind."""
    entries: list[tuple[float, float, str]] = []
    x, y = 0.0, 12.0
    for kind in kinds:
        wide = 29 + text_width(kind, SMALL)
        if x and x + wide > width:
            x, y = 0.0, y + 22
        entries.append((x, y, kind))
        x += wide + 20
    return entries


def _panel(canvas: Canvas, theme: Theme, item: _Laid, x: float, y: float, width: float, height: float) -> None:
    canvas.box(x, y, width, height, 8, theme.card, "")
    left, baseline = x + _PADDING, y + _PADDING + TITLE
    canvas.text(left, baseline, item.panel.title, TITLE, theme.ink)
    for line in item.lines:
        baseline += _LINE
        canvas.text(left, baseline, line, SMALL, theme.faint)
    top = y + _PADDING + item.head
    room = height - 2 * _PADDING - item.head
    left += (width - 2 * _PADDING - item.cells_width) / 2
    for sketch, cell in zip(item.panel.cells, item.cells, strict=True):
        if len(item.cells) > 1:
            canvas.text(left, top - 14, sketch.title, LABEL, theme.ink)
        _cell(canvas, theme, cell, left, top + (room - cell.height) / 2)
        left += cell.width + _CELLS_APART


def _cell(canvas: Canvas, theme: Theme, cell: Placed, x: float, y: float) -> None:
    for flow in cell.flows:
        canvas.flow(flow.moved(x, y), theme.line)
    for box in cell.boxes:
        _box(canvas, theme, box, x, y)


def _box(canvas: Canvas, theme: Theme, box: Box, x: float, y: float) -> None:
    fill = theme.fills.get(box.vertex.kind, theme.card)  # the role of an input has no kind
    radius = 7 if box.vertex.role == "node" else box.height / 2
    canvas.box(x + box.x, y + box.y, box.width, box.height, radius, fill, theme.line)
    middle = (x + box.x + box.width / 2, y + box.y + box.height / 2 + 0.36 * LABEL)
    canvas.text(*middle, box.vertex.label, LABEL, ink_on(fill), "middle")
