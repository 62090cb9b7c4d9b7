"""The denoiser as a module of torch, for training: ``diffusion.denoiser`` says what it computes.

Names of parameters are those of :func:`dinas_cli.diffusion.parameters.shapes`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dinas_cli.diffusion.parameters import EMBEDDING, DenoiserConfig
from dinas_cli.diffusion.variables import Variables
from dinas_cli.spaces.shared.protocol import Layout


class Denoiser(nn.Module):
    """Logits of the clean types of every free variable; ``condition_widths (C,)`` as in the numpy one."""

    def __init__(self, layout: Layout, condition_widths: tuple[int, ...], config: DenoiserConfig) -> None:
        super().__init__()
        self.variables = Variables(layout)
        self.config = config
        self.widths = condition_widths
        self.padding = torch.from_numpy(self.variables.padding)
        self.free_nodes, self.free_pairs = map(torch.from_numpy, (self.variables.free_nodes, self.variables.free_pairs))
        self.vocabulary, columns = torch.from_numpy(self.variables.vocabulary), self.variables.columns
        self.columns = None if columns is None else torch.from_numpy(columns)
        self.node_types, self.pair_types = map(torch.from_numpy, self.variables.types(self.variables.masked(1)))
        pairs = torch.tensor(self.variables.pairs, dtype=torch.long).view(-1, 2)
        start, end, count = pairs[:, 0], pairs[:, 1], len(layout.nodes)
        self.node_kind = nn.Embedding(len(layout.node_types) + 1, config.nodes)
        self.node_place = nn.Parameter(0.3 * torch.randn(count, config.nodes))
        self.edge_kind = nn.Embedding(len(layout.edge_types) + 1, config.edges)
        self.edge_place = nn.Parameter(0.3 * torch.randn(len(pairs), config.edges))
        self.embed = nn.ModuleList(
            nn.Sequential(nn.Linear(width, EMBEDDING), nn.SiLU(), nn.Linear(EMBEDDING, config.glob))
            for width in condition_widths
        )
        self.null = nn.Parameter(0.3 * torch.randn(len(condition_widths), config.glob))
        self.layers = nn.ModuleList(Layer(config, start, end, count) for _ in range(config.layers))
        self.final = Modulation(config.glob, (config.nodes, config.edges))
        self.node_out = _mlp(config.nodes, 2 * config.nodes, layout.free_types)
        self.edge_out = _mlp(config.edges, 2 * config.edges, len(layout.edge_types))

    def condition(self, features: list[Tensor], present: list[Tensor]) -> Tensor:
        """Conditions as the initial global state ``(B, glob)``.

        ``features`` holds one ``(B, L, width)`` tensor per condition, with room for ``L`` limits, and ``present`` one
        ``(B, L)`` bool that tells which of these are asked for; a condition without any counts as its null token.
        """
        total = features[0].new_zeros(len(present[0]), self.config.glob)
        for i, embed in enumerate(self.embed):
            asked = torch.where(present[i][..., None], embed(features[i]), 0.0).sum(1)
            total = total + torch.where(present[i].any(1, keepdim=True), asked, self.null[i])
        return total

    def forward(self, values: Tensor, condition: Tensor, time: Tensor | None = None) -> Tensor:
        """Noisy variables ``(B, V)`` and embedded conditions ``(B, glob)`` -> logits ``(B, V, W)``, padded with -inf.

        ``time (B,)`` in [0, 1] is the noise level, for kernels that need it.
        """
        nodes, edges = (types.T.repeat(len(values), 1) for types in (self.node_types, self.pair_types))
        nodes[:, self.free_nodes] = self.vocabulary.gather(1, values[:, : len(self.free_nodes)].T).T
        edges[:, self.free_pairs] = values[:, len(self.free_nodes) :]
        h = self.node_kind(nodes) + self.node_place
        e = self.edge_kind(edges) + self.edge_place
        if self.config.time != (time is not None):
            raise ValueError("a denoiser takes the noise level if, and only if, its configuration says so")
        g = condition if time is None else condition + _time_features(time, self.config.glob)
        for layer in self.layers:
            h, e, g = layer(h, e, g)
        h, e = self.final(g, h, e)
        width = self.variables.width
        node = self.node_out(h[:, self.free_nodes])
        if self.columns is not None:
            node = node.gather(2, self.columns.expand(len(node), -1, -1))
        edge = self.edge_out(e[:, self.free_pairs])
        node, edge = (F.pad(logits, (0, width - logits.shape[-1])) for logits in (node, edge))
        return torch.cat([node, edge], 1).masked_fill(self.padding, -torch.inf)


class Layer(nn.Module):
    """One round of messages: node attention biased by edges, edges from their ends, global state from the means."""

    def __init__(self, config: DenoiserConfig, start: Tensor, end: Tensor, count: int) -> None:
        super().__init__()
        self.heads, self.start, self.end = config.heads, start, end
        # Where the bias of an ordered pair stands in [forward edges | backward edges | zero].
        place = torch.full((count, count), 2 * len(start))
        place[start, end] = torch.arange(len(start))
        place[end, start] = torch.arange(len(start)) + len(start)
        self.place = place.flatten()
        self.modulate = Modulation(config.glob, (config.nodes, config.edges))
        self.qkv = nn.Linear(config.nodes, 3 * config.nodes)
        self.bias = nn.Linear(config.edges, 2 * config.heads)
        self.out = nn.Linear(config.nodes, config.nodes)
        self.node = nn.Sequential(nn.LayerNorm(config.nodes), *_mlp(config.nodes, 2 * config.nodes, config.nodes))
        self.edge = _mlp(config.edges + 2 * config.nodes, 2 * config.edges, config.edges)
        self.glob_norm = nn.LayerNorm(config.glob)
        self.glob = _mlp(config.glob + config.nodes + config.edges, config.glob, config.glob)

    def forward(self, h: Tensor, e: Tensor, g: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Node ``(B, N, ·)``, edge ``(B, P, ·)`` and global ``(B, ·)`` states -> the same."""
        batch, count, width = h.shape
        hn, en = self.modulate(g, h, e)
        q, k, v = self.qkv(hn).view(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        forward, backward = self.bias(en).chunk(2, -1)
        bias = F.pad(torch.cat([forward, backward], 1), (0, 0, 0, 1))[:, self.place]
        scores = (
            bias.view(batch, count, count, self.heads).permute(0, 3, 1, 2)
            + q @ k.transpose(-1, -2) * (width // self.heads) ** -0.5
        )
        h = h + self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, count, width))
        h = h + self.node(h)
        e = e + self.edge(torch.cat([en, h[:, self.start], h[:, self.end]], -1))
        edges = e.mean(1) if e.shape[1] else e.new_zeros(len(e), e.shape[2])
        g = g + self.glob(torch.cat([self.glob_norm(g), h.mean(1), edges], -1))
        return h, e, g


class Modulation(nn.Module):
    """Layer normalisation whose scale and shift are read from the global state (FiLM)."""

    def __init__(self, glob: int, widths: tuple[int, int]) -> None:
        super().__init__()
        self.widths = widths
        self.read = nn.Linear(glob, 2 * sum(widths))

    def forward(self, g: Tensor, h: Tensor, e: Tensor) -> tuple[Tensor, Tensor]:
        """Global ``(B, ·)``, node ``(B, N, ·)`` and edge ``(B, P, ·)`` states -> modulated node and edge states."""
        nodes, edges = self.widths
        hs, hb, es, eb = self.read(F.silu(g))[:, None].split((nodes, nodes, edges, edges), -1)
        return F.layer_norm(h, (nodes,)) * (1 + hs) + hb, F.layer_norm(e, (edges,)) * (1 + es) + eb


def _mlp(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(inputs, hidden), nn.SiLU(), nn.Linear(hidden, outputs))


def _time_features(time: Tensor, width: int) -> Tensor:
    """Sinusoidal features ``(B, width)`` of noise levels ``(B,)``."""
    frequencies = 2 ** torch.linspace(0, 9, width // 2)
    angles = time[:, None] * frequencies * torch.pi
    return torch.cat([angles.sin(), angles.cos()], -1)
