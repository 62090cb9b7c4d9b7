"""One round of the denoiser's messages, with the FiLM layers that tell nodes and edges what is asked for.

States have the shape ``(N, D, B, width)``: ``N`` nodes or ``P`` pairs first, so that what belongs to one node lies in
one piece and conditions ``D`` and samples ``B`` broadcast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dinas_cli.diffusion.arrays import Linear, Mlp, Tensors, normalise, product, silu_of_double
from dinas_cli.diffusion.parameters import DenoiserConfig

Modulation = tuple[np.ndarray, np.ndarray]
"""Scale and shift ``(D, B, width)``."""


@dataclass(frozen=True)
class Film:
    """Layer normalisation whose scale and shift are read from the global state."""

    scale: Linear
    shift: Linear
    nodes: int
    """Width of node states; the rest is for edges."""

    @classmethod
    def read(cls, tensors: Tensors, name: str, config: DenoiserConfig) -> Film:
        """The one of that name."""
        n, e = config.nodes, config.edges
        both = Linear.read(tensors, f"{name}.read")
        scale, shift = np.r_[:n, 2 * n : 2 * n + e], np.r_[n : 2 * n, 2 * n + e : 2 * (n + e)]
        return cls(
            Linear(np.ascontiguousarray(both.weight[:, scale]), both.bias[scale] + 1),
            Linear(np.ascontiguousarray(both.weight[:, shift]), both.bias[shift]),
            n,
        )

    def __call__(self, g: np.ndarray) -> tuple[Modulation, Modulation]:
        """Global states ``(D, B, ·)`` -> what to do with node and with edge states."""
        g = silu_of_double(g / 2)
        scale, shift, split = self.scale(g), self.shift(g), self.nodes
        return (scale[..., :split], shift[..., :split]), (scale[..., split:], shift[..., split:])


def modulated(x: np.ndarray, by: Modulation) -> np.ndarray:
    """States ``(…, D, B, ·)``, normalised, scaled and shifted."""
    scale, shift = by
    out = normalise(x) * scale
    out += shift
    return out


@dataclass(frozen=True)
class Reading:
    """What a layer reads from the states before nodes and edges exchange messages."""

    qkv: np.ndarray
    """Queries, keys and values of the nodes ``(N, D, B, 3 nodes)``."""
    bias: np.ndarray
    """Bias of attention there and back for every head, of the edges ``(P, D, B, 2 heads)``."""
    message: np.ndarray
    """The edges' own part of the input of their update ``(P, D, B, 2 edges)``."""

    def picked(self, nodes: np.ndarray, edges: np.ndarray) -> Reading:
        """From a reading of all types as samples, that of samples with types ``nodes (N, B)`` and ``edges (P, B)``."""
        return Reading(pick(self.qkv, nodes), pick(self.bias, edges), pick(self.message, edges))


def pick(table: np.ndarray, types: np.ndarray) -> np.ndarray:
    """What belongs to every type at every place ``(N, D, K, ·)``, and types ``(N, B)`` -> ``(N, D, B, ·)``."""
    places, conditions, kinds, width = table.shape
    row = np.arange(places * conditions).reshape(places, conditions, 1) * kinds + types[:, None]
    return table.reshape(-1, width).take(row, 0)


@dataclass(frozen=True)
class Layer:
    """One round of messages: node attention biased by edges, edges from their ends, global state from the means."""

    film: Film
    qkv: Linear
    bias: Linear
    out: Linear
    node: Mlp
    edge_own: np.ndarray
    edge_start: Linear
    edge_end: np.ndarray
    edge_last: Linear
    """The update of the edges; the map before the nonlinearity in three parts, so that those of the nodes are computed
    once per node instead of once per pair."""
    glob_own: Linear
    glob_nodes: np.ndarray
    glob_edges: np.ndarray
    glob_last: Linear
    """The same for the global state."""
    pairs: np.ndarray
    """``(P, 2)``."""
    heads: int

    @classmethod
    def read(cls, tensors: Tensors, name: str, config: DenoiserConfig, pairs: np.ndarray) -> Layer:
        """The layer of that name, of a network with these pairs ``(P, 2)``."""
        n, e, g = config.nodes, config.edges, config.glob
        node = Mlp.read(tensors, f"{name}.node", 1)
        norm, glob_norm = (
            (tensors[f"{name}.{k}.weight"], tensors[f"{name}.{k}.bias"]) for k in ("node.0", "glob_norm")
        )
        edge, glob = Mlp.read(tensors, f"{name}.edge"), Mlp.read(tensors, f"{name}.glob")
        own, start, end = np.split(edge.first.weight, (e, e + n))
        from_glob, from_nodes, from_edges = np.split(glob.first.weight, (g, g + n))
        qkv = Linear.read(tensors, f"{name}.qkv")
        scale = np.repeat(np.array([(n // config.heads) ** -0.5, 1, 1], np.float32), n)
        return cls(
            film=Film.read(tensors, f"{name}.modulate", config),
            qkv=Linear(qkv.weight * scale, qkv.bias * scale),
            bias=Linear.read(tensors, f"{name}.bias"),
            out=Linear.read(tensors, f"{name}.out"),
            node=Mlp(node.first.after(*norm), node.last),
            edge_own=own,
            edge_start=Linear(start, edge.first.bias),
            edge_end=end,
            edge_last=edge.last,
            glob_own=Linear(from_glob, glob.first.bias).after(*glob_norm),
            glob_nodes=from_nodes / len(tensors["node_place"]),
            glob_edges=from_edges / max(len(pairs), 1),
            glob_last=glob.last,
            pairs=pairs,
            heads=config.heads,
        )

    def reading(self, h: np.ndarray, e: np.ndarray, g: np.ndarray) -> Reading:
        """Node ``(N, D, B, ·)``, edge ``(P, D, B, ·)`` and global ``(D, B, ·)`` states as this layer reads them."""
        nodes, edges = self.film(g)
        hn, en = modulated(h, nodes), modulated(e, edges)
        return Reading(self.qkv(hn), self.bias(en), product(en, self.edge_own))

    def __call__(
        self, h: np.ndarray, e: np.ndarray, g: np.ndarray, reading: Reading
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """States and what was read from them -> the next states. Alters ``reading``."""
        attended = self.out(self._attend(reading))
        attended += h
        h = attended
        update = self.node(normalise(h))
        update += h
        h = update
        start, end = self.pairs.T
        message = reading.message
        message += self.edge_start(h)[start]
        message += product(h, self.edge_end)[end]
        update = self.edge_last(silu_of_double(message))
        update += e
        e = update
        own = self.glob_own(normalise(g)) + h.sum(0) @ self.glob_nodes
        own += e.sum(0) @ self.glob_edges
        update = self.glob_last(silu_of_double(own))
        update += g
        return h, e, update

    def _attend(self, reading: Reading) -> np.ndarray:
        """The mean of the values ``(N, D, B, nodes)``, weighted by attention."""
        count, conditions, batch, width = reading.qkv.shape
        parts = reading.qkv.reshape(count, conditions, batch, 3, self.heads, width // 3 // self.heads)
        q, k, v = (parts[:, :, :, i].transpose(1, 2, 3, 0, 4) for i in range(3))
        # Softmax and biases want pairs of nodes first, products want them last: scores are the smaller part to move.
        scores = np.ascontiguousarray((q @ k.swapaxes(-1, -2)).transpose(3, 4, 0, 1, 2))
        there, back = np.split(reading.bias, 2, -1)
        start, end = self.pairs.T
        scores[start, end] += there
        scores[end, start] += back
        scores -= scores.max(1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(1, keepdims=True)
        weights = np.ascontiguousarray(scores.transpose(2, 3, 4, 0, 1))
        seen = np.ascontiguousarray((weights @ v).transpose(3, 0, 1, 2, 4))
        return seen.reshape(count, conditions, batch, width // 3)
