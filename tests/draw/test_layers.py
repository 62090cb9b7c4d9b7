"""Layers: every link one layer long, nothing lost, inputs left, outputs right, few crossings."""

from __future__ import annotations

from itertools import permutations

from dinas_cli.draw.layers import Layered, layered
from dinas_cli.spaces.shared.protocol import Sketch
from tests.support.sketches import random_sketches


def paths(cell: Layered, nodes: int) -> set[tuple[int, int, str]]:
    """The edges a drawing shows: from every node along bends and operations to nodes, with the operation passed."""
    found = set()
    for start in range(nodes):
        ways = [(end, "") for begin, end in cell.links if begin == start]
        while ways:
            vertex, label = ways.pop()
            if cell.vertices[vertex].role == "node":
                found.add((start, vertex, label))
            else:
                label = cell.vertices[vertex].label or label
                ways += [(end, label) for begin, end in cell.links if begin == vertex]
    return found


def crossings(cell: Layered, order: dict[int, int]) -> int:
    rank = {vertex: number for number, layer in enumerate(cell.layers) for vertex in layer}
    return sum(
        rank[a] == rank[c] and (order[a] - order[c]) * (order[b] - order[d]) < 0
        for number, (a, b) in enumerate(cell.links)
        for c, d in cell.links[:number]
    )


def test_every_edge_and_nothing_else_is_in_the_layers() -> None:
    for sketch in random_sketches():
        cell = layered(sketch)
        rank = {vertex: number for number, layer in enumerate(cell.layers) for vertex in layer}
        assert sorted(rank) == list(range(len(cell.vertices)))
        assert all(cell.layers)
        assert all(rank[end] == rank[start] + 1 for start, end in cell.links)
        assert paths(cell, len(sketch.nodes)) == {(start, end, label) for start, end, label, _ in sketch.edges}
        assert [(v.label, v.kind) for v in cell.vertices[: len(sketch.nodes)]] == list(sketch.nodes)
        operations = sorted(v.label for v in cell.vertices if v.role == "operation")
        assert operations == sorted(label for _, _, label, _ in sketch.edges if label)


def test_inputs_are_left_and_outputs_right() -> None:
    for sketch in random_sketches(20, seed=1):
        cell = layered(sketch)
        kinds = [kind for _, kind in sketch.nodes]
        sources = {start for start, *_ in sketch.edges}
        used = {end for _, end, *_ in sketch.edges}
        for node, kind in enumerate(kinds):
            if kind == "input" and node not in used:
                assert node in cell.layers[0]
            if kind == "output" and node not in sources:
                assert node in cell.layers[-1]


def test_a_cell_without_edges_still_has_an_order() -> None:
    nodes = (("in", "input"), ("1", "sum"), ("2", "sum"), ("out", "output"))
    assert layered(Sketch("cell", nodes, ())).layers == ((0,), (1, 2), (3,))


def test_edges_of_one_start_share_their_way() -> None:
    nodes = (("in", "input"), *((str(i), "sum") for i in range(3)), ("out", "output"))
    chain = [(i, i + 1, "", "") for i in range(4)]
    cell = layered(Sketch("cell", nodes, (*chain, (0, 3, "", ""), (0, 4, "", ""))))
    assert sum(vertex.role == "bend" for vertex in cell.vertices) == 3


def test_crossings_are_as_few_as_any_order_of_small_layers_has() -> None:
    worse = 0
    for sketch in random_sketches(12, seed=2):
        cell = layered(sketch)
        if len(cell.layers) > 4 or any(len(layer) > 4 for layer in cell.layers):
            continue
        orders: list[dict[int, int]] = [{}]
        for layer in cell.layers:
            orders = [
                order | dict(zip(layer, places, strict=True))
                for order in orders
                for places in permutations(range(len(layer)))
            ]
        found = crossings(cell, {vertex: place for layer in cell.layers for place, vertex in enumerate(layer)})
        worse += found - min(crossings(cell, order) for order in orders[:3000])
    assert worse <= 1  # a rule of thumb, not a proof
