"""Alignment: whole places, never nearer than asked, straight lines where they are possible."""

from __future__ import annotations

from itertools import pairwise

from dinas_cli.draw.align import align
from dinas_cli.draw.layers import Vertex, layered
from dinas_cli.spaces.shared.protocol import Sketch
from tests.support.sketches import random_sketches


def apart(upper: Vertex, lower: Vertex) -> int:
    return 1 if "bend" in (upper.role, lower.role) else 3 + len(upper.label)


def test_neighbours_keep_their_order_and_distance() -> None:
    for sketch in random_sketches():
        cell = layered(sketch)
        places = align(cell, apart)
        for layer in cell.layers:
            for upper, lower in pairwise(layer):
                assert places[lower] - places[upper] >= apart(cell.vertices[upper], cell.vertices[lower])


def test_a_chain_is_a_straight_line() -> None:
    nodes = tuple((str(i), "other") for i in range(6))
    cell = layered(Sketch("chain", nodes, tuple((i, i + 1, "skip", "skip") for i in range(5))))
    assert len(set(align(cell, apart))) == 1


def test_a_node_stands_amid_what_it_feeds() -> None:
    nodes = (("in", "input"), *((str(i), "other") for i in range(3)), ("out", "output"))
    edges = (*((0, i, "", "") for i in (1, 2, 3)), *((i, 4, "", "") for i in (1, 2, 3)))
    places = align(layered(Sketch("fan", nodes, edges)), apart)
    assert places[0] == places[2] == places[4]


def test_most_links_of_a_cell_are_straight() -> None:
    straight = total = 0
    for sketch in random_sketches(30, seed=3):
        cell = layered(sketch)
        places = align(cell, apart)
        straight += sum(places[start] == places[end] for start, end in cell.links)
        total += len(cell.links)
    assert straight > 0.4 * total
