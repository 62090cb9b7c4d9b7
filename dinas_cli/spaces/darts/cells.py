"""DARTS cells as values: two cells of 14 typed edges, the rule that every node has two inputs, what makes cells equal.

A cell is also written as its four nodes, each two *inputs* ``(source, operation)``, in the order of their sources or in
that of a genotype; sources 0 and 1 are the outputs of the two cells before, 2 to 5 the nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import combinations, permutations
from operator import index
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared.written import form_of

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Values

OPERATIONS = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)
NONE, SKIP = 0, 3
KINDS = len(OPERATIONS) - 1
"""Operations an edge that is there can have."""
CELLS = ("normal", "reduce")
NODES = (2, 3, 4, 5)
EDGES: tuple[tuple[int, int], ...] = tuple((i, j) for j in NODES for i in range(j))
"""The edges ``(source, node)`` of one cell, by node."""
FIRST = {2: 0, 3: 2, 4: 5, 5: 9}
"""Where the edges into a node start."""
PAIRS = {j: tuple(combinations(range(j), 2)) for j in NODES}
"""The sources that a node can have: 1, 3, 6 and 10 pairs."""

Input = tuple[int, int]
"""Source and operation."""
Cell = tuple[tuple[Input, Input], ...]
"""The inputs of the four nodes."""


def checked(values: Iterable[int]) -> tuple[Cell, Cell]:
    """Both cells of 28 edge types; raise :class:`GenotypeError` naming the rule that they break."""
    given = tuple(map(index, values))
    if len(given) != 2 * len(EDGES) or not all(0 <= value < len(OPERATIONS) for value in given):
        raise GenotypeError(f"{given} is no pair of darts cells: it needs 2 x 14 edge types numbered 0 to {KINDS}")
    return _nodes(given[: len(EDGES)], "normal"), _nodes(given[len(EDGES) :], "reduction")


def as_written(values: Iterable[int]) -> tuple[Cell, Cell]:
    """Both cells of 28 edge types, inputs in the order of the genotype that they were read from.

    Networks name their modules in this order. Raises as :func:`checked`.
    """
    form: tuple[Cell, Cell] | None = form_of(values)
    return checked(values) if form is None else form


def _nodes(edges: Values, name: str) -> Cell:
    nodes = []
    for node in NODES:
        inputs = [(source, op) for source, op in enumerate(edges[FIRST[node] : FIRST[node] + node]) if op != NONE]
        if len(inputs) != 2:
            raise GenotypeError(
                f"node {node} of the {name} cell has {len(inputs)} inputs; every node of a darts cell has exactly two"
            )
        nodes.append((inputs[0], inputs[1]))
    return tuple(nodes)


def to_values(cells: Sequence[Cell]) -> Values:
    """The edge types of cells that are known to be valid; the order of the two inputs of a node does not matter."""
    edges = [NONE] * (len(EDGES) * len(cells))
    for place, cell in enumerate(cells):
        for node, inputs in zip(NODES, cell, strict=True):
            for source, operation in inputs:
                edges[place * len(EDGES) + FIRST[node] + source] = operation
    return tuple(edges)


def key(cells: Sequence[Cell]) -> int:
    """A number below ``(180 * 7**8) ** 2`` < 2**60 that is different for different edge types."""
    number = 0
    for cell in cells:
        for node, (first, second) in zip(NODES, cell, strict=True):
            number = number * len(PAIRS[node]) + PAIRS[node].index((first[0], second[0]))
            number = (number * KINDS + first[1] - 1) * KINDS + second[1] - 1
    return number


@lru_cache(maxsize=4096)
def canonical(cell: Cell) -> Cell:
    """The first, in the order of tuples, of the cells that differ in the numbers of their nodes alone.

    All nodes are concatenated into the output, so such a renumbering only permutes its channels.
    """
    numbered = list(zip(NODES, cell, strict=True))
    later = {(source, node) for node, inputs in numbered for source, _ in inputs if source >= NODES[0]}
    best = cell
    for new in _ORDERS:
        if all(new[source] < new[node] for source, node in later):
            renamed = list(cell)
            for node, ((one, first), (other, second)) in numbered:
                left, right = (new[one], first), (new[other], second)
                renamed[new[node] - NODES[0]] = (left, right) if left < right else (right, left)
            best = min(best, tuple(renamed))
    return best


_ORDERS = tuple((0, 1, *order) for order in permutations(NODES))
"""By old number the new one."""


def renumbered(cell: Cell) -> list[Cell]:
    """The cell with its nodes in every other order in which each comes after its inputs."""
    found = []
    for order in permutations(NODES):
        new = {0: 0, 1: 1, **dict(zip(NODES, order, strict=True))}
        nodes = {}
        for node, inputs in zip(NODES, cell, strict=True):
            first, second = sorted((new[source], operation) for source, operation in inputs)
            nodes[new[node]] = (first, second)
        if all(nodes[node][1][0] < node for node in NODES):
            found.append(tuple(nodes[node] for node in NODES))
    return found


def arrays(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sources and operations of the inputs of valid architectures ``(B, 28)``: two arrays ``(B, 2, 4, 2)`` int64.

    The axes are architecture, cell, node and input.
    """
    import numpy as np

    edges = np.asarray(values, np.int64).reshape(-1, 2, len(EDGES))
    sources = np.empty((len(edges), 2, len(NODES), 2), np.int64)
    for place, node in enumerate(NODES):
        there = edges[:, :, FIRST[node] : FIRST[node] + node] != NONE
        sources[:, :, place, 0] = there.argmax(-1)
        sources[:, :, place, 1] = node - 1 - there[:, :, ::-1].argmax(-1)
    starts = np.array([FIRST[node] for node in NODES])
    flat = (sources + starts[:, None]).reshape(len(edges), 2, -1)
    operations = np.take_along_axis(edges, flat, -1).reshape(sources.shape)
    return sources, operations


def draw(count: int, seed: int) -> np.ndarray:
    """Uniformly random genotypes ``(count, 28)`` int8: two sources per node, an operation for each."""
    import numpy as np

    random = np.random.default_rng(seed)
    values = np.zeros((count, 2, len(EDGES)), np.int8)
    operations = random.integers(1, len(OPERATIONS), size=(count, 2, len(NODES), 2), dtype=np.int8)
    for place, node in enumerate(NODES):
        pairs = np.array(PAIRS[node])[random.integers(len(PAIRS[node]), size=(count, 2))] + FIRST[node]
        np.put_along_axis(values, pairs, operations[:, :, place], -1)
    return values.reshape(count, -1)


def legal(values: np.ndarray, variables: np.ndarray) -> np.ndarray:
    """Types of edges ``variables (B,)`` that leave every node exactly two inputs: ``(B, 8)`` bool.

    An edge may be absent while enough others of the partly masked ``values (B, 28)`` are still open, and present while
    its node has fewer than two inputs.
    """
    import numpy as np

    edges = np.asarray(values)
    into = np.array([(cell, node) for cell in range(2) for _, node in EDGES]) @ (NODES[-1] + 1, 1)
    beside = into == into[variables, None]
    masked = edges == len(OPERATIONS)
    present = (beside & (edges != NONE) & ~masked).sum(1)
    allowed = np.empty((len(edges), len(OPERATIONS)), bool)
    allowed[:, NONE] = present + (beside & masked).sum(1) > 2
    allowed[:, 1:] = (present < 2)[:, None]
    return allowed
