"""The free variables of a layout as a flat vector, on which kernels and samplers act, and the graph it stands for."""

from __future__ import annotations

import numpy as np

from dinas_cli.spaces.shared.protocol import Layout


class Variables:
    """The free variables of a :class:`Layout` as one vector ``(B, V)`` int64: nodes first, then edges.

    A variable ``v`` takes the types ``0 .. choices[v] - 1``; ``choices[v]`` itself is its mask token.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.choices = np.array(layout.choices, np.int64)
        self.size = layout.size
        self.width = max(layout.choices)
        """Largest number of types ``W``: logits are ``(B, V, W)``, padded with -inf."""
        self.padding = np.arange(self.width) >= self.choices[:, None]
        """``(V, W)`` bool, true where a variable has no such type."""
        self.vocabulary = np.full(
            (len(layout.free_nodes), 1 + max(map(len, layout.vocabulary), default=1)), layout.free_types
        )
        """``(F, ·)``, by free node the types that its values stand for; behind these the one that means masked."""
        for place, types in enumerate(layout.vocabulary):
            self.vocabulary[place, : len(types)] = types
        self.columns = self.vocabulary[:, :-1].clip(max=layout.free_types - 1) if layout.vocabularies else None
        """Where the logits of values stand among those of all types ``(F, ·)``; None: where they are."""
        fixed = {(start, end): kind for start, end, kind in layout.fixed_edges}
        self.pairs = tuple(sorted([*layout.free_edges, *fixed], key=lambda pair: (pair[1], pair[0])))
        """The ``P`` pairs of nodes that may have an edge, by their end."""
        places = {pair: place for place, pair in enumerate(self.pairs)}
        self.free_nodes = np.array(layout.free_nodes, np.int64)
        self.free_pairs = np.array([places[edge] for edge in layout.free_edges], np.int64)
        """Where the free edges stand among :attr:`pairs`."""
        self._nodes = np.array(layout.nodes, np.int64)
        self._edges = np.array([fixed.get(pair, 0) for pair in self.pairs], np.int64)

    def masked(self, batch: int) -> np.ndarray:
        """``(B, V)`` of mask tokens: the state in which sampling starts."""
        return np.tile(self.choices, (batch, 1))

    def types(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """``(B, V)`` -> types of all nodes ``(N, B)`` and of all pairs ``(P, B)``, the constant ones filled in."""
        split = len(self.free_nodes)
        nodes = np.repeat(self._nodes[:, None], len(values), 1)
        edges = np.repeat(self._edges[:, None], len(values), 1)
        nodes[self.free_nodes] = np.take_along_axis(self.vocabulary, values[:, :split].T, 1)
        edges[self.free_pairs] = values[:, split:].T
        return nodes, edges


def distinct(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different rows ``(S, V)`` of ``values (B, V)``, and which of them every row is ``(B,)``."""
    order = np.lexsort(values.T)
    rows = values[order]
    new = np.ones(len(rows), bool)
    new[1:] = (rows[1:] != rows[:-1]).any(1)
    place = np.empty(len(rows), np.int64)
    place[order] = new.cumsum() - 1
    return rows[new], place
