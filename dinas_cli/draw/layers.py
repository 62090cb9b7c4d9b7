"""Cells in layers: what stands in which layer from left to right, and in which order there.

The usual steps of layered drawing (Sugiyama, Tagawa & Toda, IEEE Transactions on Systems, Man, and Cybernetics 1981):
longest-path layering, a bend in every layer that a long edge passes, barycentre sweeps against crossings. Operations
on edges become vertices of their own, so that nothing that has a label can lie on anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from random import Random
from typing import Literal

from dinas_cli.spaces.shared.protocol import Sketch

_STARTS, _SWEEPS = 6, 6
"""Orders that the sweeps against crossings start from, and how many there are from each."""


@dataclass(frozen=True)
class Vertex:
    """A node of the cell, an operation on one of its edges, or a bend of a long edge."""

    role: Literal["node", "operation", "bend"]
    label: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Layered:
    """Vertices in layers from left to right, ordered from top to bottom, and the links between neighbouring layers."""

    vertices: tuple[Vertex, ...]
    layers: tuple[tuple[int, ...], ...]
    links: tuple[tuple[int, int], ...]


def layered(sketch: Sketch) -> Layered:
    """Bring a cell into layers: its nodes first among the vertices, then operations, then bends."""
    ranks = _ranks(sketch)
    vertices = [Vertex("node", label, kind) for label, kind in sketch.nodes]
    arcs: dict[tuple[int, int], None] = {}
    filled = dict.fromkeys(range(max(ranks, default=0) + 1), 0)
    for start, end, label, kind in sorted(sketch.edges, key=lambda edge: ranks[edge[1]] - ranks[edge[0]]):
        if not label:
            arcs[start, end] = None
            continue
        # Among the layers in between one that has operations already, then the emptiest, then the last: edges of one
        # start share their way as long as nothing has happened on them.
        between = range(ranks[start] + 1, ranks[end])
        ranks.append(min(between, key=lambda rank: (not filled[rank], filled[rank], -rank)))
        filled[ranks[-1]] += 1
        arcs[start, len(vertices)] = arcs[len(vertices), end] = None
        vertices.append(Vertex("operation", label, kind))
    links = _with_bends(arcs, vertices, ranks)
    return Layered(tuple(vertices), _ordered(ranks, links), tuple(links))


def _ranks(sketch: Sketch) -> list[int]:
    """The layer of every node: as far left as its inputs allow, or as far right as its outputs if these are more."""
    count = len(sketch.nodes)
    before: list[dict[int, int]] = [{} for _ in range(count)]
    after: list[dict[int, int]] = [{} for _ in range(count)]
    for start, end, label, _ in sketch.edges:
        length = max(2 if label else 1, before[end].get(start, 0))
        before[end][start] = after[start][end] = length
    kinds = [kind for _, kind in sketch.nodes]
    ranks = [0] * count
    for node in range(count):
        first = 0 if kinds[node] == "input" or node == 0 else 1
        ranks[node] = max((ranks[start] + length for start, length in before[node].items()), default=first)
    ends = [node for node in range(count) if kinds[node] == "output" and not after[node]]
    last = max((rank + (node not in ends) for node, rank in enumerate(ranks)), default=0)
    for node in reversed(range(count)):
        if node in ends:
            ranks[node] = last
        elif kinds[node] != "input" and node and len(after[node]) > len(before[node]):
            ranks[node] = min(ranks[end] - length for end, length in after[node].items())
    return ranks


def _with_bends(
    arcs: dict[tuple[int, int], None], vertices: list[Vertex], ranks: list[int]
) -> dict[tuple[int, int], None]:
    """Links between neighbouring layers; appends the bends of long arcs, shared by all arcs of one start."""
    bends: dict[tuple[int, int], int] = {}
    links: dict[tuple[int, int], None] = {}
    for start, end in arcs:
        place = start
        for rank in range(ranks[start] + 1, ranks[end]):
            if (start, rank) not in bends:
                bends[start, rank] = len(vertices)
                vertices.append(Vertex("bend"))
                ranks.append(rank)
            links[place, bends[start, rank]] = None
            place = bends[start, rank]
        links[place, end] = None
    return links


def _ordered(ranks: Sequence[int], links: dict[tuple[int, int], None]) -> tuple[tuple[int, ...], ...]:
    """Layers of vertices, each ordered so that few links cross."""
    before: list[list[int]] = [[] for _ in ranks]
    after: list[list[int]] = [[] for _ in ranks]
    for start, end in links:
        before[end].append(start)
        after[start].append(end)
    best: list[list[int]] = []
    fewest = -1
    chance = Random(0)  # the same cell is drawn the same way everywhere
    order = list(_depth_first(ranks, after))
    for _ in range(_STARTS):
        layers: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
        for vertex in order:
            layers[ranks[vertex]].append(vertex)
        for found in _sweeps(layers, before, after):
            crossings = _crossings(found, after)
            if fewest < 0 or crossings < fewest:
                best, fewest = [layer[:] for layer in found], crossings
            if fewest == 0:
                break
        if fewest == 0:
            break
        chance.shuffle(order)
    return tuple(tuple(layer) for layer in best if layer)


def _sweeps(
    layers: list[list[int]], before: Sequence[list[int]], after: Sequence[list[int]]
) -> Iterator[list[list[int]]]:
    """``layers`` as they are, then after every sweep to and fro that sorts each layer by the neighbours of the last."""
    yield layers
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for rank in range(1, len(layers)) if forward else reversed(range(len(layers) - 1)):
            fixed = {vertex: place for place, vertex in enumerate(layers[rank - 1 if forward else rank + 1])}
            sides = before if forward else after
            places = {vertex: place for place, vertex in enumerate(layers[rank])}
            centres = {v: _mean([fixed[other] for other in sides[v]], places[v]) for v in layers[rank]}
            layers[rank].sort(key=centres.__getitem__)
        while _swap_neighbours(layers, before, after):
            pass
        yield layers


def _depth_first(ranks: Sequence[int], after: Sequence[Sequence[int]]) -> Iterator[int]:
    """Every vertex once, those reached from one another next to each other; vertices of low rank start."""
    seen: set[int] = set()
    stack = sorted(range(len(ranks)), key=lambda vertex: (-ranks[vertex], -vertex))
    while stack:
        vertex = stack.pop()
        if vertex not in seen:
            seen.add(vertex)
            yield vertex
            stack.extend(reversed(after[vertex]))


def _swap_neighbours(layers: list[list[int]], before: Sequence[list[int]], after: Sequence[list[int]]) -> bool:
    """Swap neighbours in a layer wherever that alone saves crossings; whether it did anywhere."""
    swapped = False
    for rank, layer in enumerate(layers):
        left = {vertex: place for place, vertex in enumerate(layers[rank - 1])} if rank else {}
        right = {vertex: place for place, vertex in enumerate(layers[rank + 1])} if rank + 1 < len(layers) else {}
        for place in range(len(layer) - 1):
            upper, lower = layer[place], layer[place + 1]
            gain = 0
            for sides, places in ((before, left), (after, right)):
                for one in sides[upper]:
                    for other in sides[lower]:
                        gain += (places[one] > places[other]) - (places[one] < places[other])
            if gain > 0:
                layer[place], layer[place + 1] = lower, upper
                swapped = True
    return swapped


def _crossings(layers: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> int:
    """How many pairs of links cross."""
    total = 0
    for left, right in pairwise(layers):
        places = {vertex: place for place, vertex in enumerate(right)}
        ends = [(start, places[end]) for start, vertex in enumerate(left) for end in after[vertex]]
        total += sum((a - b) * (c - d) < 0 for (a, c), (b, d) in combinations(ends, 2))
    return total


def _mean(values: Sequence[int], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
