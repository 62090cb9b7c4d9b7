"""NAS-Bench-101: cells of up to seven vertices and nine edges, 423,624 in all (Ying et al., ICML 2019).

Genotype dialects, each able to express every cell:

* ``spec``, what the official ``ModelSpec`` takes, as JSON: ``{"matrix": [[0, 1, ...], ...], "ops": ["input", ...]}``;
* ``compact``, vertices, upper triangle of the matrix row by row, and a digit (0 conv3x3, 1 conv1x1, 2 maxpool) per
  inner vertex: ``7:100110100001001010101:02001``.

Useless vertices are left out as in the official library, and the order of vertices makes no difference but to weights.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem, find_name, suggest
from dinas_cli.spaces.nasbench101 import official
from dinas_cli.spaces.nasbench101.cells import EDGES, INNER, OPERATIONS, checked, compact, module_hash, pruned
from dinas_cli.spaces.nasbench101.skeletons import OWN, SKELETONS, edge_bits, image, shape
from dinas_cli.spaces.nasbench101.text import read, write_compact, write_spec
from dinas_cli.spaces.shared import memory
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.text import clean
from dinas_cli.spaces.shared.written import AsWritten, form_of

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.skeletons import Options, Skeleton

CELLS = 423_624
NAMES = tuple(name.partition("-")[0] for name in OPERATIONS)
"""The operations as they are called in exported files: conv3x3, conv1x1, maxpool3x3."""
LABELS = (("conv 3×3", "conv"), ("conv 1×1", "conv"), ("max 3×3", "pool"))

_LONGEST = 4000  # characters; the longest genotype of seven vertices has under 400


class NasBench101:
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "nasbench101"
    aliases: tuple[str, ...] = ("nb101",)
    device_aliases: tuple[str, ...] = ()
    title = "NAS-Bench-101: image classification cells, up to 7 vertices, 9 edges, 3 operations"
    layout = Layout(
        nodes=(4, *(0,) * INNER, 5),
        node_types=("absent", *OPERATIONS, "input", "output"),
        edge_types=("none", "edge"),
        free_nodes=tuple(range(1, INNER + 1)),
        free_edges=EDGES,
        node_choices=4,
        calls=14,
    )
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "validation accuracy after 108 epochs"),
        MetricSpec("test_acc", "%", "max", "test accuracy after 108 epochs"),
        MetricSpec("acc_4", "%", "max", "validation accuracy after 4 epochs"),
        MetricSpec("acc_12", "%", "max", "validation accuracy after 12 epochs"),
        MetricSpec("acc_36", "%", "max", "validation accuracy after 36 epochs"),
        MetricSpec("train_time", "s", "min", "training time of 108 epochs"),
        MetricSpec("params", "count", "min", "parameters"),
        MetricSpec("macs", "count", "min", "multiply-accumulates"),
        *memory.specs(),
    )
    rank_metric = "acc"
    datasets: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ("spec", "compact")
    table_rows: int | None = CELLS
    closed_forms: tuple[str, ...] = ("params", "macs", *memory.MEMORY)
    default_device: str | None = None
    readers: Mapping[str, str] = {
        "csv": "dinas_cli.spaces.nasbench101.read_csv",
        "pickle": "dinas_cli.spaces.nasbench101.read_pickle",
        "binary": "dinas_cli.spaces.nasbench101.read_tfrecord",
    }
    files = (
        "the official nasbench_full.tfrecord or nasbench_only108.tfrecord, a pickle of the package nasbenchapi, or a "
        "CSV (plain or .gz) with columns n_vertices, adj_upper and ops"
    )
    skeletons: Mapping[str, Options] = SKELETONS
    counted: str = "cells per stack"
    official = staticmethod(official.names)

    def own(self, dataset: str | None = None) -> Skeleton:
        """The benchmark's network; cells are counted by stack."""
        self._no_dataset(dataset)
        return OWN

    def encode(self, genotype: str) -> Values:
        """Parse any dialect into the cell's canonical values ``(26,)``; raise :class:`GenotypeError`."""
        return tuple(self.written(genotype))

    def written(self, genotype: str) -> Values:
        """The values of :meth:`encode` with the order of the text's vertices, for networks whose weights follow it."""
        text = clean(genotype, _LONGEST, self.name)
        form = pruned(*read(text))
        return AsWritten(_canonical(form), form)

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write a cell in its canonical order; raise :class:`UsageProblem` for an unknown dialect."""
        cell, chosen = _ordered(values), find_name(dialect, self.dialects, "dialect")
        return write_compact(cell) if chosen == "compact" else write_spec(cell)

    def key(self, values: Iterable[int]) -> int:
        """The first 15 hex digits of the module hash; no two cells of the space share them."""
        return int(_hash(checked(values))[:15], 16)

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``nb101-<module hash>``: the benchmark's own name of the cell, equal if isomorphic."""
        return f"nb101-{_hash(checked(values))}"

    def reference(self) -> np.ndarray:
        """8,192 cells of the space, a fixed draw."""
        return _reference()

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Cells ``(count, 26)`` int8, each of the 423,624 with the same probability."""
        import numpy as np

        from dinas_cli.spaces.nasbench101.graphs import catalogue, unfold

        return unfold(np.random.default_rng(seed).choice(catalogue(), count))

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """Types that some cell with canonically ordered edges has, given what is not masked: ``(B, 4)`` bool."""
        from dinas_cli.spaces.nasbench101.graphs import legal

        return legal(values, variables)

    def features(self, values: np.ndarray) -> np.ndarray:
        """The canonical cell one-hot, counts by kind, paths by operations, sizes: ``(B, F)`` float32."""
        from dinas_cli.spaces.nasbench101.features import features
        from dinas_cli.spaces.nasbench101.graphs import canonical

        return features(canonical(values))

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """Empty: the benchmark has no devices."""
        return ()

    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``params``, ``macs`` or memory of valid cells ``(B, 26)`` in their canonical order: ``(B,)`` int64."""
        from dinas_cli.spaces.nasbench101.counts import params_and_macs
        from dinas_cli.spaces.nasbench101.graphs import canonical
        from dinas_cli.spaces.nasbench101.memory import memory as needed

        self._no_dataset(dataset)
        if metric not in self.closed_forms:
            raise UsageProblem(f"{metric!r} has no closed form", suggest(metric, self.closed_forms, "closed forms"))
        in_channels, size, _ = image(skeleton)
        network = canonical(values), *shape(skeleton), size, in_channels
        return needed(metric, *network) if metric in memory.MEMORY else params_and_macs(*network)[metric == "macs"]

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """The cell as it is drawn: operations at its vertices."""
        operations, edges = compact(_canonical(checked(values)))
        nodes = (("in", "input"), *(LABELS[op] for op in operations), ("out", "output"))
        return (Sketch("cell", nodes, tuple((i, j, "", "") for i, j in edges)),)

    def build(
        self, values: Iterable[int], dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> nn.Module:
        """The benchmark's network around this cell: images ``(B, 3, 32, 32)`` -> logits ``(B, 10)``."""
        from dinas_cli.spaces.nasbench101.backbone import Features
        from dinas_cli.spaces.nasbench101.network import Network

        self._no_dataset(dataset)
        operations, edges = compact(_ordered(values))
        chosen, names = Features if skeleton and skeleton.features else Network, [NAMES[op] for op in operations]
        return chosen(names, edge_bits(len(operations), edges), *shape(skeleton), image(skeleton)[0])

    def example(
        self, dataset: str | None = None, batch: int = 1, *, skeleton: Skeleton | None = None
    ) -> tuple[Tensor, ...]:
        """Random images ``(batch, C, S, S)``."""
        import torch

        self._no_dataset(dataset)
        return (torch.randn(batch, *image(skeleton)),)

    def source(
        self, values: Iterable[int], dataset: str | None = None, header: str = "", *, skeleton: Skeleton | None = None
    ) -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        from dinas_cli.spaces.shared.source import standalone

        self._no_dataset(dataset)
        cell = _ordered(values)
        operations, edges = compact(cell)
        into = [[str(i) for i, j in edges if j == vertex] for vertex in range(len(operations) + 2)]
        names = [(NAMES[op], f"vertex {v}, from {', '.join(into[v])}") for v, op in enumerate(operations, 1)]
        classes, channels, cells = shape(skeleton)
        return standalone(
            "dinas_cli.spaces.nasbench101.network",
            title=f"NAS-Bench-101 network, cell {self.canonical_id(cell)}.",
            header=header,
            arguments={
                "OPERATIONS": names,
                "EDGE_BITS": edge_bits(len(operations), edges),
                "CLASSES": classes,
                "CHANNELS": channels,
                "CELLS_PER_STACK": cells,
                "IN_CHANNELS": image(skeleton)[0],
            },
            input_shape=image(skeleton),
            features=bool(skeleton and skeleton.features),
        )

    def _no_dataset(self, name: str | None) -> None:
        if name is not None:
            raise UsageProblem(f"unknown dataset {name!r}", "nasbench101 has only one, which needs no name")


@lru_cache
def _reference() -> np.ndarray:
    sample = SPACE.draw(8192, 0)
    sample.flags.writeable = False
    return sample


def _canonical(values: Values) -> Values:
    from dinas_cli.spaces.nasbench101.graphs import canonical_cell

    return canonical_cell(values)


def _ordered(values: Iterable[int]) -> Values:
    """The values of a cell in the order in which it was written, if that is known, else in its canonical one."""
    form: Values | None = form_of(values)
    return _canonical(checked(values)) if form is None else form


_hash = lru_cache(maxsize=1 << 16)(module_hash)


SPACE = NasBench101()

if TYPE_CHECKING:
    _conforms: Space = SPACE
