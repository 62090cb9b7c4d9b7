"""A cell in pixels: boxes that never meet, and the curves between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from dinas_cli.draw.align import align
from dinas_cli.draw.layers import Vertex, layered
from dinas_cli.draw.theme import LABEL, text_width
from dinas_cli.spaces.shared.protocol import Sketch

_HEIGHT = {"node": 30, "operation": 24, "bend": 2}
_ROW = 22
"""Pixels between two neighbouring lines; boxes take two rows."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node or the operation on an edge: its upper left corner, size and label."""

    x: float
    y: float
    width: float
    height: float
    vertex: Vertex


@dataclass(frozen=True)
class Flow:
    """An edge, or a part of one: straight, an S with level ends between the two middle points, straight."""

    points: tuple[Point, Point, Point, Point]
    arrow: bool

    def moved(self, x: float, y: float) -> Flow:
        """The same curve elsewhere."""
        a, b, c, d = ((px + x, py + y) for px, py in self.points)
        return Flow((a, b, c, d), self.arrow)


@dataclass(frozen=True)
class Placed:
    """One cell, from (0, 0) to (width, height)."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    flows: tuple[Flow, ...]


def place(sketch: Sketch) -> Placed:
    """Lay out a cell from left to right."""
    cell = layered(sketch)
    middles = [row * _ROW for row in align(cell, _distance)]
    top = min((y - _HEIGHT[v.role] / 2 for y, v in zip(middles, cell.vertices, strict=True)), default=0)
    ys = [y - top for y in middles]
    widths = [_width(vertex) for vertex in cell.vertices]
    columns: list[tuple[float, float]] = []  # left and right border of every layer
    x = 0.0
    for rank, layer in enumerate(cell.layers):
        column = max(widths[vertex] for vertex in layer) if layer else 0.0
        columns.append((x, x + column))
        climbs = [abs(ys[a] - ys[b]) for a, b in cell.links if a in layer and ys[a] != ys[b]]
        gap = min(36 + 0.25 * max(climbs, default=0) + 2 * len(climbs), 110)
        x += column + (gap if rank + 1 < len(cell.layers) else 0)
    column_of = {vertex: columns[rank] for rank, layer in enumerate(cell.layers) for vertex in layer}
    boxes = {}
    for index, vertex in enumerate(cell.vertices):
        if vertex.role != "bend":
            left, right = column_of[index]
            height = _HEIGHT[vertex.role]
            boxes[index] = Box(
                (left + right - widths[index]) / 2, ys[index] - height / 2, widths[index], height, vertex
            )
    flows = []
    for start, end in cell.links:
        out = boxes[start].x + boxes[start].width if start in boxes else column_of[start][0]
        into = boxes[end].x if end in boxes else column_of[end][0]
        points = ((out, ys[start]), (column_of[start][1], ys[start]), (column_of[end][0], ys[end]), (into, ys[end]))
        flows.append(Flow(points, cell.vertices[end].role == "node"))
    bottom = max((y + _HEIGHT[v.role] / 2 for y, v in zip(ys, cell.vertices, strict=True)), default=0)
    return Placed(x, bottom, tuple(boxes.values()), tuple(flows))


def curve(flow: Flow, steps: int = 24) -> list[Point]:
    """Points along a flow, for painters that know straight lines only."""
    first, (x0, y0), (x1, y1), last = flow.points
    if y0 == y1:
        return [first, last]
    middle = (x0 + x1) / 2
    points = [first]
    for step in range(steps + 1):
        t = step / steps
        s = 1 - t
        points.append(
            (
                s**3 * x0 + 3 * s * s * t * middle + 3 * s * t * t * middle + t**3 * x1,
                s**3 * y0 + 3 * s * s * t * y0 + 3 * s * t * t * y1 + t**3 * y1,
            )
        )
    points.append(last)
    return [points[0], *(b for a, b in pairwise(points) if a != b)]


def _width(vertex: Vertex) -> float:
    if vertex.role == "bend":
        return 0.0
    return max(ceil(text_width(vertex.label, LABEL)) + 20, 30)


def _distance(upper: Vertex, lower: Vertex) -> int:
    return 1 if "bend" in (upper.role, lower.role) else 2
