"""Cells of four nodes that sum their inputs, with an operation on each of six edges: what they compute.

Such cells are those of NAS-Bench-201 and of the micro space of TransNAS-Bench-101. A cell is given by the names of its
six operations, ordered as :data:`EDGES`; two names have a meaning here: ``none`` and ``skip_connect``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dinas_cli.spaces.shared.protocol import Sketch

if TYPE_CHECKING:
    import numpy as np

EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
"""A node is complete before any edge leaves it: edges are ordered by target."""


def every(operations: int) -> np.ndarray:
    """All cells ``(operations ** 6, 6)`` int8, in the order of ``sum(op_i * operations ** i)``."""
    import numpy as np

    keys = np.arange(operations ** len(EDGES))
    return np.stack([keys // operations**i % operations for i in range(len(EDGES))], 1).astype(np.int8)


def random(operations: int, count: int, seed: int) -> np.ndarray:
    """Uniformly random cells ``(count, 6)`` int8."""
    import numpy as np

    return np.random.default_rng(seed).integers(operations, size=(count, len(EDGES)), dtype=np.int8)


def sketch(labels: Sequence[tuple[str, str]], values: Sequence[int]) -> tuple[Sketch, ...]:
    """A drawing: four nodes, and on edges their operations, whose text and kind are ``labels``; 0 is no operation."""
    nodes = (("in", "input"), ("1", "sum"), ("2", "sum"), ("out", "output"))
    drawn = zip(values, EDGES, strict=True)
    return (Sketch("cell", nodes, tuple((i, j, *labels[value]) for value, (i, j) in drawn if value)),)


def exchanged(values: Sequence[int]) -> list[tuple[int, ...]]:
    """The cell with its inner nodes exchanged, where neither feeds the other."""
    to_1, to_2, between, from_0, from_1, from_2 = values
    return [] if between else [(to_2, to_1, 0, from_0, from_2, from_1)]


def structure(cell: Sequence[str]) -> str:
    """What a cell computes, as a sum of nested terms; empty when nothing reaches the output.

    ``none`` and what it starves is left out, and so is what does not reach the output; skip connections are folded
    away; sums are flat and unordered. A term that is added twice is written twice.
    """
    nodes: list[list[str]] = [["x"], [], [], []]
    for operation, (i, j) in zip(cell, EDGES, strict=True):
        if operation == "skip_connect":
            nodes[j] += nodes[i]
        elif operation != "none" and nodes[i]:
            nodes[j].append(f"{operation}({'+'.join(sorted(nodes[i]))})")
    return "+".join(sorted(nodes[3]))


def official_structure(cell: Sequence[str]) -> str:
    """The unique-structure string of NAS-Bench-201's library (zeros considered); 6,466 of them differ there.

    It keeps zeros as terms, so cells that differ only in where a zero arrives count as different.
    """
    operations = dict(zip(EDGES, cell, strict=True))
    nodes = ["0"]
    for j in (1, 2, 3):
        terms = []
        for i in range(j):
            operation = operations[i, j]
            if operation == "none" or nodes[i] == "#":
                terms.append("#")
            else:
                terms.append(nodes[i] if operation == "skip_connect" else f"({nodes[i]})@{operation}")
        nodes.append("+".join(sorted(terms)))
    return nodes[3]


def live_operations(values: np.ndarray) -> np.ndarray:
    """Cells ``(B, 6)`` with every edge that is starved of input or does not lead to the output set to 0, ``none``."""
    import numpy as np

    cells = np.asarray(values)
    fed = np.zeros((len(cells), 4), bool)
    fed[:, 0] = True
    for e, (i, j) in enumerate(EDGES):
        fed[:, j] |= (cells[:, e] != 0) & fed[:, i]
    return np.where(fed[:, [i for i, _ in EDGES]], leading_operations(cells), 0)


def leading_operations(values: np.ndarray) -> np.ndarray:
    """Cells ``(B, 6)`` with every edge that does not lead to the output set to 0, which is ``none``."""
    import numpy as np

    cells = np.asarray(values)
    used = np.zeros((len(cells), 4), bool)
    used[:, 3] = True
    for e, (i, j) in reversed(list(enumerate(EDGES))):
        used[:, i] |= (cells[:, e] != 0) & used[:, j]
    return np.where(used[:, [j for _, j in EDGES]], cells, 0)
