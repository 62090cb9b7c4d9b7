"""NAS-Bench-101 cells as tuples of numbers: their rules, pruning, and the benchmark's module hash.

A cell's values are five inner vertices (0 absent, 1 to 3 an operation) and the 21 possible edges among input (0),
inner vertices (1 to 5) and output (6), row by row. A cell of fewer inner vertices has the last of them absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import md5
from itertools import combinations
from operator import index

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared.protocol import Values

OPERATIONS = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")
INNER, OUTPUT = 5, 6
MOST_EDGES = 9
CLASSES, CHANNELS, CELLS_PER_STACK, IMAGE_SIZE = 10, 128, 3, 32
"""Of the network that the benchmark put its cells into."""
EDGES = tuple(combinations(range(OUTPUT + 1), 2))

Edge = tuple[int, int]


def checked(values: Iterable[int]) -> Values:
    """The values of a cell of the space; raise :class:`GenotypeError` naming the rule they break."""
    cell = tuple(map(index, values))
    nodes, flags = cell[:INNER], cell[INNER:]
    if len(cell) != INNER + len(EDGES) or not set(nodes) <= {0, 1, 2, 3} or not set(flags) <= {0, 1}:
        raise GenotypeError(
            f"{shorten(cell)} is no nasbench101 cell: {INNER} vertices from 0 to 3, {len(EDGES)} edges 0 or 1"
        )
    size = INNER - nodes.count(0)
    if 0 in nodes[:size]:
        raise GenotypeError("a nasbench101 cell's absent vertices must be the last ones before the output")
    edges = edges_of(cell)
    present = {*range(size + 1), OUTPUT}
    for i, j in edges:
        if i not in present or j not in present:
            raise GenotypeError(f"edge {i}-{j} of a nasbench101 cell ends at an absent vertex")
    check_size(size + 2, len(edges))
    starts, ends = {i for i, _ in edges}, {j for _, j in edges}
    for vertex in sorted(present):
        if (vertex != OUTPUT and vertex not in starts) or (vertex and vertex not in ends):
            raise GenotypeError(f"vertex {vertex} of a nasbench101 cell is on no path from input to output")
    return cell


def check_size(vertices: int, edges: int) -> None:
    """Raise :class:`GenotypeError` for a cell with more vertices or edges than the space allows."""
    if vertices > INNER + 2:
        raise GenotypeError(f"the cell has {vertices} vertices, nasbench101 allows {INNER + 2}")
    if edges > MOST_EDGES:
        raise GenotypeError(f"the cell has {edges} edges, nasbench101 allows {MOST_EDGES}")


def edges_of(values: Sequence[int]) -> list[Edge]:
    """The edges that are there, row by row."""
    return [edge for edge, there in zip(EDGES, values[INNER:], strict=True) if there]


def compact(values: Sequence[int]) -> tuple[list[int], list[Edge]]:
    """Operation numbers (0 to 2) of the vertices that are there, and the edges with the output renumbered to follow."""
    operations = [value - 1 for value in values[:INNER] if value]
    last = len(operations) + 1
    return operations, [(i, min(j, last)) for i, j in edges_of(values)]


def pruned(operations: Sequence[int], edges: Iterable[Edge]) -> Values:
    """The values of a cell of any size whose useless vertices are left out, as the benchmark's library does.

    ``operations`` (0 to 2) belong to the inner vertices; input is vertex 0, output the one after the last inner one;
    edges run from lower to higher vertices. Raises :class:`GenotypeError` when nothing reaches the output or what
    remains is too large for the space.
    """
    last = len(operations) + 1
    pairs = sorted(edges)
    fed, used = {0}, {last}
    for i, j in pairs:  # in this order every start is complete before an edge leaves it
        if i in fed:
            fed.add(j)
    for i, j in reversed(pairs):
        if j in used:
            used.add(i)
    kept = sorted(fed & used)
    if last not in kept or 0 not in kept:
        raise GenotypeError("no path leads from the cell's input to its output")
    number = {vertex: place for place, vertex in enumerate(kept)} | {last: OUTPUT}
    left = {(number[i], number[j]) for i, j in pairs if i in number and j in number}
    check_size(len(kept), len(left))
    nodes = [1 + operations[vertex - 1] for vertex in kept[1:-1]]
    return (*nodes, *[0] * (INNER - len(nodes)), *(int(edge in left) for edge in EDGES))


def module_hash(values: Sequence[int]) -> str:
    """The benchmark's own hash of a valid cell, equal exactly for isomorphic cells: 32 hex digits.

    Every vertex starts with a hash of its out-degree, in-degree and label and is hashed again with the sorted hashes
    of its in- and out-neighbours, once per vertex of the cell (Ying et al., ICML 2019, section 2 and appendix).
    """
    operations, edges = compact(values)
    labels = [-1, *operations, -2]
    into: list[list[int]] = [[] for _ in labels]
    out: list[list[int]] = [[] for _ in labels]
    for i, j in edges:
        into[j].append(i)
        out[i].append(j)
    hashes = [_md5(str((len(out[v]), len(into[v]), label))) for v, label in enumerate(labels)]
    for _ in labels:
        hashes = [
            _md5(
                "".join(sorted([hashes[w] for w in into[v]]))
                + "|"
                + "".join(sorted([hashes[w] for w in out[v]]))
                + "|"
                + own
            )
            for v, own in enumerate(hashes)
        ]
    return _md5(str(sorted(hashes)))


def shorten(values: object) -> str:
    """Values of unknown origin for an error message."""
    text = str(values)
    return text if len(text) <= 80 else text[:77] + "..."


def _md5(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
