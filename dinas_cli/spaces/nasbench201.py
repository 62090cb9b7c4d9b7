"""NAS-Bench-201: cells of four summing nodes and six typed edges, 15,625 in all (Dong & Yang, ICLR 2020).

Genotype dialects, each able to express every cell:

* ``arch_str``, the benchmark's own: ``|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|``;
* ``tuple``, the nested form of the official library: ``((('nor_conv_3x3', 0),), (('none', 0), ...), ...)``, or lists;
* ``ops``, one digit (0-4) per edge in the order of ``EDGES``: ``301004``; six comma-separated names are accepted too.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from itertools import product
from operator import index
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError, UsageProblem
from dinas_cli.spaces.base import Layout, MetricSpec, Space, Values, suggest
from dinas_cli.spaces.text import Written, read_arch_str, read_ops, read_tuple, shown

if TYPE_CHECKING:
    import numpy as np
    from torch import nn

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
NONE, SKIP = 0, 1
EDGES = ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
CELLS: int = len(OPERATIONS) ** len(EDGES)
CLASSES = {"cifar10": 10, "cifar100": 100, "imagenet16-120": 120}
IMAGE_SIZE = {"cifar10": 32, "cifar100": 32, "imagenet16-120": 16}

_LONGEST = 1000  # characters; the longest genotype of any dialect has under 200


class NasBench201:
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.base.Space` for what the members mean."""

    name = "nasbench201"
    aliases: tuple[str, ...] = ("nb201",)
    title = "NAS-Bench-201: image classification cells, 4 nodes, 6 edges, 5 operations"
    layout = Layout(nodes=(0, 0, 0, 0), node_types=("sum",), edge_types=OPERATIONS, free_nodes=(), free_edges=EDGES)
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "validation accuracy after 200 epochs", per_dataset=True),
        MetricSpec("test_acc", "%", "max", "test accuracy after 200 epochs", per_dataset=True),
        MetricSpec("latency", "ms", "min", "inference latency", per_device=True),
        MetricSpec("energy", "mJ", "min", "inference energy", per_device=True),
        MetricSpec("params", "count", "min", "parameters", per_dataset=True),
        MetricSpec("macs", "count", "min", "multiply-accumulates", per_dataset=True),
        MetricSpec("index", "", "", "official index"),
    )
    rank_metric = "acc"
    datasets: tuple[str, ...] = tuple(CLASSES)
    dialects: tuple[str, ...] = ("arch_str", "tuple", "ops")
    table_rows: int | None = CELLS

    def encode(self, genotype: str) -> Values:
        """Parse any dialect into operation numbers ``(6,)``, ordered as ``EDGES``; raise :class:`GenotypeError`."""
        if not isinstance(genotype, str):
            raise GenotypeError(f"a genotype is text, not {type(genotype).__name__}")
        text = genotype.strip()
        if len(text) > _LONGEST:
            raise GenotypeError(f"genotype of {len(text)} characters; the longest of nasbench201 has under {_LONGEST}")
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

    def reference(self) -> np.ndarray:
        """All cells ``(15625, 6)`` int8 in the order of their keys."""
        import numpy as np

        keys = np.arange(CELLS)
        return np.stack([keys // len(OPERATIONS) ** i % len(OPERATIONS) for i in range(len(EDGES))], 1).astype(np.int8)

    def features(self, values: np.ndarray) -> np.ndarray:
        """One-hot operations, as written and as :func:`live_operations`: ``(B, 6)`` -> ``(B, 60)`` float32."""
        import numpy as np

        both = np.concatenate([values, live_operations(values)], 1).astype(np.int64)
        return np.eye(len(OPERATIONS), dtype=np.float32)[both].reshape(len(both), -1)

    def build(self, values: Iterable[int], dataset: str | None = None) -> nn.Module:
        """The benchmark's network around this cell, randomly initialised: images ``(B, 3, S, S)`` -> logits ``(B, C)``.

        Operations that cannot reach the output are kept, as in the benchmark, so that parameters equal its table's.
        """
        from dinas_cli.nets.nasbench201 import Network

        return Network(tuple(OPERATIONS[value] for value in _checked(values)), CLASSES[self.dataset(dataset)])

    def source(self, values: Iterable[int], dataset: str | None = None, header: str = "") -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        from dinas_cli.nets.source import standalone

        checked, name = _checked(values), self.dataset(dataset)
        return standalone(
            "nasbench201",
            title=f"NAS-Bench-201 network for {name}, cell {self.canonical_id(checked)}.",
            header=header,
            arguments={
                "CELL": [(OPERATIONS[value], f"node {i} -> {j}") for value, (i, j) in zip(checked, EDGES, strict=True)],
                "CLASSES": CLASSES[name],
            },
            input_shape=(3, IMAGE_SIZE[name], IMAGE_SIZE[name]),
        )

    def dataset(self, name: str | None) -> str:
        """The dataset called ``name``, or the default one; raise :class:`UsageProblem` with a suggestion otherwise."""
        if name is None:
            return self.datasets[0]
        if name not in self.datasets:
            raise UsageProblem(f"unknown dataset {name!r}", suggest(name, self.datasets, "datasets"))
        return name

    def image_size(self, dataset: str) -> int:
        """Height and width of the dataset's images."""
        return IMAGE_SIZE[self.dataset(dataset)]

    def counts(self) -> dict[str, int]:
        """How many cells differ, by three measures; counted by walking through the whole space."""
        cells = list(product(range(len(OPERATIONS)), repeat=len(EDGES)))
        return {
            "genotypes": len({self.decode(cell) for cell in cells}),
            "official unique structures": len({official_structure(cell) for cell in cells}),
            "architecture ids": len({self.canonical_id(cell) for cell in cells}),
        }


def structure(values: Iterable[int]) -> str:
    """What a cell computes, as a sum of nested terms; empty when nothing reaches the output.

    ``none`` and what it starves is left out, and so is what does not reach the output; skip connections are folded
    away; sums are flat and unordered. A term that is added twice is written twice.
    """
    ops = _checked(values)
    nodes: list[list[str]] = [["x"], [], [], []]
    for value, (i, j) in zip(ops, EDGES, strict=True):
        # A node is complete before any edge leaves it, because EDGES is ordered by target.
        if value == SKIP:
            nodes[j] += nodes[i]
        elif value != NONE and nodes[i]:
            nodes[j].append(f"{OPERATIONS[value]}({'+'.join(sorted(nodes[i]))})")
    return "+".join(sorted(nodes[3]))


def official_structure(values: Iterable[int]) -> str:
    """The unique-structure string of the official library (zeros considered); 6,466 of them differ.

    It keeps zeros as terms, so cells that differ only in where a zero arrives count as different.
    """
    ops = dict(zip(EDGES, _checked(values), strict=True))
    nodes = ["0"]
    for j in (1, 2, 3):
        terms = []
        for i in range(j):
            op = ops[i, j]
            if op == NONE or nodes[i] == "#":
                terms.append("#")
            else:
                terms.append(nodes[i] if op == SKIP else f"({nodes[i]})@{OPERATIONS[op]}")
        nodes.append("+".join(sorted(terms)))
    return nodes[3]


def live_operations(values: np.ndarray) -> np.ndarray:
    """Cells ``(B, 6)`` with every edge that is starved of input or does not reach the output set to ``none``."""
    import numpy as np

    cells = np.asarray(values)
    fed, used = np.zeros((len(cells), 4), bool), np.zeros((len(cells), 4), bool)
    fed[:, 0] = used[:, 3] = True
    for e, (i, j) in enumerate(EDGES):
        fed[:, j] |= (cells[:, e] != NONE) & fed[:, i]
    for e, (i, j) in reversed(list(enumerate(EDGES))):
        used[:, i] |= (cells[:, e] != NONE) & used[:, j]
    starts, ends = zip(*EDGES, strict=True)
    return np.where(fed[:, starts] & used[:, ends], cells, NONE)


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
