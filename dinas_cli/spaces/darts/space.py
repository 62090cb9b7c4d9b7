"""DARTS: a normal and a reduction cell of four nodes with two inputs each, about 10**18 pairs (Liu et al., ICLR 2019).

Both cells are one architecture of 2 x 14 typed edges. Accuracies are those that the surrogates of NAS-Bench-301 predict
(Zela et al., ICLR 2022): nobody trained the whole space. For genotype dialects see :mod:`dinas_cli.spaces.darts.text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.spaces.darts import cells, text
from dinas_cli.spaces.darts.cells import EDGES, NODES, OPERATIONS, Cell
from dinas_cli.spaces.darts.skeletons import CPU_1T, DEVICE, HARDWARE, OWN, SKELETONS, arguments, image_size, sizes
from dinas_cli.spaces.darts.sketches import sketch
from dinas_cli.spaces.shared import memory
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.skeletons import image_channels
from dinas_cli.spaces.shared.written import AsWritten

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.hardware import Hardware
    from dinas_cli.spaces.shared.settings import Setting
    from dinas_cli.spaces.shared.skeletons import Options, Skeleton

REFERENCE = 8192
_SECOND = 2 + len(NODES)  # the first node of the reduction cell
_FREE = tuple((i + first, j + first) for first in (0, _SECOND) for i, j in EDGES)

NB301 = "NAS-Bench-301's surrogate"
UNTRAINED = "of networks of 4 cells at initialisation"
"""Whose proxies were measured, see ``benchmarks/darts_proxies.py`` for the rest of the setting."""


class Darts:
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "darts"
    aliases: tuple[str, ...] = ("nasbench301", "nb301")
    device_aliases: tuple[str, ...] = ()
    title = "DARTS (NAS-Bench-301): image classification, normal and reduction cell, 4 nodes and 8 edges each"
    layout = Layout(
        nodes=(0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 3, 3),
        node_types=("normal input", "normal node", "reduction input", "reduction node"),
        edge_types=OPERATIONS,
        free_nodes=(),
        free_edges=_FREE,
        calls=6,
    )
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "validation accuracy, as NAS-Bench-301 v1.0 predicts it", labels=NB301),
        MetricSpec("acc_v09", "%", "max", "the same with noise, as v0.9 predicts it", stands_in="acc", labels=NB301),
        MetricSpec("acc_yahpo", "%", "max", "the same, as YAHPO Gym predicts it, calibrated", labels="YAHPO Gym"),
        MetricSpec("latency", "ms", "min", f"inference latency; on {DEVICE}: {CPU_1T.describe()}", per_device=True),
        MetricSpec("train_time", "s", "min", "training time, as NAS-Bench-301 v0.9 predicts it", labels=NB301),
        MetricSpec(
            "ntk",
            "",
            "min",
            f"condition number of the neural tangent kernel; {UNTRAINED}",
            cost="log",
            labels="measurements",
        ),
        MetricSpec(
            "linear_regions",
            "count",
            "max",
            f"linear regions among 2,000 images; {UNTRAINED}",
            cost="-log",
            labels="measurements",
        ),
        MetricSpec("params", "count", "min", "parameters"),
        MetricSpec("macs", "count", "min", "multiply-accumulates"),
        *memory.specs(),
    )
    rank_metric = "acc"
    datasets: tuple[str, ...] = ()
    dialects: tuple[str, ...] = text.DIALECTS
    table_rows: int | None = None
    closed_forms: tuple[str, ...] = ("params", "macs", *memory.MEMORY)
    default_device: str | None = DEVICE
    hardware: Mapping[str, Hardware] = HARDWARE
    skeletons: Mapping[str, Options] = SKELETONS
    counted: str = "cells"
    readers: Mapping[str, str] = {
        "csv": "dinas_cli.spaces.darts.read_csv",
        "binary": "dinas_cli.spaces.darts.read_onnx",
    }
    files = (
        "a CSV (plain or .gz) of NAS-Bench-301 predictions with a column genotype, measurements of dinas (JSON), or "
        "YAHPO Gym's .onnx surrogate of nb301 with its *_encoding.json beside it"
    )

    def own(self, dataset: str | None = None) -> Skeleton:
        """NAS-Bench-301's network."""
        return OWN

    def setting(self, device: str, dataset: str | None) -> Setting | None:
        """What latencies on the default device are about; None for other devices."""
        return CPU_1T if device == DEVICE and dataset is None else None

    def encode(self, genotype: str) -> Values:
        """Parse any dialect into edge types ``(28,)`` that keep the order of inputs; raise :class:`GenotypeError`."""
        pair = text.read(genotype)
        return AsWritten(cells.to_values(pair), pair)

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write 28 edge types as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
        return text.write(cells.as_written(values), dialect)

    def key(self, values: Iterable[int]) -> int:
        """A number for exactly this genotype: surrogates of the benchmark tell renumbered nodes apart."""
        return cells.key(cells.checked(values))

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``darts-<12 hex digits>``, equal for cells that differ in the numbers of nodes alone."""
        return _id(cells.checked(values))

    def isomorphic(self, values: Iterable[int]) -> list[Values]:
        """The architecture with the nodes of its reduction cell in other orders."""
        normal, reduction = cells.checked(values)
        return [cells.to_values((normal, other)) for other in cells.renumbered(reduction)]

    def reference(self) -> np.ndarray:
        """A fixed sample ``(8192, 28)`` int8 of :meth:`draw`."""
        return _reference().copy()

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Uniformly random genotypes ``(count, 28)`` int8."""
        return cells.draw(count, seed)

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """Edge types that leave every node exactly two inputs ``(B, 8)``."""
        return cells.legal(values, variables)

    def features(self, values: np.ndarray) -> np.ndarray:
        """One-hot edge types ``(B, 224)`` float32.

        Features that do not depend on the numbers of nodes were tried and rank worse: what there is to learn are
        surrogates that look at numbered edges themselves.
        """
        import numpy as np

        return np.eye(len(OPERATIONS), dtype=np.float32)[np.asarray(values, np.int64)].reshape(len(values), -1)

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """Operations by cell, type and stride, which devices charge for; then by their places, which proxies depend on.

        See :func:`dinas_cli.spaces.darts.counts.counts` and :func:`dinas_cli.spaces.darts.counts.weighed_counts`.
        """
        import numpy as np

        from dinas_cli.spaces.darts.counts import counts, weighed_counts

        groups = counts(values), weighed_counts(values)
        return tuple(group[..., 1:].reshape(len(values), -1).astype(np.float64) for group in groups)

    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``params``, ``macs`` or memory of architectures ``(B, 28)``: ``(B,)`` int64."""
        from dinas_cli.spaces.darts.counts import counts, params_and_macs
        from dinas_cli.spaces.darts.memory import memory as needed

        _only(dataset)
        if metric in memory.MEMORY:
            return needed(metric, values, **sizes(skeleton or OWN))
        return params_and_macs(counts(values), **sizes(skeleton or OWN))[self.closed_forms.index(metric)]

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """Both cells: two inputs, four nodes that are concatenated, an operation on every edge between them."""
        normal, reduction = cells.checked(values)
        return sketch("normal cell", normal), sketch("reduction cell", reduction)

    def build(
        self, values: Iterable[int], dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> nn.Module:
        """The network of ``skeleton`` (None: the benchmark's), randomly initialised: images -> logits.

        Raises :class:`UsageProblem` for images whose size cannot be halved as often as the network does.
        """
        from dinas_cli.spaces.darts.backbone import Features
        from dinas_cli.spaces.darts.network import Network

        _only(dataset)
        given = arguments(cells.as_written(values), skeleton or OWN)
        for name in ("NORMAL", "REDUCTION"):
            given[name] = [operation for operation, _ in given[name]]
        return (Features if skeleton is not None and skeleton.features else Network)(*given.values())

    def example(
        self, dataset: str | None = None, batch: int = 1, *, skeleton: Skeleton | None = None
    ) -> tuple[Tensor, ...]:
        """Random images ``(batch, C, S, S)``, ``C`` 3 unless the skeleton says otherwise."""
        import torch

        _only(dataset)
        size = image_size(skeleton or OWN)
        return (torch.randn(batch, image_channels(skeleton), size, size),)

    def source(
        self, values: Iterable[int], dataset: str | None = None, header: str = "", *, skeleton: Skeleton | None = None
    ) -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        from dinas_cli.spaces.shared.source import standalone

        _only(dataset)
        pair, chosen = cells.as_written(values), skeleton or OWN
        size = image_size(chosen)
        kind = "of NAS-Bench-301" if skeleton is None else f"for {chosen.name}"
        return standalone(
            "dinas_cli.spaces.darts.network",
            title=f"DARTS network {kind}, cells {self.canonical_id(values)}.",
            header=header,
            arguments=arguments(pair, chosen),
            input_shape=(image_channels(skeleton), size, size),
            features=bool(chosen.features),
        )


@lru_cache(maxsize=1)
def _reference() -> np.ndarray:
    return cells.draw(REFERENCE, 0)


@lru_cache(maxsize=4096)
def _id(pair: tuple[Cell, Cell]) -> str:
    genotype = text.write([cells.canonical(cell) for cell in pair], "compact")
    return f"darts-{sha256(genotype.encode()).hexdigest()[:12]}"


def _only(dataset: str | None) -> None:
    if dataset is not None:
        raise UsageProblem(f"unknown dataset {dataset!r}", suggest(dataset, (), "darts has CIFAR-10 alone; datasets"))


SPACE = Darts()

if TYPE_CHECKING:
    _conforms: Space = SPACE
