"""NAS-Bench-201: cells of four summing nodes and six typed edges, 15,625 in all (Dong & Yang, ICLR 2020)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from itertools import product
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem, find_name
from dinas_cli.spaces.nasbench201 import networks, robustness
from dinas_cli.spaces.nasbench201.cells import CELLS, OPERATIONS, checked, official_structure, structure
from dinas_cli.spaces.nasbench201.hardware import HARDWARE
from dinas_cli.spaces.nasbench201.text import DIALECTS, read, write
from dinas_cli.spaces.shared import memory, summing_cells
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.skeletons import image_channels
from dinas_cli.spaces.shared.summing_cells import EDGES, leading_operations, live_operations

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.hardware import Hardware
    from dinas_cli.spaces.shared.settings import Setting
    from dinas_cli.spaces.shared.skeletons import Options, Skeleton

LABELS = (("none", "other"), ("skip", "skip"), ("conv 1×1", "conv"), ("conv 3×3", "conv"), ("avg 3×3", "pool"))


class NasBench201:
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "nasbench201"
    aliases: tuple[str, ...] = ("nb201",)
    device_aliases: tuple[str, ...] = ("hwnasbench",)
    title = "NAS-Bench-201: image classification cells, 4 nodes, 6 edges, 5 operations"
    layout = Layout(nodes=(0, 0, 0, 0), node_types=("sum",), edge_types=OPERATIONS, free_nodes=(), free_edges=EDGES)
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "validation accuracy after 200 epochs", per_dataset=True),
        MetricSpec("test_acc", "%", "max", "test accuracy after 200 epochs", per_dataset=True),
        MetricSpec("latency", "ms", "min", "inference latency", per_device=True, absent="worst"),
        MetricSpec("energy", "mJ", "min", "inference energy", per_device=True, absent="worst"),
        *robustness.METRICS,
        MetricSpec("params", "count", "min", "parameters", per_dataset=True),
        MetricSpec("macs", "count", "min", "multiply-accumulates", per_dataset=True),
        *memory.specs(per_dataset=True),
        MetricSpec("index", "", "", "official index"),
    )
    rank_metric = "acc"
    datasets: tuple[str, ...] = tuple(networks.CLASSES)
    dialects: tuple[str, ...] = DIALECTS
    compact = "ops"
    table_rows: int | None = CELLS
    closed_forms: tuple[str, ...] = ("params", "macs", *memory.MEMORY)
    default_device: str | None = None
    readers: Mapping[str, str] = {
        "csv": "dinas_cli.spaces.nasbench201.read_csv",
        "torch": "dinas_cli.spaces.nasbench201.read_official",
        "pickle": "dinas_cli.spaces.nasbench201.read_hardware",
    }
    files = (
        "the official NAS-Bench-201 .pth, the official HW-NAS-Bench .pickle, or a CSV (plain or .gz) with a column "
        "arch_str"
    )

    skeletons: Mapping[str, Options] = networks.SKELETONS
    counted: str = "cells per stage"
    hardware: Mapping[str, Hardware] = HARDWARE

    def own(self, dataset: str | None = None) -> Skeleton:
        """The benchmark's network on a dataset; cells are counted by stage."""
        return networks.own(self.dataset(dataset))

    def setting(self, device: str, dataset: str | None) -> Setting | None:
        """What costs on the devices of HW-NAS-Bench (by dataset) and HELP are about; None for other devices."""
        return networks.setting(device, dataset)

    def encode(self, genotype: str) -> Values:
        """Parse any dialect (see ``text.py``) into operation numbers ``(6,)``; raise :class:`GenotypeError`."""
        return read(genotype)

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write six operation numbers as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
        return write(checked(values), dialect)

    def key(self, values: Iterable[int]) -> int:
        """The table row of exactly this cell: ``sum(op_i * 5**i)``, 0 to 15,624."""
        number = 0
        for value in reversed(checked(values)):
            number = number * len(OPERATIONS) + value
        return number

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``nb201-<12 hex digits>``, equal for cells that compute the same."""
        return _id(checked(values))

    def isomorphic(self, values: Iterable[int]) -> list[Values]:
        """The cell with its inner nodes exchanged, where that is the same graph."""
        return summing_cells.exchanged(checked(values))

    def reference(self) -> np.ndarray:
        """All cells ``(15625, 6)`` int8 in the order of their keys."""
        return summing_cells.every(len(OPERATIONS))

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Uniformly random cells ``(count, 6)`` int8."""
        return summing_cells.random(len(OPERATIONS), count, seed)

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """None: every combination of operations is a cell."""
        return None

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """Operations but ``none``: all that are written, those that lead to the output, those that are live, each
        ``(B, 4)``.

        The runtime of a device may leave out what nothing reads, or also what is zero.
        """
        import numpy as np

        ways = values, leading_operations(values), live_operations(values)
        types = range(1, len(OPERATIONS))
        return tuple(np.stack([(cells == type_).sum(1) for type_ in types], 1).astype(np.float64) for cells in ways)

    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``params``, ``macs`` or memory of cells ``(..., 6)``: ``(...)`` int64."""
        import numpy as np

        from dinas_cli.spaces.nasbench201.counts import params_and_macs
        from dinas_cli.spaces.nasbench201.memory import memory as needed

        classes, *sizes = self._arguments(dataset, skeleton).values()
        size = self._image_size(dataset, skeleton)
        if metric in memory.MEMORY:
            return needed(metric, np.asarray(values), classes, size, *sizes)
        counts = params_and_macs(np.asarray(values), classes, size, *sizes)
        return counts[self.closed_forms.index(metric)]

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """One cell of four nodes with an operation on every edge that is not ``none``."""
        return summing_cells.sketch(LABELS, checked(values))

    def features(self, values: np.ndarray) -> np.ndarray:
        """One-hot operations, as written and as :func:`live_operations`: ``(B, 6)`` -> ``(B, 60)`` float32."""
        import numpy as np

        both = np.concatenate([values, live_operations(values)], 1).astype(np.int64)
        return np.eye(len(OPERATIONS), dtype=np.float32)[both].reshape(len(both), -1)

    def build(
        self, values: Iterable[int], dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> nn.Module:
        """The benchmark's network around this cell, randomly initialised: images ``(B, 3, S, S)`` -> logits ``(B, C)``.

        Operations that cannot reach the output are kept, as in the benchmark, so that parameters equal its table's.
        """
        from dinas_cli.spaces.nasbench201.backbone import Features
        from dinas_cli.spaces.nasbench201.network import Network

        cell = tuple(OPERATIONS[value] for value in checked(values))
        chosen = Features if skeleton is not None and skeleton.features else Network
        return chosen(cell, *self._arguments(dataset, skeleton).values())

    def source(
        self, values: Iterable[int], dataset: str | None = None, header: str = "", *, skeleton: Skeleton | None = None
    ) -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        from dinas_cli.spaces.shared.source import standalone

        cell, size = checked(values), self._image_size(dataset, skeleton)
        suited = self.dataset(dataset) if skeleton is None else f"images of {size} x {size}"
        return standalone(
            "dinas_cli.spaces.nasbench201.network",
            title=f"NAS-Bench-201 network for {suited}, cell {self.canonical_id(cell)}.",
            header=header,
            arguments={
                "CELL": [(OPERATIONS[value], f"node {i} -> {j}") for value, (i, j) in zip(cell, EDGES, strict=True)],
                **self._arguments(dataset, skeleton),
            },
            input_shape=(image_channels(skeleton), size, size),
            features=bool(skeleton and skeleton.features),
        )

    def dataset(self, name: str | None) -> str:
        """The dataset called ``name``, or the default one; raise :class:`UsageProblem` with a suggestion otherwise."""
        return find_name(name, self.datasets, "dataset")

    def example(
        self, dataset: str | None = None, batch: int = 1, *, skeleton: Skeleton | None = None
    ) -> tuple[Tensor, ...]:
        """Random images ``(batch, C, S, S)`` of the dataset's, or the skeleton's, size."""
        import torch

        size = self._image_size(dataset, skeleton)
        return (torch.randn(batch, image_channels(skeleton), size, size),)

    def _arguments(self, dataset: str | None, skeleton: Skeleton | None) -> dict[str, int]:
        """What the network is told besides its cell."""
        classes = networks.CLASSES[self.dataset(dataset)]
        if skeleton is None:
            return {"CLASSES": classes}
        return {
            "CLASSES": skeleton.classes or classes,
            "CHANNELS": skeleton.channels or networks.CHANNELS,
            "CELLS": skeleton.cells or networks.CELLS,
            "IN_CHANNELS": image_channels(skeleton),
        }

    def _image_size(self, dataset: str | None, skeleton: Skeleton | None) -> int:
        size = (skeleton and skeleton.image_size) or networks.IMAGE_SIZE[self.dataset(dataset)]
        if size % 4:
            raise UsageProblem(f"--image-size {size} cannot be halved twice, as the network does", "a multiple of 4")
        return size

    def counts(self) -> dict[str, int]:
        """How many cells differ, by three measures; counted by walking through the whole space."""
        cells = list(product(range(len(OPERATIONS)), repeat=len(EDGES)))
        return {
            "genotypes": len({self.decode(cell) for cell in cells}),
            "official unique structures": len({official_structure(cell) for cell in cells}),
            "architecture ids": len({self.canonical_id(cell) for cell in cells}),
        }


@lru_cache(maxsize=CELLS)
def _id(values: Values) -> str:
    return f"nb201-{sha256(structure(values).encode()).hexdigest()[:12]}"


SPACE = NasBench201()

if TYPE_CHECKING:
    _conforms: Space = SPACE
