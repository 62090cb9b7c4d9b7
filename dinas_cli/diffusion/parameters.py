"""The sizes of a denoiser, and the names and shapes of the weights that a network of that size has."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from dataclasses import fields as dataclass_fields
from typing import Any

from dinas_cli.diffusion.variables import Variables
from dinas_cli.files.typed import Fields
from dinas_cli.files.weights import MOST_WIDE
from dinas_cli.spaces.shared.protocol import Layout

EMBEDDING = 128
"""Hidden width of the embeddings of conditions."""


@dataclass(frozen=True)
class DenoiserConfig:
    """Sizes of a denoiser."""

    layers: int = 3
    nodes: int = 32
    """Width of node states."""
    edges: int = 64
    """Width of edge states."""
    glob: int = 192
    """Width of the global state."""
    heads: int = 4
    time: bool = False
    """Whether the noise level is an input (the absorbing kernel needs none)."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON for the checkpoint's metadata."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: object, tensors: int) -> DenoiserConfig:
        """The inverse of :meth:`to_dict`, for a file of so many ``tensors``; raise ValueError for anything else."""
        fields = Fields(data, "denoiser", frozenset(item.name for item in dataclass_fields(cls)))
        nodes, edges, glob = (fields.whole(name, 1, MOST_WIDE) for name in ("nodes", "edges", "glob"))
        # Sizes are believed no further than this: names and shapes of all tensors are compared with them.
        config = cls(fields.whole("layers", 1, tensors), nodes, edges, glob, fields.whole("heads", 1, nodes))
        if nodes % config.heads or glob % 2:
            raise ValueError(f"{nodes} numbers per node cannot be shared by {config.heads} heads, or {glob} by waves")
        return replace(config, time=fields.flag("time"))


CONFIGS = {
    "compact": DenoiserConfig(),
    "slim": DenoiserConfig(nodes=48, edges=32),
    "paper": DenoiserConfig(layers=5, nodes=256, edges=64, glob=64, heads=8),
}
"""Named sizes; ``slim`` is half the work where there are many edges, ``paper`` has those of DiNAS (5 layers, 256/64/64,
8 heads)."""


def shapes(layout: Layout, condition_widths: tuple[int, ...], config: DenoiserConfig) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every weight; those of linear maps are ``(outputs, inputs)``.

    ``condition_widths (C,)`` are the feature widths of the conditions.
    """
    nodes, edges, glob = config.nodes, config.edges, config.glob
    found: dict[str, tuple[int, ...]] = {
        "node_kind.weight": (len(layout.node_types) + 1, nodes),
        "node_place": (len(layout.nodes), nodes),
        "edge_kind.weight": (len(layout.edge_types) + 1, edges),
        "edge_place": (len(Variables(layout).pairs), edges),
        "null": (len(condition_widths), glob),
    }

    def linear(name: str, inputs: int, outputs: int) -> None:
        found.update({f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)})

    def norm(name: str, width: int) -> None:
        found.update({f"{name}.weight": (width,), f"{name}.bias": (width,)})

    def mlp(name: str, inputs: int, hidden: int, outputs: int, first: int = 0) -> None:
        linear(f"{name}.{first}", inputs, hidden)
        linear(f"{name}.{first + 2}", hidden, outputs)

    for i, width in enumerate(condition_widths):
        mlp(f"embed.{i}", width, EMBEDDING, glob)
    for i in range(config.layers):
        layer = f"layers.{i}"
        linear(f"{layer}.modulate.read", glob, 2 * (nodes + edges))
        linear(f"{layer}.qkv", nodes, 3 * nodes)
        linear(f"{layer}.bias", edges, 2 * config.heads)
        linear(f"{layer}.out", nodes, nodes)
        norm(f"{layer}.node.0", nodes)
        mlp(f"{layer}.node", nodes, 2 * nodes, nodes, first=1)
        mlp(f"{layer}.edge", edges + 2 * nodes, 2 * edges, edges)
        norm(f"{layer}.glob_norm", glob)
        mlp(f"{layer}.glob", glob + nodes + edges, glob, glob)
    linear("final.read", glob, 2 * (nodes + edges))
    mlp("node_out", nodes, 2 * nodes, layout.free_types)
    mlp("edge_out", edges, 2 * edges, len(layout.edge_types))
    return found
