"""Cells drawn with characters, for terminals and plain text files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dinas_cli.draw.align import align
from dinas_cli.draw.channels import Wire, route
from dinas_cli.draw.layers import Layered, Vertex, layered
from dinas_cli.draw.theme import legend
from dinas_cli.draw.words import ascii_only
from dinas_cli.spaces.shared.protocol import Sketch

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_LINES = " ╵╷│╴┘┐┤╶└┌├─┴┬┼"
"""By the sum of the directions that a line leaves in."""
_PLAIN_LINES = " |||-+++-+++-+++"
_HEADS, _PLAIN_HEADS = ("▶", "▼"), (">", "v")
_APART = 4
"""Columns between two cells side by side."""
_COLOURS = {
    "conv": "34", "pool": "33", "skip": "32", "linear": "36", "activation": "31", "gate": "35", "graph": "94",
    "input": "1", "output": "1", "sum": "", "other": "90",
}  # fmt: skip
"""Select Graphic Rendition codes by kind: the terminal's own colours, which suit its background."""

Run = tuple[str, str]
"""Text and the kind that colours it; the kind of lines and blanks is empty."""
Place = tuple[int, int]


@dataclass(frozen=True)
class Style:
    """What the terminal can show."""

    width: int = 80
    unicode: bool = True
    colour: bool = False


@dataclass(frozen=True)
class _Block:
    """Lines of runs, all of one width."""

    width: int
    lines: tuple[tuple[Run, ...], ...]


def draw_text(sketches: Sequence[Sketch], style: Style) -> list[str]:
    """The lines of a drawing: cells side by side where they fit; nodes in ``[ ]``, operations on edges in ``( )``.

    A cell goes from left to right where it fits into ``style.width``, otherwise from top to bottom.
    """
    blocks = []
    for sketch in sketches:
        cell = layered(sketch)
        block = _block(cell, style, turned=False)
        if block.width > style.width:
            block = min(block, _block(cell, style, turned=True), key=lambda block: block.width)
        if len(sketches) > 1:
            title: Run = (sketch.title if style.unicode else ascii_only(sketch.title), "")
            width = max(block.width, len(title[0]))
            block = _Block(width, ((title,), ((" " * width, ""),), *block.lines))
        blocks.append(block)
    if sum(block.width for block in blocks) + _APART * (len(blocks) - 1) <= style.width:
        rows = _beside(blocks)
    else:
        rows = [line for number, block in enumerate(blocks) for line in ([(), *block.lines] if number else block.lines)]
    return [_written(line, style) for line in rows]


def key(sketches: Iterable[Sketch], style: Style) -> str:
    """One line that explains brackets and colours."""
    shown = list(sketches)
    parts = ["[ ] node"]
    if any(label for sketch in shown for _, _, label, _ in sketch.edges):
        parts.append("( ) operation on an edge")
    if style.colour:
        kinds = [kind for sketch in shown for _, kind in sketch.nodes]
        kinds += [kind for sketch in shown for _, _, label, kind in sketch.edges if label]
        mark = "■" if style.unicode else "#"
        parts += [_coloured(f"{mark} {kind}", kind) for kind in legend(kinds)]
    return "   ".join(parts)


def wrap(facts: Sequence[str], style: Style) -> list[str]:
    """Facts about a drawing in as few lines as they fit into."""
    between = " · " if style.unicode else " | "
    lines: list[str] = []
    for fact in facts:
        text = fact if style.unicode else ascii_only(fact)
        if lines and len(lines[-1] + between + text) <= style.width:
            lines[-1] += between + text
        else:
            lines.append(text)
    return lines


def _beside(blocks: Sequence[_Block]) -> list[tuple[Run, ...]]:
    rows = []
    for number in range(max((len(block.lines) for block in blocks), default=0)):
        row: list[Run] = []
        for block in blocks:
            line = block.lines[number] if number < len(block.lines) else ()
            row += [*line, (" " * (block.width - sum(len(text) for text, _ in line) + _APART), "")]
        rows.append(tuple(row))
    return rows


def _block(cell: Layered, style: Style, turned: bool) -> _Block:
    """Draw a cell from left to right, or ``turned`` from top to bottom."""
    names = [_name(vertex, style) for vertex in cell.vertices]

    def distance(upper: Vertex, lower: Vertex) -> int:
        if not turned:
            return 2
        return (len(_name(upper, style)) + len(_name(lower, style)) + 1) // 2 + 2

    rows = align(cell, distance)
    into = {v: tuple(sorted(rows[end] for start, end in cell.links if start == v)) for v in range(len(rows))}
    ends = {end for _, end in cell.links}
    grid = _Grid(turned)
    stub, tail = (0, 1) if turned else (1, 2)
    begin = 0  # of the layer, along the way the cell runs
    for layer in cell.layers:
        sizes = {v: min(len(names[v]), 1) if turned else len(names[v]) for v in layer}
        room = max(1, *sizes.values())
        leaves = {}  # the last place of every label, where its line starts
        for v in layer:
            first = begin + (room - sizes[v]) // 2
            leaves[v] = first + sizes[v] - 1 if names[v] else begin - 1
            if v in ends and names[v]:
                grid.line(v, (begin - 1, rows[v]), (first, rows[v]))
            grid.put(names[v], cell.vertices[v].kind, first, rows[v], v in ends and cell.vertices[v].role == "node")
        pieces, tracks = route([Wire(v, rows[v], into[v]) for v in layer if into[v]])
        climbs = begin + room + stub
        begin = climbs + tracks + tail
        for wire in pieces:
            at = climbs + wire.track
            come = leaves[wire.source] if wire.after is None else climbs + wire.after.track
            if not wire.level:
                grid.line(wire.source, (come, wire.start), (at, wire.start))
                grid.line(wire.source, (at, wire.span[0]), (at, wire.span[1]))
            for row in () if wire.goes_on else wire.rows:
                grid.line(wire.source, (come if wire.level else at, row), (begin - 1, row))
    return grid.block(style)


def _name(vertex: Vertex, style: Style) -> str:
    label = vertex.label if style.unicode else ascii_only(vertex.label)
    return {"node": f"[{label}]", "operation": f"({label})", "bend": ""}[vertex.role]


class _Grid:
    """Characters that lines and labels leave; places are (along, across) the way the cell runs."""

    def __init__(self, turned: bool) -> None:
        self._turned = turned
        self._lines: dict[Place, dict[int, int]] = {}
        self._labels: dict[Place, tuple[str, str]] = {}

    def line(self, wire: int, start: Place, end: Place) -> None:
        """A straight line of ``wire`` from one place to another, both included."""
        (a, b), (c, d) = start, end
        for along in range(a, c):
            self._join(wire, (along, b), _RIGHT)
            self._join(wire, (along + 1, b), _LEFT)
        for across in range(b, d):
            self._join(wire, (a, across), _DOWN)
            self._join(wire, (a, across + 1), _UP)

    def _join(self, wire: int, place: Place, direction: int) -> None:
        wires = self._lines.setdefault(place, {})
        wires[wire] = wires.get(wire, 0) | direction

    def put(self, text: str, kind: str, along: int, across: int, head: bool) -> None:
        """A label from ``along`` on, or around ``across`` when turned, and an arrow head before it."""
        if head:
            self._labels[along - 1, across] = ("head", "")
        for number, character in enumerate(text):
            place = (along, across - len(text) // 2 + number) if self._turned else (along + number, across)
            self._labels[place] = (character, kind)

    def block(self, style: Style) -> _Block:
        """Everything, moved to the corner."""
        lines = _LINES if style.unicode else _PLAIN_LINES
        head = (_HEADS if style.unicode else _PLAIN_HEADS)[self._turned]
        cells: dict[Place, tuple[str, str]] = {}
        for (along, across), wires in self._lines.items():
            bits = self._shown(list(wires.values()))
            if self._turned:
                bits = (bits & 3) << 2 | bits >> 2
            cells[along, across] = (lines[bits], "")
        cells |= {place: (head if c == "head" else c, kind) for place, (c, kind) in self._labels.items()}
        if self._turned:
            cells = {(across, along): value for (along, across), value in cells.items()}
        xs, ys = [x for x, _ in cells], [y for _, y in cells]
        rows = []
        for y in range(min(ys), max(ys) + 1):
            row: list[tuple[str, str]] = []
            for x in range(min(xs), max(xs) + 1):
                character, kind = cells.get((x, y), (" ", ""))
                if row and row[-1][1] == kind:
                    row[-1] = (row[-1][0] + character, kind)
                else:
                    row.append((character, kind))
            rows.append(tuple(row))
        return _Block(max(xs) - min(xs) + 1, tuple(rows))

    @staticmethod
    def _shown(wires: list[int]) -> int:
        """Directions to draw where wires meet: those that merely cross show the one that climbs."""
        climbs, levels = _UP | _DOWN, _LEFT | _RIGHT
        if len(wires) > 1 and climbs in wires and all(bits in (climbs, levels) for bits in wires):
            return climbs
        together = 0
        for bits in wires:
            together |= bits
        return together


def _written(line: Sequence[Run], style: Style) -> str:
    text = "".join(_coloured(part, kind) if style.colour else part for part, kind in line)
    return text.rstrip()


def _coloured(text: str, kind: str) -> str:
    code = _COLOURS.get(kind, "")
    return f"\x1b[{code}m{text}\x1b[0m" if code else text
