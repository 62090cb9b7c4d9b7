"""The denoiser: a compact graph transformer that predicts the clean graph from a noisy one and the conditions.

This file is where its mathematics is written down; ``training.denoiser`` is the same network as a module of torch, and
a test holds the two equal. It follows the graph transformer of DiGress (Vignac et al., ICLR 2023) and DiNAS (Asthana et
al., TMLR 2024, section 3), for directed graphs: an edge biases attention both ways, differently.

**State.** ``h_i`` for every node ``i``, ``e_p`` for every pair ``p = (i, j)`` that may have an edge, and one global
``g``. They start as ``h_i = kind(x_i) + place_i``, ``e_p = kind(x_p) + place_p`` and ``g = sum_c sum_l mlp_c(f_cl)``
over conditions ``c`` and the limits ``l`` of each, in which a condition that is not asked for counts as its own null
vector. Where the kernel needs the noise level, sinusoidal features of it are added to ``g``.

**Layer.** With ``LN`` for layer normalisation and ``mlp(x) = W' silu(W x + b) + b'``::

    s, t, s', t' = W silu(g) + b
    hn_i = LN(h_i) (1 + s) + t                      en_p = LN(e_p) (1 + s') + t'            (FiLM)
    q_i, k_i, v_i = W hn_i + b                      there_p, back_p = W en_p + b            (one bias per head)
    a_ij = q_i k_j / sqrt(d) + there_(ij) or back_(ji) or 0
    h_i = h_i + W sum_j softmax_j(a_ij) v_j + b     h_i = h_i + mlp(LN(h_i))
    e_p = e_p + mlp([en_p, h_i, h_j])
    g = g + mlp([LN(g), mean_i h_i, mean_p e_p])

**Logits.** A last FiLM, then one ``mlp`` for all free nodes and one for all free edges; free nodes that have
vocabularies of their own take those of their types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dinas_cli.diffusion.arrays import Mlp
from dinas_cli.diffusion.layers import Film, Layer, Reading, modulated, pick
from dinas_cli.diffusion.parameters import DenoiserConfig, shapes
from dinas_cli.diffusion.variables import Variables
from dinas_cli.spaces.shared.protocol import Layout


@dataclass(frozen=True)
class Asked:
    """Conditions, with all that the first layer reads from them: its input is one of few types at every place."""

    glob: np.ndarray
    """Global states ``(D, 1, glob)``."""
    reading: Reading
    """Of every type at every place: ``(N, D, K + 1, ·)`` and ``(P, D, M + 1, ·)``."""


@dataclass(frozen=True)
class Logits:
    """Logits of ``n`` variables, each of some sample."""

    sample: np.ndarray
    """``(n,)``."""
    variable: np.ndarray
    """``(n,)``."""
    values: np.ndarray
    """``(n, D, types)``, under each of ``D`` conditions; those of types that a variable does not have mean nothing."""


class Denoiser:
    """Logits of the clean types of every free variable.

    ``condition_widths (C,)`` are the feature widths of the conditions; each has its own embedding and its own null
    vector (DiNAS section 3.3 has one for all), so that conditions can be dropped and weighted one by one. Raises
    ValueError when names or shapes of ``tensors`` are not those of :func:`dinas_cli.diffusion.parameters.shapes`.
    """

    def __init__(
        self,
        layout: Layout,
        condition_widths: tuple[int, ...],
        config: DenoiserConfig,
        tensors: Mapping[str, np.ndarray],
    ) -> None:
        _check(tensors, shapes(layout, condition_widths, config))
        self.variables = Variables(layout)
        self.config = config
        self.parameters = sum(tensor.size for tensor in tensors.values())
        """How many numbers it has learned."""
        nodes, pairs = len(layout.nodes), np.array(self.variables.pairs, np.int64).reshape(-1, 2)
        self.largest = max(3 * nodes * config.nodes, nodes**2 * config.heads, 2 * len(pairs) * config.edges)
        """Numbers per sample and condition in the largest array that it makes."""
        self.null = tensors["null"]
        self.embed = [Mlp.read(tensors, f"embed.{i}") for i in range(len(condition_widths))]
        self.nodes = tensors["node_place"][:, None, None] + tensors["node_kind.weight"]
        """What a node's state starts as, by type: ``(N, 1, K + 1, nodes)``."""
        self.edges = tensors["edge_place"][:, None, None] + tensors["edge_kind.weight"]
        """What a pair's state starts as, by type: ``(P, 1, M + 1, edges)``."""
        self.layers = [Layer.read(tensors, f"layers.{i}", config, pairs) for i in range(config.layers)]
        self.final = Film.read(tensors, "final", config)
        self.node_out, self.edge_out = Mlp.read(tensors, "node_out"), Mlp.read(tensors, "edge_out")

    def condition(self, features: list[np.ndarray], present: np.ndarray) -> np.ndarray:
        """Conditions as initial global states ``(D, glob)``.

        ``features`` holds one ``(L, width)`` array per condition, whose ``L`` rows are embedded and added; ``present
        (D, C)`` bool tells which are asked for.
        """
        total = np.zeros((len(present), self.config.glob), np.float32)
        for i, embed in enumerate(self.embed):
            total += np.where(present[:, i, None], embed(features[i]).sum(0), self.null[i])
        return total

    def ask(self, condition: np.ndarray, time: float | None = None) -> Asked:
        """What :meth:`__call__` needs to know of conditions ``(D, glob)``.

        ``time`` in [0, 1] is the noise level, for kernels that need it. Raises ValueError for a level that the
        network does not take, or lacks.
        """
        if self.config.time != (time is not None):
            raise ValueError("a denoiser takes the noise level if, and only if, its configuration says so")
        glob = condition if time is None else condition + _time_features(time, self.config.glob)
        glob = glob[:, None].astype(np.float32)
        return Asked(glob, self.layers[0].reading(self.nodes, self.edges, glob))

    def __call__(self, values: np.ndarray, asked: Asked, wanted: np.ndarray) -> list[Logits]:
        """Of noisy variables ``(B, V)`` the logits that are ``wanted (B, V)``, of free nodes and edges apart."""
        nodes, edges = self.variables.types(values)
        h, e = pick(self.nodes, nodes), pick(self.edges, edges)
        g, reading = asked.glob, asked.reading.picked(nodes, edges)
        for i, layer in enumerate(self.layers):
            if i:
                reading = layer.reading(h, e, g)
            h, e, g = layer(h, e, g, reading)
        split = len(self.variables.free_nodes)
        films, found = self.final(g), []
        for first, states, places, (scale, shift), out, columns in (
            (0, h, self.variables.free_nodes, films[0], self.node_out, self.variables.columns),
            (split, e, self.variables.free_pairs, films[1], self.edge_out, None),
        ):
            sample, variable = np.nonzero(wanted[:, first : first + len(places)])
            if len(sample):
                by = scale[:, sample].swapaxes(0, 1), shift[:, sample].swapaxes(0, 1)
                said = out(modulated(states[places[variable], :, sample], by))
                if columns is not None:
                    said = np.take_along_axis(said, columns[variable, None], -1)
                found.append(Logits(sample, first + variable, said))
        return found


def _check(tensors: Mapping[str, np.ndarray], expected: Mapping[str, tuple[int, ...]]) -> None:
    for kind, names in (("lacks", expected.keys() - tensors.keys()), ("has no", tensors.keys() - expected.keys())):
        if names:
            raise ValueError(f"this network {kind} {min(names)!r}")
    for name, shape in expected.items():
        if tensors[name].shape != shape:
            raise ValueError(f"{name!r} has the shape {tensors[name].shape}, not {shape}")


def _time_features(time: float, width: int) -> np.ndarray:
    """Sinusoidal features ``(width,)`` of a noise level."""
    angles = np.float32(time * np.pi) * 2 ** np.linspace(0, 9, width // 2, dtype=np.float32)
    return np.concatenate([np.sin(angles), np.cos(angles)])
