"""What an architecture looks like, as numbers: the surrogate's inputs, counts, path lengths, degrees, size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.diffusion.variables import Variables

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

COSTS = ("params", "macs")


class Descriptors:
    """Descriptors ``(B, F)`` of architectures, of unit mean square over the space's reference.

    Half of that is the inputs of the space's surrogate, which know its operations by their places, half is
    :func:`shape` and the logarithms of :data:`COSTS`, from which few labels say more.
    """

    def __init__(self, space: Space, dataset: str | None) -> None:
        self.space, self.dataset = space, dataset
        self._variables = Variables(space.layout)
        reference = space.reference()
        self._scales = [_Scale(block) for block in self._blocks(reference)]

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Descriptors ``(B, F)`` float32 of architectures ``(B, V)``."""
        blocks = zip(self._scales, self._blocks(values), strict=True)
        found = np.concatenate([scale(block) for scale, block in blocks], 1) / np.sqrt(len(self._scales))
        return found.astype(np.float32)

    def _blocks(self, values: np.ndarray) -> list[np.ndarray]:
        costs = [metric for metric in COSTS if metric in self.space.closed_forms]
        sizes = [np.log1p(self.space.closed_form(metric, values, self.dataset))[:, None] for metric in costs]
        return [
            np.asarray(self.space.features(values), float),
            np.concatenate([shape(self._variables, values), *sizes], 1),
        ]


class _Scale:
    """Centres columns and divides them by their deviations; what is constant in the reference is left out."""

    def __init__(self, reference: np.ndarray) -> None:
        deviation = reference.std(0)
        self._kept = deviation > 1e-9
        self._mean = reference.mean(0)[self._kept]
        self._spread = deviation[self._kept] * np.sqrt(max(self._kept.sum(), 1))

    def __call__(self, block: np.ndarray) -> np.ndarray:
        return np.asarray((block[:, self._kept] - self._mean) / self._spread)


def shape(variables: Variables, values: np.ndarray) -> np.ndarray:
    """Counts of types, and each node's longest and shortest path from an input, degrees and number of paths ``(B, S)``.

    Any edge type but 0 counts as an edge.
    """
    layout = variables.layout
    nodes, pairs = variables.types(np.asarray(values, np.int64))
    size, free = len(layout.nodes), list(layout.free_nodes)
    edges = np.zeros((size, size, len(values)), bool)
    for place, (start, end) in enumerate(variables.pairs):
        edges[start, end] = pairs[place] > 0
    into, out_of = edges.sum(0), edges.sum(1)
    longest, shortest, paths = np.zeros((3, size, len(values)))
    for node in range(size):
        first, before = into[node] == 0, edges[:, node]
        longest[node] = np.where(first, 0, np.where(before, longest, -1).max(0) + 1)
        shortest[node] = np.where(first, 0, np.where(before, shortest, size).min(0) + 1)
        paths[node] = np.where(first, 1, (before * paths).sum(0))
    counts = [(nodes[free] == kind).sum(0) for kind in range(len(layout.node_types))] if free else []
    counts += [(pairs[variables.free_pairs] == kind).sum(0) for kind in range(len(layout.edge_types))]
    return np.stack([*counts, *longest, *shortest, *into, *out_of, *np.log1p(paths)], 1).astype(float)
