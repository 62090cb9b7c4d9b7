"""How far architectures are from the labelled ones: what a prediction is worth depends on it.

Networks go on with a trend where labels end, and ensembles of them do so together, so that their disagreement tells
nothing there. What does tell is how far an architecture's numbers of operations are from those of the labelled ones:
the distance is the leverage it has in a regression on these numbers and their squares (its Mahalanobis distance in
them), which grows with the square of a number beyond the data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

RIDGE = 1e-3
"""Least variance a direction is taken to have: what no label has is far away, but not infinitely."""
FAR = 0.999
"""Share of the labels beyond whose distance an architecture is outside what was labelled."""


class Surroundings:
    """Where the labels of one training are, in numbers of operations: ``k`` numbers, ``2k`` with their squares."""

    def __init__(self, space: Space, tensors: Mapping[str, np.ndarray]) -> None:
        """``tensors`` are those of a surrogate's file; the ones from before distances were kept call nothing far."""
        self.space = space
        self.known = "labels.factor" in tensors
        """Whether there is anything to tell."""
        if self.known:
            self._mean, self._scale, self._centre, self._factor = (
                tensors[f"labels.{name}"] for name in ("mean", "scale", "centre", "factor")
            )
            self.near, self.far = tensors["labels.edges"].tolist()

    def distance(self, values: np.ndarray) -> np.ndarray:
        """Distances ``(B,)`` float32 of architectures ``(B, V)``; half of the labels have less than ``near``."""
        if not self.known:
            return np.zeros(len(values), np.float32)
        terms = _terms((amounts(self.space, values) - self._mean) / self._scale) - self._centre
        length: np.ndarray = np.linalg.norm(terms @ self._factor, axis=1).astype(np.float32)
        return length

    def reach(self, distance: np.ndarray) -> np.ndarray:
        """How far beyond the nearer half of the labels distances ``(B,)`` are: ``(B,)``, 0 among them."""
        return np.maximum(distance - self.near, 0) if self.known else np.zeros(len(distance))

    def outside(self, distance: np.ndarray) -> np.ndarray:
        """Which distances ``(B,)`` are beyond those of :data:`FAR` of the labels: ``(B,)`` bool."""
        return distance > self.far if self.known else np.zeros(len(distance), bool)


def amounts(space: Space, values: np.ndarray) -> np.ndarray:
    """How many nodes and edges of each type architectures ``(B, V)`` have, and their operators: ``(B, k)``."""
    layout, cells = space.layout, np.asarray(values)
    nodes, edges = np.split(cells, [len(layout.free_nodes)], 1)
    counted = [(nodes == kind).sum(1) for kind in range(layout.choices[0] if layout.free_nodes else 0)]
    counted += [(edges == kind).sum(1) for kind in range(len(layout.edge_types) if layout.free_edges else 0)]
    own = space.operators(cells)
    table = np.stack(counted, 1).astype(np.float32)
    return table if own is None else np.concatenate([table, own.astype(np.float32)], 1)


def surround(space: Space, values: np.ndarray) -> dict[str, np.ndarray]:
    """The tensors of :class:`Surroundings` for labelled architectures ``values (L, V)``."""
    counted = amounts(space, values)
    mean, spread = counted.mean(0), counted.std(0)
    scale = np.where(spread > 0, spread, 1).astype(np.float32)
    terms = _terms((counted - mean) / scale)
    centre = terms.mean(0)
    variance, directions = np.linalg.eigh(np.cov(terms.T, bias=True) + RIDGE * np.eye(len(centre)))
    tensors = {
        "labels.mean": mean,
        "labels.scale": scale,
        "labels.centre": centre,
        "labels.factor": (directions / np.sqrt(variance)).astype(np.float32),
        "labels.edges": np.zeros(2, np.float32),
    }
    distance = Surroundings(space, tensors).distance(values)
    tensors["labels.edges"] = np.quantile(distance, [0.5, FAR]).astype(np.float32)
    return tensors


def _terms(numbers: np.ndarray) -> np.ndarray:
    return np.concatenate([numbers, numbers**2], 1)
