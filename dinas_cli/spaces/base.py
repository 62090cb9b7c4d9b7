"""What a search space must answer, and the registry that finds spaces by name without importing them all."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from dinas_cli.errors import UsageProblem

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

Values = tuple[int, ...]
"""One architecture: the type of every free variable, free nodes first, then free edges."""


@dataclass(frozen=True)
class Layout:
    """Which node and edge types of a space's graphs vary, and which are constant.

    Graphs have ``N = len(nodes)`` nodes in topological order; edges run from a lower to a higher node.
    """

    nodes: tuple[int, ...]
    """Node types ``(N,)``; entries of free nodes do not count."""
    node_types: tuple[str, ...]
    """``K`` names."""
    edge_types: tuple[str, ...]
    """``M`` names; type 0 means no edge."""
    free_nodes: tuple[int, ...]
    free_edges: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        """Number of free variables ``V``."""
        return len(self.free_nodes) + len(self.free_edges)

    @property
    def choices(self) -> tuple[int, ...]:
        """Number of types each free variable can take, ``(V,)``."""
        return (len(self.node_types),) * len(self.free_nodes) + (len(self.edge_types),) * len(self.free_edges)


@dataclass(frozen=True)
class MetricSpec:
    """A metric a space knows: its unit, which direction is better and what it depends on."""

    name: str
    unit: str
    better: str
    """``"max"`` or ``"min"``; empty where neither is better."""
    title: str
    per_dataset: bool = False
    per_device: bool = False


class Space(Protocol):
    """A search space; everything that differs between benchmarks is behind this protocol."""

    name: str
    aliases: tuple[str, ...]
    title: str
    layout: Layout
    metrics: tuple[MetricSpec, ...]
    rank_metric: str
    """The metric that ``top5`` ranks."""
    datasets: tuple[str, ...]
    """The first one is the default."""
    dialects: tuple[str, ...]
    """Genotype text forms; the first one is the default."""
    table_rows: int | None
    """Rows a complete benchmark table has."""

    def encode(self, genotype: str) -> Values:
        """Parse a genotype of any dialect; raise :class:`GenotypeError` naming the broken rule."""
        ...

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write ``values`` as a genotype."""
        ...

    def key(self, values: Iterable[int]) -> int:
        """The row of a benchmark table: equal only for the same genotype, not for isomorphic ones."""
        ...

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id: equal for architectures that compute the same function."""
        ...

    def reference(self) -> np.ndarray:
        """Architectures ``(R, V)`` int8 that stand for the space: ranks and quantiles are taken among them."""
        ...

    def features(self, values: np.ndarray) -> np.ndarray:
        """Surrogate inputs ``(B, F)`` float32 of architectures ``(B, V)``."""
        ...

    def build(self, values: Iterable[int], dataset: str | None = None) -> nn.Module:
        """The benchmark's own network around this cell."""
        ...

    def image_size(self, dataset: str) -> int:
        """Height and width of the dataset's images."""
        ...

    def source(self, values: Iterable[int], dataset: str | None = None, header: str = "") -> str:
        """The same network as one Python file that imports only torch."""
        ...


_MODULES: dict[str, str] = {"nasbench201": "dinas_cli.spaces.nasbench201"}
_ALIASES: dict[str, str] = {"nb201": "nasbench201"}


def space_names() -> tuple[str, ...]:
    """Names of every space, in the order they are listed."""
    return tuple(_MODULES)


def get_space(name: str) -> Space:
    """Find a space by name or alias; raise :class:`UsageProblem` with a suggestion otherwise."""
    key = _ALIASES.get(name, name)
    if key not in _MODULES:
        raise UsageProblem(f"unknown space {name!r}", suggest(name, [*_MODULES, *_ALIASES], "spaces"))
    space: Space = import_module(_MODULES[key]).SPACE
    return space


def suggest(name: str, known: Iterable[str], what: str) -> str:
    """A hint for a mistyped name: the closest known one, and all of them."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    start = f"did you mean {close[0]!r}? " if close else ""
    return f"{start}{what}: {', '.join(names) or 'none'}"
