"""All NAS-Bench-101 cells at once: canonical vertex orders, the catalogue of the space, what may still become a cell.

A cell in a given order of vertices is one number: the bits of its edges, times 3^5, plus its operations as digits.
The smallest number over all orders is canonical. It names the graph that the benchmark's generator met first, and
therefore trained: only that order gives every trained network's parameter count.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import permutations, product

import numpy as np
import numpy.typing as npt

from dinas_cli.files.cache import kept
from dinas_cli.spaces.nasbench101.cells import EDGES, INNER, MOST_EDGES, OUTPUT
from dinas_cli.spaces.shared.protocol import Values

Numbers = npt.NDArray[np.int64]

_LABELS = 3**INNER
_BIT = np.array([1 << (i + j * (j - 1) // 2) for i, j in EDGES])
"""The generator's number of each edge: column by column of the adjacency matrix, lowest first."""
_DIGIT = 3 ** np.arange(INNER)[::-1]
_WRONG_WAY = 2.0**40  # above every number; no sum of nine of them is beyond what a float holds exactly


def canonical(values: npt.NDArray[np.integer]) -> npt.NDArray[np.int8]:
    """The canonical order of valid cells ``(B, 26)``, equal exactly for isomorphic ones: ``(B, 26)``."""
    return unfold(canonical_numbers(values))


def canonical_cell(cell: Values) -> Values:
    """The same for one valid cell, quicker: its graph is one of a few thousand, and those are remembered."""
    size = INNER - cell[:INNER].count(0)
    edges, orders = _best_orders(size, cell[INNER:])
    nodes = min(tuple(cell[vertex - 1] for vertex in order) for order in orders)
    return (*nodes, *(0,) * (INNER - size), *edges)


def canonical_numbers(values: npt.NDArray[np.integer]) -> Numbers:
    """The smallest number of valid cells ``(B, 26)`` over all orders of their vertices: ``(B,)``."""
    present = values[:, :INNER] > 0
    terms = np.concatenate([values[:, :INNER] - present, values[:, INNER:]], 1).astype(np.float64)
    sizes = present.sum(1)
    numbers = np.empty(len(values), np.int64)
    for size in np.unique(sizes):
        rows = sizes == size
        numbers[rows] = (terms[rows] @ _orders(int(size))).min(1)
    return numbers


def unfold(numbers: Numbers) -> npt.NDArray[np.int8]:
    """The cells ``(B, 26)`` of numbers ``(B,)``."""
    edges = (numbers[:, None] // _LABELS & _BIT) > 0
    there = np.stack([edges[:, [vertex in edge for edge in EDGES]].any(1) for vertex in range(1, INNER + 1)], 1)
    nodes = there * (1 + numbers[:, None] // _DIGIT % 3)
    return np.concatenate([nodes, edges], 1).astype(np.int8)


@lru_cache
def catalogue() -> Numbers:
    """The canonical numbers of all cells of the space ``(423624,)``, by size and then ascending."""
    return kept("nasbench101-catalogue", (), (__name__,), _catalogue)


def _catalogue() -> Numbers:
    found = []
    for size in range(INNER + 1):
        graphs = _graphs(size)
        orders = _orders(size)
        labels = np.array(list(product(range(3), repeat=size))) @ orders[:size]  # (labellings, orders)
        # The orders that leave a graph as it is decide which of its labellings are the same.
        same = _edges(graphs) @ orders[INNER:] == graphs[:, None] * _LABELS
        groups, member = np.unique(same, axis=0, return_inverse=True)
        first = [labels[labels[:, group].min(1) == labels[:, 0], 0] for group in groups]
        found += [graph * _LABELS + first[g].astype(np.int64) for graph, g in zip(graphs, member.ravel(), strict=True)]
    return np.concatenate(found)


def legal(values: npt.NDArray[np.integer], variables: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Which types ``variables (B,)`` of partly masked cells ``(B, 26)`` may take: ``(B, 4)``.

    A type is legal if some graph of the catalogue has it and all that is not masked (masks are 4 for a vertex, 2 for
    an edge). Where nothing fits any more, everything is legal.
    """
    having = _having()
    state = np.concatenate([np.minimum(values[:, :INNER], 1) + (values[:, :INNER] == 4), values[:, INNER:]], 1)
    fitting = having[0][state[:, 0]]
    for variable in range(1, state.shape[1]):
        fitting &= having[variable][state[:, variable]]
    fitting[~fitting.any(1)] = having[0, 2]
    result = np.zeros((len(state), 4), bool)
    for kind in (0, 1):
        result[:, kind] = (fitting & having[variables, kind]).any(1)
    result[:, 2:] = result[:, 1:2] & (variables < INNER)[:, None]
    return result


@lru_cache
def _having() -> npt.NDArray[np.uint64]:
    """Sets of graphs as bits ``(26, 3, words)``: those where a variable is 0, those where it is not, all."""
    return kept("nasbench101-legal", (), (__name__,), _sets)


def _sets() -> npt.NDArray[np.uint64]:
    graphs = np.concatenate([_graphs(size) for size in range(INNER + 1)])
    there = unfold(graphs * _LABELS).T > 0
    sets = np.stack([~there, there, np.ones_like(there)], 1)
    padded = np.pad(sets, ((0, 0), (0, 0), (0, -len(graphs) % 64)))
    return np.packbits(padded, axis=-1, bitorder="little").view(np.uint64)


@lru_cache
def _graphs(size: int) -> Numbers:
    """Edge bits of all graphs with ``size`` inner vertices in canonical order, whatever the operations; ascending."""
    graphs = [(0, 0)]  # edge bits and the vertices that an edge leaves
    for vertex in range(1, size + 1):
        graphs = [
            (bits | sources << _first(vertex), left | sources)
            for bits, left in graphs
            for sources in range(1, 1 << vertex)
        ]
    everyone = (1 << (size + 1)) - 1
    whole = np.array(
        [
            bits | sources << _first(OUTPUT)
            for bits, left in graphs
            for sources in range(1, everyone + 1)
            if sources | left == everyone and bits.bit_count() + sources.bit_count() <= MOST_EDGES
        ]
    )
    return np.sort(whole[(_edges(whole) @ _orders(size)[INNER:]).min(1) == whole * _LABELS])


def _first(vertex: int) -> int:
    """The place of the bit of the edge from the input to ``vertex``."""
    return vertex * (vertex - 1) // 2


def _edges(graphs: Numbers) -> npt.NDArray[np.float64]:
    return ((graphs[:, None] & _BIT) > 0).astype(np.float64)


@cache
def _best_orders(size: int, edges: Values) -> tuple[Values, tuple[Values, ...]]:
    """The edges of a graph in canonical order, and the inner vertices in every order that gives them."""
    numbers = np.array(edges, np.float64) @ _orders(size)[INNER:]
    smallest = numbers.min()
    fitting = zip(permutations(range(1, size + 1)), numbers == smallest, strict=True)
    inverse = [tuple(place.index(vertex) + 1 for vertex in range(1, size + 1)) for place, fits in fitting if fits]
    return tuple(unfold(np.array([int(smallest)]))[0, INNER:].tolist()), tuple(inverse)


@lru_cache
def _orders(size: int) -> npt.NDArray[np.float64]:
    """What each value of a cell adds to its number under each order of its inner vertices ``(26, orders)``."""
    weights = []
    for order in permutations(range(1, size + 1)):
        place = {0: 0, OUTPUT: OUTPUT} | dict(enumerate(order, 1)) | {v: v for v in range(size + 1, OUTPUT)}
        digits = [float(_DIGIT[place[vertex] - 1]) for vertex in range(1, INNER + 1)]
        edges = [
            _LABELS * float(1 << (place[i] + _first(place[j]))) if place[i] < place[j] else _WRONG_WAY for i, j in EDGES
        ]
        weights.append(digits + edges)
    return np.array(weights).T
