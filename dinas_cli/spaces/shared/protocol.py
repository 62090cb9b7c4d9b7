"""What a search space must answer, and the words in which it answers: layouts, metrics, sketches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dinas_cli.errors import GenotypeError

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

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
    node_choices: int | None = None
    """A free node takes one of the first so many node types; None: any."""
    vocabularies: tuple[tuple[int, ...], ...] = ()
    """By free node the types, of these, that it may take, in the order of its values; empty: each takes any of them."""
    fixed_edges: tuple[tuple[int, int, int], ...] = ()
    """Edges that are always there: start, end, type."""
    nodes_first: bool = False
    """Whether samples get all their nodes before any edge, for spaces whose rules lead astray less often then."""
    calls: int | None = None
    """Network calls in which samples are drawn unless told otherwise, several variables each; None: one by one."""

    @property
    def size(self) -> int:
        """Number of free variables ``V``."""
        return len(self.free_nodes) + len(self.free_edges)

    @property
    def free_types(self) -> int:
        """How many node types some free node can take: the first so many."""
        return len(self.node_types) if self.node_choices is None else self.node_choices

    @property
    def vocabulary(self) -> tuple[tuple[int, ...], ...]:
        """The node types that every free node can take, in the order of its values."""
        return self.vocabularies or (tuple(range(self.free_types)),) * len(self.free_nodes)

    @property
    def choices(self) -> tuple[int, ...]:
        """Number of types each free variable can take, ``(V,)``."""
        return (*map(len, self.vocabulary), *(len(self.edge_types),) * len(self.free_edges))


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
    absent: str = "unknown"
    """What a missing value means in a table: ``"unknown"``, or ``"worst"`` (it does not run there, it diverged)."""
    cost: str = ""
    """How a value becomes a cost, which is better the less and adds up from operations: its logarithm (``"log"``),
    where more is better the negative of that (``"-log"``) or the thousandfold of its inverse (``"inverse"``, for
    throughput: milliseconds per input), or as it is (empty; where more is better, it is no cost)."""

    stands_in: str = ""
    """The metric whose unknown labels those of this one stand in for in training: the same measured with more noise."""
    on_request: bool = False
    """Whether it is computed only where it is asked for; weights are not trained to know it."""
    ranked: bool = False
    """Whether samples can be asked to be among the best by it, beside those by the space's ranked metric."""
    labels: str = ""
    """Whose word the labels are, where they are not the benchmark's own measurements."""

    @property
    def authority(self) -> str:
        """With what a surrogate's predictions of this metric agree as well as they do."""
        return self.labels or ("measurements" if self.per_device else "the benchmark")

    @property
    def bound(self) -> str:
        """On which side of a limit values have to be, ``"<="`` or ``">="``; empty for what cannot be limited."""
        if self.better == "max":
            return ">=" if self.cost or self.ranked else ""
        return "<=" if self.better else ""


KINDS = ("input", "output", "conv", "pool", "skip", "sum", "linear", "activation", "gate", "graph", "other")
"""What a node or an edge of a drawing is, for its colour."""


@dataclass(frozen=True)
class Sketch:
    """What there is to draw of one cell: nodes in topological order, edges from lower to higher ones."""

    title: str
    nodes: tuple[tuple[str, str], ...]
    """``(label, kind)``, kind one of :data:`KINDS`."""
    edges: tuple[tuple[int, int, str, str], ...]
    """``(start, end, label, kind)``; label and kind are empty for an edge without an operation."""


class Space(Protocol):
    """A search space; everything that differs between benchmarks is behind this protocol.

    A space may have further members: ``counts() -> Mapping[str, int]``, how many architectures it has by every measure;
    ``isomorphic(values)``, other values of the same architecture; ``checkpoints``, the path of the ``checkpoints.toml``
    of its own package; ``skeletons``, ``counted`` and ``own`` (:class:`dinas_cli.spaces.shared.skeletons.Adjustable`);
    ``setting(device, dataset) -> Setting | None``, what costs are about (:mod:`dinas_cli.spaces.shared.settings`);
    ``compact``, its shortest dialect where none of them has this name (:func:`compact_dialect`);
    ``hardware``, what its published devices are (:mod:`dinas_cli.spaces.shared.hardware`);
    ``counted_words``, how many tokens a language model's multiply-accumulates are for (1 where it does not say);
    ``nested``, whether networks are the first rows and columns of larger ones; ``phases`` and ``phase``
    (:class:`dinas_cli.spaces.shared.phases.Phased`); ``official`` and ``written``, how published weights fit
    (:class:`dinas_cli.spaces.shared.written.Named`).
    """

    name: str
    aliases: tuple[str, ...]
    device_aliases: tuple[str, ...]
    """Further names that stand for the space on a device, which then has to be named."""
    title: str
    layout: Layout
    metrics: tuple[MetricSpec, ...]
    rank_metric: str
    """The metric that ``top5`` ranks."""
    datasets: tuple[str, ...]
    """The first one is the default; empty where the benchmark has only one, which then needs no name."""
    dialects: tuple[str, ...]
    """Genotype text forms; the first one is the default."""
    table_rows: int | None
    """Rows a complete benchmark table has; None where no table can hold the whole space."""
    closed_forms: tuple[str, ...]
    """Metrics that :meth:`closed_form` answers."""
    default_device: str | None
    """The device that is meant where none is named; None: it must be named."""
    readers: Mapping[str, str]
    """By kind of file (``torch``, ``pickle``, ``csv`` for any text, ``binary`` for the rest) the module whose
    ``read(space, path, dataset)`` gives its :class:`dinas_cli.files.columns.Columns`."""
    files: str
    """The benchmark files it reads, in words."""

    def encode(self, genotype: str) -> Values:
        """Parse a genotype of any dialect; raise :class:`GenotypeError` naming the broken rule."""
        ...

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write ``values`` as a genotype; raise :class:`GenotypeError` naming the rule that they break."""
        ...

    def key(self, values: Iterable[int]) -> int:
        """The row of a benchmark table, a number below 2**63; equal for what the benchmark measured as one."""
        ...

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id, equal for architectures that compute the same function.

        Raises :class:`GenotypeError` naming the rule that the values break.
        """
        ...

    def reference(self) -> np.ndarray:
        """Architectures ``(R, V)`` int8 that stand for the space: ranks and quantiles are taken among them.

        The whole space where it is small, otherwise a fixed sample of :meth:`draw`.
        """
        ...

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Random architectures ``(count, V)`` int8 of the space, all valid, as a random search would draw them."""
        ...

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """Which types one variable of each row may still take: ``(B, W)`` bool; None: every type, always.

        ``values (B, V)`` are partly masked (masked variables hold ``layout.choices[v]``); ``variables (B,)`` names a
        masked one of every row. Whatever is drawn from legal types, one variable at a time, ends in a valid
        architecture.
        """
        ...

    def features(self, values: np.ndarray) -> np.ndarray:
        """Surrogate inputs ``(B, F)`` float32 of architectures ``(B, V)``."""
        ...

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """What the costs of architectures ``(B, V)`` add up from: counts of operations by what they cost, ``(B, p)``.

        Several where there are several ways to count, the usual one first: what a device charges for, written
        operations or only those that are not dead, then shows in what is measured on it. Empty where all of it is to
        be learned from the costs of many devices.
        """
        ...

    def closed_form(self, metric: str, values: np.ndarray, dataset: str | None = None) -> np.ndarray:
        """Exact ``metric`` (one of :attr:`closed_forms`) of architectures ``(B, V)``: ``(B,)``."""
        ...

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """What to draw, one :class:`Sketch` per cell."""
        ...

    def build(self, values: Iterable[int], dataset: str | None = None) -> nn.Module:
        """The benchmark's own network around this cell."""
        ...

    def example(self, dataset: str | None = None, batch: int = 1) -> tuple[Tensor, ...]:
        """Random inputs of the network of :meth:`build`, ``batch`` of them."""
        ...

    def source(self, values: Iterable[int], dataset: str | None = None, header: str = "") -> str:
        """The same network as one Python file that imports only torch (and torch-geometric for graph networks)."""
        ...


def enumerable(space: Space) -> bool:
    """Whether the reference is the whole space, so that what it does not have does not exist."""
    return space.table_rows is not None and space.table_rows == len(space.reference())


def is_valid(space: Space, values: Iterable[int]) -> bool:
    """Whether an architecture keeps the rules of its space."""
    try:
        space.canonical_id(values)
    except GenotypeError:
        return False
    return True


def compact_dialect(space: Space) -> str:
    """The dialect that takes least room: what the space's ``compact`` names, or the one of this name, or the first."""
    named = getattr(space, "compact", "compact")
    return named if named in space.dialects else space.dialects[0]
