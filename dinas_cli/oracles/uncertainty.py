"""What predictions lose with the distance from the labels.

Networks go on with a trend where labels end, and ensembles of them do so together, so that their disagreement says
nothing there. What does say something is how far an architecture's numbers of operations are beyond those of
the labelled ones, and how fast errors grew with each of these numbers when far labels were predicted from near ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Layout, Space

MIDDLE = 0.02, 0.98
"""Quantiles of a number of operations between which an architecture counts as among the labels."""
FAR = 0.999
"""Share of the labels whose doubt an architecture outside them exceeds."""


class Surroundings:
    """Where the labels of one training are, in ``k`` numbers of operations, and what that means for ``C`` columns."""

    def __init__(self, space: Space, tensors: Mapping[str, np.ndarray], columns: int) -> None:
        """``tensors`` are those of a surrogate's file; one that keeps no distances has no doubts."""
        self._space, self._columns = space, columns
        self._known = "labels.edges" in tensors
        if self._known:
            self._edges, self._growth, self._far = (tensors[f"labels.{name}"] for name in ("edges", "growth", "far"))

    def doubts(self, values: np.ndarray) -> np.ndarray:
        """Deviations ``(B, C)``, in scores, of predictions for ``(B, V)`` from how far these are from the labels.

        They grow in proportion to the distance: the root of what is squared for every number of operations.
        """
        if not self._known:
            return np.zeros((len(values), self._columns))
        return np.asarray(np.sqrt(reach(amounts(self._space, values), self._edges) ** 2 @ self._growth.T**2))

    def outside(self, doubts: np.ndarray) -> np.ndarray:
        """Which of the ``doubts (B, C)`` are beyond those about :data:`FAR` of the labels: ``(B, C)`` bool."""
        return doubts > self._far if self._known else np.zeros(doubts.shape, bool)


def amounts(space: Space, values: np.ndarray) -> np.ndarray:
    """How many nodes and edges of each type architectures ``(B, V)`` have, and their operators: ``(B, k)`` float32."""
    layout, cells = space.layout, np.asarray(values)
    nodes, edges = np.split(cells, [len(layout.free_nodes)], 1)
    counted = [_standing_for(kind, layout, nodes) for kind in range(layout.free_types if layout.free_nodes else 0)]
    counted += [(edges == kind).sum(1) for kind in range(len(layout.edge_types) if layout.free_edges else 0)]
    return np.concatenate([np.stack(counted, 1), *space.operators(cells)], 1).astype(np.float32)


def _standing_for(kind: int, layout: Layout, nodes: np.ndarray) -> np.ndarray:
    """How many free nodes' values ``(B, n)`` stand for one type: ``(B,)``."""
    has = [types.index(kind) if kind in types else -1 for types in layout.vocabulary]
    return (nodes == has).sum(1)


def edges(counted: np.ndarray) -> np.ndarray:
    """Where the middle of the labels ends in numbers ``(L, k)``: low and high ``(2, k)``."""
    return np.quantile(counted, MIDDLE, axis=0).astype(np.float32)


def reach(counted: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """How far numbers ``(B, k)`` are beyond the middle ``edge (2, k)`` of the labels: ``(B, k)``."""
    low, high = edge
    return np.maximum(np.maximum(counted - high, low - counted), 0)
