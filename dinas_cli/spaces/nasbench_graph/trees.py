"""The trees of operations that NAS-Bench-Graph measured: which of them count as one, and what may follow a part of one.

An architecture has four operations. Each takes the input or the output of one earlier operation; its *link* is 0 for
the input, otherwise the number of that operation, counted from 1. What no other operation takes goes to the output.
There are nine such trees, :data:`LINKS`; the benchmark numbers an architecture by its tree and its operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import permutations
from operator import index
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError

if TYPE_CHECKING:
    import numpy as np

OPERATIONS = ("gat", "gcn", "gin", "cheb", "sage", "arma", "graph", "fc", "skip")
SKIP = OPERATIONS.index("skip")
LINKS = (
    (0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 1), (0, 0, 1, 2), (0, 0, 1, 3),
    (0, 1, 1, 1), (0, 1, 1, 2), (0, 1, 2, 2), (0, 1, 2, 3),
)  # fmt: skip
"""Links of the nine trees, as and in the order in which the benchmark writes them."""
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""Where an operation (from 0) can take its input from another one, ordered by the one that takes it."""
ROWS = 26_206
NODES = 4

Tree = tuple[tuple[int, ...], tuple[int, ...]]
"""Links and operation numbers, four of each."""


def canonical(tree: Tree) -> Tree:
    """The form in which the benchmark measured an architecture; raise :class:`GenotypeError` if all are skips.

    A skip that others take, a skip of the input and the only taker of an operation if it is a skip change nothing (or
    count as changing nothing), so they move between the input and all else. What remains is written as one of
    :data:`LINKS`, with the lowest operations first among operations in equal places.
    """
    return tree if _plain_number(tree) in _numbers() else _canonical(tree)


def number(tree: Tree) -> int:
    """The benchmark's own number of an architecture, 0 to 88,887: the digit of its tree, then one per operation."""
    return _plain_number(canonical(tree))


def tree_of(number: int) -> Tree:
    """The architecture as written by five digits; raise :class:`GenotypeError` where none is."""
    digits = tuple(map(int, f"{number:05d}"))
    if len(digits) != NODES + 1 or max(digits) > SKIP:
        raise GenotypeError(f"{number} numbers no architecture: five digits from 0 to {SKIP}, the tree's first")
    return LINKS[digits[0]], digits[1:]


def to_values(tree: Tree) -> tuple[int, ...]:
    """Operations and :data:`EDGES` (0 none, 1 link) ``(10,)``."""
    links, operations = tree
    return *operations, *(int(links[j] == i + 1) for i, j in EDGES)


def from_values(values: Iterable[int]) -> Tree:
    """The inverse of :func:`to_values`; raise :class:`GenotypeError` naming the rule that the values break."""
    cell = tuple(map(index, values))
    operations, edges = cell[:NODES], cell[NODES:]
    if len(edges) != len(EDGES) or not all(0 <= op <= SKIP for op in operations) or not set(edges) <= {0, 1}:
        raise GenotypeError(f"{cell} is no nasbench-graph architecture: 4 operations from 0 to 8, 6 links 0 or 1")
    links = [0] * NODES
    for (i, j), linked in zip(EDGES, edges, strict=True):
        if linked and links[j]:
            raise GenotypeError(f"operation {j + 1} takes input from both {links[j]} and {i + 1}, not from one")
        links[j] += (i + 1) * linked
    return tuple(links), operations


@lru_cache
def rows() -> np.ndarray:
    """Every architecture ``(26206, 10)`` int8 in the order of its number; do not write to it."""
    import numpy as np

    trees, *operations = _measured().nonzero()
    edges = np.array([to_values((links, (0,) * NODES))[NODES:] for links in LINKS])
    values = np.concatenate([np.stack(operations, 1), edges[trees]], 1).astype(np.int8)
    values.flags.writeable = False
    return values


def numbers() -> np.ndarray:
    """The benchmark's number of each of :func:`rows`, ``(26206,)`` ascending."""
    import numpy as np

    return np.argwhere(_measured()) @ 10 ** np.arange(NODES, -1, -1)


def legal(values: np.ndarray, variables: np.ndarray) -> np.ndarray:
    """What one variable of each row may be so that the rest can be completed to one of :func:`rows`: ``(B, 9)`` bool.

    Exact: an architecture exists for every type that is true, whatever the masked variables (9 for an operation, 2 for
    a link) hold, and for no other.
    """
    import numpy as np

    cells, types, links = values.astype(np.int64), np.arange(SKIP + 1), variables >= NODES
    changes = np.where(links[:, None], np.minimum(types, 1), types)
    changes -= np.take_along_axis(cells, variables[:, None], 1)
    # The states that completions are told of, with the variable changed to each of its types.
    operations = 10 ** np.arange(NODES)[::-1], np.zeros(len(EDGES), np.int64)
    edges = np.zeros(NODES, np.int64), 3 ** np.arange(len(EDGES))[::-1]
    weights = np.stack([np.concatenate(operations), np.concatenate(edges)], 1)
    states = (cells @ weights)[:, :, None] + weights[variables, :, None] * changes[:, None]
    by_operations, by_edges = _completions()
    result: np.ndarray = by_operations[states[:, 0]] & by_edges[states[:, 1]] > 0
    result[links, 2:] = False
    return result


def _plain_number(tree: Tree) -> int:
    links, operations = tree
    if links not in LINKS:
        return -1
    return int("".join(map(str, (LINKS.index(links), *operations))))


@lru_cache
def _numbers() -> frozenset[int]:
    return frozenset(numbers().tolist())


@lru_cache(maxsize=1 << 16)
def _canonical(tree: Tree) -> Tree:
    links, operations = _skips_first(tree)
    found = []
    for order in permutations(range(NODES)):
        moved = _moved(links, order)
        if moved in LINKS:
            found.append((moved, tuple(operations[node] for node in order)))
    return min(found)


def _moved(links: tuple[int, ...], order: tuple[int, ...]) -> tuple[int, ...]:
    """The links of the same tree whose operations are listed in another order."""
    places = {0: 0} | {node + 1: place for place, node in enumerate(order, 1)}
    return tuple(places[links[node]] for node in order)


def _skips_first(tree: Tree) -> Tree:
    """Take out skips that count for nothing and put as many between the input and what is left."""
    links, operations = dict(enumerate(tree[0], 1)), dict(enumerate(tree[1], 1))
    skips = [node for node, operation in operations.items() if operation == SKIP]

    def take_out(node: int) -> None:
        source = links.pop(node)
        links.update({taker: source for taker, link in links.items() if link == node})

    for node in skips:
        if node in links.values():
            take_out(node)
    for node in set(skips) & set(links):
        if links[node] == 0 or list(links.values()).count(links[node]) == 1:
            take_out(node)
    if not links:
        raise GenotypeError("all that reaches the output are skips; at least one operation must be something else")
    first = NODES - len(links)
    places = {0: first} | {node: place for place, node in enumerate(links, first + 1)}
    return (
        (*range(first), *(places[link] for link in links.values())),
        (*[SKIP] * first, *(operations[node] for node in links)),
    )


@lru_cache
def _measured() -> np.ndarray:
    """Which combinations are canonical: ``(tree, operation, operation, operation, operation)`` bool."""
    import numpy as np

    operations = np.indices((SKIP + 1,) * NODES)
    weights = (SKIP + 1) ** np.arange(NODES)[::-1]
    skip = operations == SKIP
    result = np.empty((len(LINKS), *skip.shape[1:]), bool)
    for tree, links in enumerate(LINKS):
        result[tree] = ~skip.all(0)
        first, raw = [np.True_], [np.True_]  # by link: only skips that have no other taker, only skips, up to the input
        for node, link in enumerate(links):
            alone = links.count(link) == 1
            first.append(skip[node] & first[link] & alone)
            raw.append(skip[node] & raw[link])
            taken = node + 1 in links
            result[tree] &= ~skip[node] | first[-1] | (~raw[-1] & (not taken and not alone))
        for order in permutations(range(NODES)):
            if _moved(links, order) == links:
                result[tree] &= np.tensordot(weights, operations - operations[list(order)], 1) <= 0
    return result


@lru_cache
def _completions() -> tuple[np.ndarray, np.ndarray]:
    """The trees, as bits, that agree with partly masked operations ``(10**4,)`` and partly masked links ``(3**6,)``.

    States are numbers whose digits are the variables, the highest digit being the mask token.
    """
    import numpy as np

    bits = 1 << np.arange(len(LINKS))
    known = _measured()
    for axis in range(1, NODES + 1):
        known = np.concatenate([known, known.any(axis, keepdims=True)], axis)
    edges = np.array([to_values((links, (0,) * NODES))[NODES:] for links in LINKS])
    states = np.indices((3,) * len(EDGES)).reshape(len(EDGES), -1).T[:, None]
    return np.tensordot(bits, known, 1).ravel(), ((states == 2) | (states == edges)).all(2) @ bits
