"""Where vertices stand within their layers: as straight as the distances between neighbours allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import floor

from dinas_cli.draw.layers import Layered, Vertex

_ROUNDS = 10

Target = tuple[float, float]
"""A place that something wants to be at, and how much it does."""


def align(cell: Layered, distance: Callable[[Vertex, Vertex], int]) -> list[int]:
    """The place of every vertex across its layer, whole numbers.

    ``distance`` is the least one between the centres of two neighbours in a layer. First the squares of what links
    climb are made small, which spreads vertices evenly, then their absolute values, which straightens links. Both are
    done one layer at a time, where the best places are found exactly by pooling neighbours that would come too close
    (isotonic regression).
    """
    steps = [[0, *(distance(cell.vertices[a], cell.vertices[b]) for a, b in pairwise(layer))] for layer in cell.layers]
    sides: list[list[tuple[int, float]]] = [[] for _ in cell.vertices]
    for start, end in cell.links:
        weight = (1.0, 2.0, 8.0)[(cell.vertices[start].role == "bend") + (cell.vertices[end].role == "bend")]
        sides[start].append((end, weight))
        sides[end].append((start, weight))
    places = [0.0] * len(cell.vertices)
    for layer, gaps in zip(cell.layers, steps, strict=True):
        offsets = _sums(gaps)
        for vertex, offset in zip(layer, offsets, strict=True):
            places[vertex] = offset - offsets[-1] / 2
    for choose in (_mean, _median):
        for sweep in range(_ROUNDS):
            order = range(len(cell.layers))
            for rank in order if sweep % 2 == 0 else reversed(order):
                layer = cell.layers[rank]
                targets = [[(places[end], weight) for end, weight in sides[v]] or [(places[v], 0.1)] for v in layer]
                found = _spread(targets, [places[v] for v in layer], steps[rank], choose)
                for vertex, place in zip(layer, found, strict=True):
                    places[vertex] = place
        places = [float(floor(place + 0.5)) for place in places]  # keeps whole distances
    return [int(place) for place in places]


def _spread(
    targets: Sequence[list[Target]],
    now: Sequence[float],
    gaps: Sequence[int],
    choose: Callable[[list[Target], float], float],
) -> list[float]:
    """Places of one layer's vertices near their targets and at least ``gaps`` apart."""
    offsets = _sums(gaps)
    blocks: list[tuple[float, int, list[Target]]] = []  # where, how many, what they want; shifted by the offsets
    for wanted, place, offset in zip(targets, now, offsets, strict=True):
        shifted = [(target - offset, weight) for target, weight in wanted]
        blocks.append((choose(shifted, place - offset), 1, shifted))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (upper, count, all_wanted), (lower, more, others) = blocks[-2:]
            both = all_wanted + others
            blocks[-2:] = [(choose(both, (upper * count + lower * more) / (count + more)), count + more, both)]
    shared = [place for place, count, _ in blocks for _ in range(count)]
    return [place + offset for place, offset in zip(shared, offsets, strict=True)]


def _mean(targets: list[Target], now: float) -> float:
    return sum(place * weight for place, weight in targets) / sum(weight for _, weight in targets)


def _median(targets: list[Target], now: float) -> float:
    """The weighted median; of two, the one nearer to ``now``."""
    ordered = sorted(targets)
    half = sum(weight for _, weight in ordered) / 2
    below = 0.0
    for index, (place, weight) in enumerate(ordered):
        below += weight
        if below > half:
            return place
        if below == half:
            other = ordered[index + 1][0]
            return place if now - place <= other - now else other
    raise AssertionError("weights are positive")


def _sums(gaps: Sequence[int]) -> list[int]:
    total = 0
    return [total := total + gap for gap in gaps]
