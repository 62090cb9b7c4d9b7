"""Cells in pixels: boxes never meet, and curves touch no box but those they connect."""

from __future__ import annotations

from itertools import combinations

import pytest

from dinas_cli.draw.place import Box, Placed, curve, place
from dinas_cli.draw.theme import LABEL, text_width
from dinas_cli.spaces.shared.protocol import Sketch
from tests.support.sketches import random_sketches


def meet(one: Box, other: Box, room: float = 4) -> bool:
    return (
        one.x < other.x + other.width + room
        and other.x < one.x + one.width + room
        and one.y < other.y + other.height + room
        and other.y < one.y + one.height + room
    )


def inside(box: Box, x: float, y: float) -> bool:
    return box.x - 2 < x < box.x + box.width + 2 and box.y - 2 < y < box.y + box.height + 2


@pytest.fixture(scope="module")
def cells() -> list[tuple[Sketch, Placed]]:
    return [(sketch, place(sketch)) for sketch in random_sketches()]


def test_boxes_never_meet(cells: list[tuple[Sketch, Placed]]) -> None:
    for _, cell in cells:
        assert not any(meet(one, other) for one, other in combinations(cell.boxes, 2))


def test_every_label_fits_into_its_box_and_every_box_into_the_cell(cells: list[tuple[Sketch, Placed]]) -> None:
    for sketch, cell in cells:
        assert len(cell.boxes) == len(sketch.nodes) + sum(bool(label) for _, _, label, _ in sketch.edges)
        for box in cell.boxes:
            assert text_width(box.vertex.label, LABEL) + 8 <= box.width
            assert 0 <= box.x <= box.x + box.width <= cell.width + 1e-6
            assert 0 <= box.y <= box.y + box.height <= cell.height + 1e-6


def test_curves_touch_only_what_they_connect(cells: list[tuple[Sketch, Placed]]) -> None:
    for _, cell in cells:
        for flow in cell.flows:
            (x0, y0), (x3, y3) = flow.points[0], flow.points[-1]
            assert x0 <= flow.points[1][0] < flow.points[2][0] <= x3
            ends = [box for box in cell.boxes if box.y < y0 < box.y + box.height and abs(box.x + box.width - x0) < 1e-6]
            ends += [box for box in cell.boxes if box.y < y3 < box.y + box.height and abs(box.x - x3) < 1e-6]
            assert flow.arrow == any(box.vertex.role == "node" and abs(box.x - x3) < 1e-6 for box in ends)
            for x, y in curve(flow):
                assert not any(inside(box, x, y) for box in cell.boxes if box not in ends)


def test_edges_run_from_left_to_right(cells: list[tuple[Sketch, Placed]]) -> None:
    for sketch, cell in cells:
        boxes = cell.boxes[: len(sketch.nodes)]
        assert [box.vertex.label for box in boxes] == [label for label, _ in sketch.nodes]
        for start, end, _, _ in sketch.edges:
            assert boxes[start].x + boxes[start].width < boxes[end].x


def test_the_same_cell_is_always_drawn_the_same(cells: list[tuple[Sketch, Placed]]) -> None:
    assert all(place(sketch) == cell for sketch, cell in cells[::5])
