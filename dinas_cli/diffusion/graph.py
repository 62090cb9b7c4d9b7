"""Batches of directed typed graphs, and the flat vector of their free variables on which kernels and samplers act."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dinas_cli.spaces.shared.protocol import Layout


@dataclass(frozen=True)
class GraphBatch:
    """``B`` graphs in topological order: node types, upper-triangular edge types and which nodes exist."""

    X: Tensor
    """Node types ``(B, N)`` int64; type ``K`` is the mask token."""
    E: Tensor
    """Edge types ``(B, N, N)`` int64, zero on and below the diagonal; type ``M`` is the mask token."""
    mask: Tensor
    """``(B, N)`` bool."""


class Variables:
    """The free variables of a :class:`Layout` as one vector ``(B, V)``: nodes first, then edges.

    A variable ``v`` takes the types ``0 .. choices[v] - 1``; ``choices[v]`` itself is its mask token.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.choices = torch.tensor(layout.choices)
        self.size = layout.size
        self.width = max(layout.choices)
        """Largest number of types ``W``: logits are ``(B, V, W)``, padded with -inf."""
        self.padding = torch.arange(self.width) >= self.choices[:, None]
        """``(V, W)`` bool, true where a variable has no such type."""

    def to_graph(self, values: Tensor) -> GraphBatch:
        """``(B, V)`` -> graphs with the constant parts filled in."""
        layout, nodes = self.layout, len(self.layout.nodes)
        split = len(layout.free_nodes)
        x = torch.tensor(layout.nodes).expand(len(values), nodes).clone()
        if split:
            x[:, list(layout.free_nodes)] = values[:, :split]
        e = values.new_zeros(len(values), nodes, nodes)
        for start, end, kind in layout.fixed_edges:
            e[:, start, end] = kind
        if layout.free_edges:
            starts, ends = zip(*layout.free_edges, strict=True)
            e[:, starts, ends] = values[:, split:]
        return GraphBatch(x, e, torch.ones_like(x, dtype=torch.bool))

    def from_graph(self, graphs: GraphBatch) -> Tensor:
        """Graphs -> ``(B, V)``; the inverse of :meth:`to_graph`."""
        layout = self.layout
        start, end = zip(*layout.free_edges, strict=True) if layout.free_edges else ((), ())
        return torch.cat([graphs.X[:, list(layout.free_nodes)], graphs.E[:, start, end]], 1)

    def masked(self, batch: int) -> Tensor:
        """``(B, V)`` of mask tokens: the state in which sampling starts."""
        return self.choices.expand(batch, self.size).clone()
