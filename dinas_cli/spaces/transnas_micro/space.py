"""TransNAS-Bench-101, micro: cells of four summing nodes and six typed edges, 4,096 in all (Duan et al., CVPR 2021).

Five modules of two cells each: the first, third and fifth double the channels and halve the image in their first cell.

Genotype dialects: ``arch``, the benchmark's own, ``64-41414-3_33_320`` (channels, types of the modules, operations of
the edges into nodes 1, 2 and 3), and ``compact``, ``3_33_320``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from operator import index
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared import summing_cells
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.summing_cells import EDGES, live_operations
from dinas_cli.spaces.shared.text import clean, shown
from dinas_cli.spaces.shared.transnas import common as transnas
from dinas_cli.spaces.shared.transnas.tasks import TASKS
from dinas_cli.spaces.shared.wrapping import unwrapped

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.skeletons import Options, Skeleton

OPERATIONS = ("none", "skip_connect", "conv_1x1", "conv_3x3")
NONE = 0
LABELS = (("none", "other"), ("skip", "skip"), ("conv 1×1", "conv"), ("conv 3×3", "conv"))
CELLS: int = len(OPERATIONS) ** len(EDGES)
PATHS = ([3], [0, 4], [1, 5], [0, 2, 5])
"""Edges of every way from the input to the output."""
MODULES = (4, 1, 4, 1, 4)
PREFIX = "64-41414-"

_CELL = re.compile("([0-3])_([0-3]{2})_([0-3]{3})")
_START = re.compile(r"64-|[0-9]_[0-9]{2}_|\{", re.ASCII)


class TransNasMicro:
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "transnas-micro"
    aliases: tuple[str, ...] = ("transnas", "tnb101-micro")
    device_aliases: tuple[str, ...] = ()
    title = "TransNAS-Bench-101 micro: cells for seven vision tasks, 4 nodes, 6 edges, 4 operations"
    layout = Layout(nodes=(0, 0, 0, 0), node_types=("sum",), edge_types=OPERATIONS, free_nodes=(), free_edges=EDGES)
    metrics: tuple[MetricSpec, ...] = transnas.METRICS
    rank_metric = "acc"
    datasets: tuple[str, ...] = tuple(TASKS)
    dialects: tuple[str, ...] = transnas.DIALECTS
    table_rows: int | None = CELLS
    closed_forms: tuple[str, ...] = transnas.CLOSED_FORMS
    default_device: str | None = None
    readers: Mapping[str, str] = transnas.READERS
    files = transnas.FILES
    skeletons: Mapping[str, Options] = transnas.SKELETONS
    official = staticmethod(transnas.official)

    def encode(self, genotype: str) -> Values:
        """Parse either dialect into operation numbers ``(6,)``, ordered as ``EDGES``; raise :class:`GenotypeError`."""
        text = unwrapped(clean(genotype, transnas.LONGEST, "the benchmark"), _START)
        if "-" in text and not text.startswith(PREFIX):
            raise GenotypeError(f"genotype {shown(text)}: networks of the micro space start with {PREFIX}")
        match = _CELL.fullmatch(text.removeprefix(PREFIX))
        if match is None:
            raise GenotypeError(
                f"genotype {shown(text)}: a cell is 1, 2 and 3 operations (digits 0 to 3) joined by '_'",
                f"write it like {PREFIX}3_33_320 or 3_33_320",
            )
        return tuple(int(digit) for digit in "".join(match.groups()))

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write six operation numbers as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
        digits = "".join(map(str, _checked(values)))
        cell = f"{digits[0]}_{digits[1:3]}_{digits[3:]}"
        return cell if transnas.find_dialect(dialect) == "compact" else PREFIX + cell

    def key(self, values: Iterable[int]) -> int:
        """The table row of exactly this cell: ``sum(op_i * 4**i)``, 0 to 4,095."""
        return sum(value * len(OPERATIONS) ** place for place, value in enumerate(_checked(values)))

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``tnmicro-<12 hex digits>``, equal for cells with the same :func:`structure`."""
        return _id(_checked(values))

    def isomorphic(self, values: Iterable[int]) -> list[Values]:
        """The cell with its inner nodes exchanged, where that is the same graph."""
        return summing_cells.exchanged(_checked(values))

    def reference(self) -> np.ndarray:
        """All cells ``(4096, 6)`` int8 in the order of their keys."""
        return summing_cells.every(len(OPERATIONS))

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Uniformly random cells ``(count, 6)`` int8."""
        return summing_cells.random(len(OPERATIONS), count, seed)

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        """None: every combination of operations is a cell."""
        return None

    def features(self, values: np.ndarray) -> np.ndarray:
        """Operations one-hot, as written and where alive, and what reaches the output: ``(B, 64)`` float32.

        The last 16 do not change when the inner nodes are exchanged: paths from input to output by the number of 3x3
        and 1x1 convolutions on them, and live operations with and without change of shape.
        """
        import numpy as np

        cells = np.asarray(values, np.int64)
        live = live_operations(cells)
        one_hot = np.eye(len(OPERATIONS))[np.concatenate([cells, live], 1)].reshape(len(cells), -1)
        paths = np.zeros((len(cells), 4, 4))
        for edges in PATHS:
            path = cells[:, edges]
            convolutions = [np.sum(path == operation, 1) for operation in (3, 2)]
            paths[np.arange(len(cells)), *convolutions] += np.all(path != NONE, 1)
        large, small = np.nonzero(np.add.outer(np.arange(4), np.arange(4)) < 4)
        outer = np.array([i == 0 for i, _ in EDGES])
        alive = [np.sum((live == operation) & edges, 1) / 3 for operation in (1, 2, 3) for edges in (outer, ~outer)]
        return np.concatenate([one_hot, paths[:, large, small], np.stack(alive, 1)], 1).astype(np.float32)

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """Skips and convolutions from the input, which change the shape, and other convolutions: ``(B, 5)``."""
        import numpy as np

        outer = np.array([i == 0 for i, _ in EDGES])
        counted = [(1, outer), (2, outer), (3, outer), (2, ~outer), (3, ~outer)]
        return (np.stack([np.sum((values == operation) & edges, 1) for operation, edges in counted], 1).astype(float),)

    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``params``, ``macs`` or memory of the task's networks around cells ``(B, 6)``: ``(B,)`` int64."""
        import numpy as np

        return transnas.closed_form(metric, np.array([MODULES]), np.asarray(values), dataset, skeleton)

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """One cell of four nodes with an operation on every edge that is not ``none``."""
        return summing_cells.sketch(LABELS, _checked(values))

    def build(
        self, values: Iterable[int], dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> nn.Module:
        """The benchmark's network of the task around this cell, see :mod:`dinas_cli.spaces.shared.transnas.network`."""
        return transnas.build(MODULES, [OPERATIONS[value] for value in _checked(values)], dataset, skeleton)

    def example(
        self, dataset: str | None = None, batch: int = 1, *, skeleton: Skeleton | None = None
    ) -> tuple[Tensor, ...]:
        """Random images of the task's size, see :func:`dinas_cli.spaces.shared.transnas.common.example`."""
        return transnas.example(dataset, batch, skeleton)

    def source(
        self, values: Iterable[int], dataset: str | None = None, header: str = "", *, skeleton: Skeleton | None = None
    ) -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        checked = _checked(values)
        cell = [(OPERATIONS[value], f"node {i} -> {j}") for value, (i, j) in zip(checked, EDGES, strict=True)]
        title = f"cell {self.canonical_id(checked)}"
        return transnas.source(MODULES, cell, dataset, skeleton, title=title, header=header)


def structure(values: Iterable[int]) -> str:
    """What a cell computes where it changes the shape, which fixes what it computes elsewhere.

    There a skip connection from the input is convolutions of its own, so only the others are folded away; apart from
    that as :func:`dinas_cli.spaces.shared.summing_cells.structure`.
    """
    cell = [
        "reduce" if i == 0 and OPERATIONS[value] == "skip_connect" else OPERATIONS[value]
        for value, (i, _) in zip(_checked(values), EDGES, strict=True)
    ]
    return summing_cells.structure(cell)


@lru_cache(maxsize=CELLS)
def _id(values: Values) -> str:
    return f"tnmicro-{sha256(structure(values).encode()).hexdigest()[:12]}"


def _checked(values: Iterable[int]) -> Values:
    cell = tuple(map(index, values))
    if len(cell) != len(EDGES) or not all(0 <= value < len(OPERATIONS) for value in cell):
        raise GenotypeError(f"{cell} is no transnas-micro cell: it needs {len(EDGES)} operations numbered 0 to 3")
    return cell


SPACE = TransNasMicro()

if TYPE_CHECKING:
    _conforms: Space = SPACE
