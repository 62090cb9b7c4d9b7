"""What there is to draw of a DARTS cell: two inputs, four nodes that are concatenated, an operation on every edge."""

from __future__ import annotations

from dinas_cli.spaces.darts.cells import NODES, Cell
from dinas_cli.spaces.shared.protocol import Sketch

LABELS = (
    ("none", "other"),
    ("max 3×3", "pool"),
    ("avg 3×3", "pool"),
    ("skip", "skip"),
    ("sep 3×3", "conv"),
    ("sep 5×5", "conv"),
    ("dil 3×3", "conv"),
    ("dil 5×5", "conv"),
)
"""By operation type: its name and kind in drawings."""


def sketch(title: str, cell: Cell) -> Sketch:
    """The sketch of one cell."""
    inner = tuple((str(place), "sum") for place in range(len(NODES)))
    nodes = (("c{k-2}", "input"), ("c{k-1}", "input"), *inner, ("c{k}", "output"))
    edges = [(source, node, *LABELS[op]) for node, pair in zip(NODES, cell, strict=True) for source, op in pair]
    return Sketch(title, nodes, (*edges, *((node, len(nodes) - 1, "", "") for node in NODES)))
