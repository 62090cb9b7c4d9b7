"""NAS-Bench-201: cells of four summing nodes and six typed edges, 15,625 in all (Dong & Yang, ICLR 2020).

Genotype dialects, each able to express every cell:

* ``arch_str``, the benchmark's own: ``|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|``;
* ``tuple``, the nested form of the official library: ``((('nor_conv_3x3', 0),), (('none', 0), ...), ...)``, or lists;
* ``ops``, one digit (0-4) per edge in the order of ``EDGES``: ``301004``; six comma-separated names are accepted too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from itertools import product
from operator import index
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError, UsageProblem, find_name, suggest
from dinas_cli.spaces.shared import summing_cells
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.summing_cells import EDGES, live_operations
from dinas_cli.spaces.shared.text import Written, clean, read_arch_str, read_ops, read_tuple, shown

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.skeletons import Options, Skeleton

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
NONE, SKIP = 0, 1
LABELS = (("none", "other"), ("skip", "skip"), ("conv 1×1", "conv"), ("conv 3×3", "conv"), ("avg 3×3", "pool"))
CELLS: int = len(OPERATIONS) ** len(EDGES)
CLASSES = {"cifar10": 10, "cifar100": 100, "imagenet16-120": 120}
IMAGE_SIZE = {"cifar10": 32, "cifar100": 32, "imagenet16-120": 16}

_LONGEST = 1000  # characters; the longest genotype of any dialect has under 200


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
        MetricSpec("params", "count", "min", "parameters", per_dataset=True),
        MetricSpec("macs", "count", "min", "multiply-accumulates", per_dataset=True),
        MetricSpec("index", "", "", "official index"),
    )
    rank_metric = "acc"
    datasets: tuple[str, ...] = tuple(CLASSES)
    dialects: tuple[str, ...] = ("arch_str", "tuple", "ops")
    table_rows: int | None = CELLS
    closed_forms: tuple[str, ...] = ("params", "macs")
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

    skeletons: Mapping[str, Options] = {"cifar": {"channels": 16, "cells": 5, "classes": None, "image_size": None}}
    """``cifar``: the same network with other channels, cells per stage, classes or images."""

    def encode(self, genotype: str) -> Values:
        """Parse any dialect into operation numbers ``(6,)``, ordered as ``EDGES``; raise :class:`GenotypeError`."""
        text = clean(genotype, _LONGEST, self.name)
        if text.startswith("|"):
            written = read_arch_str(text)
        elif text.startswith(("(", "[")):
            written = read_tuple(text)
        else:
            written = read_ops(text, OPERATIONS, EDGES)
        return _resolve(written, text)

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write six operation numbers as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
        checked = _checked(values)
        names = [OPERATIONS[value] for value in checked]
        nodes = [[(names[e], i) for e, (i, j) in enumerate(EDGES) if j == node] for node in (1, 2, 3)]
        if dialect in (None, "arch_str"):
            return "+".join("|" + "".join(f"{op}~{i}|" for op, i in node) for node in nodes)
        if dialect == "tuple":
            return repr(tuple(tuple(node) for node in nodes))
        if dialect == "ops":
            return "".join(map(str, checked))
        raise UsageProblem(f"unknown dialect {dialect!r}", suggest(str(dialect), self.dialects, "dialects"))

    def key(self, values: Iterable[int]) -> int:
        """The table row of exactly this cell: ``sum(op_i * 5**i)``, 0 to 15,624."""
        number = 0
        for value in reversed(_checked(values)):
            number = number * len(OPERATIONS) + value
        return number

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``nb201-<12 hex digits>``, equal for cells with the same :func:`structure`."""
        return _id(_checked(values))

    def isomorphic(self, values: Iterable[int]) -> list[Values]:
        """The cell with its inner nodes exchanged, where that is the same graph."""
        return summing_cells.exchanged(_checked(values))

    def reference(self) -> np.ndarray:
        """All cells ``(15625, 6)`` int8 in the order of their keys."""
        return summing_cells.every(len(OPERATIONS))

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Uniformly random cells ``(count, 6)`` int8."""
        return summing_cells.random(len(OPERATIONS), count, seed)

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """None: every combination of operations is a cell."""
        return None

    def operators(self, values: np.ndarray) -> np.ndarray | None:
        """None: learned from two dozen devices."""
        return None

    def closed_form(self, metric: str, values: np.ndarray, dataset: str | None = None) -> np.ndarray:
        """Exact ``params`` or ``macs`` of cells ``(..., 6)``: ``(...)`` int64."""
        import numpy as np

        from dinas_cli.spaces.nasbench201.counts import params_and_macs

        name = self.dataset(dataset)
        counts = params_and_macs(np.asarray(values), CLASSES[name], IMAGE_SIZE[name])
        return counts[self.closed_forms.index(metric)]

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """One cell of four nodes with an operation on every edge that is not ``none``."""
        return summing_cells.sketch(LABELS, _checked(values))

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
        from dinas_cli.spaces.nasbench201.network import Network

        cell = tuple(OPERATIONS[value] for value in _checked(values))
        return Network(cell, *self._arguments(dataset, skeleton).values())

    def source(
        self, values: Iterable[int], dataset: str | None = None, header: str = "", *, skeleton: Skeleton | None = None
    ) -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        from dinas_cli.spaces.shared.source import standalone

        checked, size = _checked(values), self._image_size(dataset, skeleton)
        suited = self.dataset(dataset) if skeleton is None else f"images of {size} x {size}"
        return standalone(
            "dinas_cli.spaces.nasbench201.network",
            title=f"NAS-Bench-201 network for {suited}, cell {self.canonical_id(checked)}.",
            header=header,
            arguments={
                "CELL": [(OPERATIONS[value], f"node {i} -> {j}") for value, (i, j) in zip(checked, EDGES, strict=True)],
                **self._arguments(dataset, skeleton),
            },
            input_shape=(3, size, size),
        )

    def dataset(self, name: str | None) -> str:
        """The dataset called ``name``, or the default one; raise :class:`UsageProblem` with a suggestion otherwise."""
        return find_name(name, self.datasets, "dataset")

    def example(
        self, dataset: str | None = None, batch: int = 1, *, skeleton: Skeleton | None = None
    ) -> tuple[Tensor, ...]:
        """Random images ``(batch, 3, S, S)`` of the dataset's, or the skeleton's, size."""
        import torch

        size = self._image_size(dataset, skeleton)
        return (torch.randn(batch, 3, size, size),)

    def _arguments(self, dataset: str | None, skeleton: Skeleton | None) -> dict[str, int]:
        """What the network is told besides its cell."""
        classes = CLASSES[self.dataset(dataset)]
        if skeleton is None:
            return {"CLASSES": classes}
        return {
            "CLASSES": skeleton.classes or classes,
            "CHANNELS": skeleton.channels or 16,
            "CELLS": skeleton.cells or 5,
        }

    def _image_size(self, dataset: str | None, skeleton: Skeleton | None) -> int:
        return (skeleton and skeleton.image_size) or IMAGE_SIZE[self.dataset(dataset)]

    def counts(self) -> dict[str, int]:
        """How many cells differ, by three measures; counted by walking through the whole space."""
        cells = list(product(range(len(OPERATIONS)), repeat=len(EDGES)))
        return {
            "genotypes": len({self.decode(cell) for cell in cells}),
            "official unique structures": len({official_structure(cell) for cell in cells}),
            "architecture ids": len({self.canonical_id(cell) for cell in cells}),
        }


def structure(values: Iterable[int]) -> str:
    """What a cell computes, see :func:`dinas_cli.spaces.shared.summing_cells.structure`."""
    return summing_cells.structure([OPERATIONS[value] for value in _checked(values)])


def official_structure(values: Iterable[int]) -> str:
    """The unique-structure string of the official library, see :mod:`dinas_cli.spaces.shared.summing_cells`."""
    return summing_cells.official_structure([OPERATIONS[value] for value in _checked(values)])


@lru_cache(maxsize=CELLS)
def _id(values: Values) -> str:
    return f"nb201-{sha256(structure(values).encode()).hexdigest()[:12]}"


def _checked(values: Iterable[int]) -> Values:
    cell = tuple(map(index, values))
    if len(cell) != len(EDGES) or not all(0 <= value < len(OPERATIONS) for value in cell):
        raise GenotypeError(f"{cell} is no nasbench201 cell: it needs {len(EDGES)} operations numbered 0 to 4")
    return cell


def _resolve(written: Written, text: str) -> Values:
    """Check that every node names each earlier node once, in any order, with a known operation."""
    if len(written) != 3:
        raise GenotypeError(f"genotype {shown(text)} has {len(written)} nodes besides the input, the space has 3")
    found: dict[tuple[int, int], int] = {}
    for j, node in enumerate(written, 1):
        for name, source in node:
            if name not in OPERATIONS:
                raise GenotypeError(f"unknown operation {shown(name)}", suggest(name, OPERATIONS, "operations"))
            if source not in map(str, range(j)):
                raise GenotypeError(
                    f"genotype {shown(text)}: node {j} takes input from earlier nodes, not {shown(source)}"
                )
            if (int(source), j) in found:
                raise GenotypeError(f"genotype {shown(text)}: node {j} has two edges from node {source}")
            found[int(source), j] = OPERATIONS.index(name)
    for i, j in EDGES:
        if (i, j) not in found:
            raise GenotypeError(f"genotype {shown(text)}: node {j} lacks its edge from node {i} (none~{i} for none)")
    return tuple(found[edge] for edge in EDGES)


SPACE = NasBench201()

if TYPE_CHECKING:
    _conforms: Space = SPACE
