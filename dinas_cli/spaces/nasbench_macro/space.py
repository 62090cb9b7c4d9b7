"""NAS-Bench-Macro: eight layers that are nothing or an inverted residual, trained on CIFAR-10 (Su et al., CVPR 2021).

A genotype is a digit per layer, ``02012100``: nothing (0), expansion 3 and kernel 3 (1), expansion 6 and kernel 5 (2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError, find_name
from dinas_cli.spaces.shared.chains import chain, chain_sketch
from dinas_cli.spaces.shared.combinations import Combinations
from dinas_cli.spaces.shared.image_networks import ImageNetworks
from dinas_cli.spaces.shared.named_columns import NamedColumns
from dinas_cli.spaces.shared.protocol import MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.text import clean, shown
from dinas_cli.spaces.shared.wrapping import unwrapped

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.skeletons import Skeleton
    from dinas_cli.spaces.shared.source import Constant

KERNELS, EXPANSIONS = (1, 3, 5), (0, 3, 6)
HALVING, LAYERS, STEM, HEAD = (0, 2, 5), 8, 32, 1280
"""Layers that halve the image and double the channels, all of them, channels of the stem and of the head."""
_GENOTYPE = re.compile(r"[0-2]{8}|[(\[](?:[0-2], *){7}[0-2][)\]]", re.ASCII)
_START = re.compile(rf"{_GENOTYPE.pattern}|\{{", re.ASCII)


class NasBenchMacro(Combinations, ImageNetworks):
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "nasbench-macro"
    aliases: tuple[str, ...] = ("nbmacro",)
    title = "NAS-Bench-Macro: image classifiers of eight layers, of 3 types each"
    layout = chain(("nothing", "mb3_3x3", "mb6_5x5"), LAYERS)
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "test accuracy on CIFAR-10, mean of three trainings"),
        MetricSpec("params", "count", "min", "parameters"),
        MetricSpec("macs", "count", "min", "multiply-accumulates for one image"),
    )
    rank_metric = "acc"
    images: Mapping[str, tuple[int, int]] = {"cifar10": (10, 32)}
    datasets: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ("arch",)
    table_rows: int | None = 3**LAYERS
    readers: Mapping[str, str] = {"csv": "dinas_cli.spaces.shared.named_columns"}
    columns = NamedColumns(
        "arch",
        {"mean_acc": "acc", "params": "params", "flops": "macs"},
        {f"test_acc_{run}": "mean_acc is the mean of the three" for run in range(3)},
    )
    files = "a CSV (plain or .gz) with columns arch (a digit for each of eight layers) and mean_acc"
    module = "dinas_cli.spaces.nasbench_macro.network"

    def encode(self, genotype: str) -> Values:
        """Parse eight digits, in a row or as a list, into types ``(8,)``; raise :class:`GenotypeError`."""
        text = unwrapped(clean(genotype, 1000, "the benchmark"), _START)
        if _GENOTYPE.fullmatch(text) is None:
            raise GenotypeError(f"genotype {shown(text)} is no network: it needs a digit, 0 to 2, for each of 8 layers")
        return tuple(int(digit) for digit in text if digit.isdigit())

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write types as a genotype; raise :class:`GenotypeError`, and :class:`UsageProblem` for the dialect."""
        find_name(dialect, self.dialects, "dialect")
        return "".join(map(str, self.checked(values)))

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``macro-<8 digits>``, equal for networks that compute the same."""
        return "macro-" + "".join(map(str, _settled(self.checked(values))))

    def isomorphic(self, values: Iterable[int]) -> list[Values]:
        """The network with layers that do nothing behind the others of their stage."""
        return [_settled(self.checked(values))]

    def features(self, values: np.ndarray) -> np.ndarray:
        """Types one-hot, of layers in their places and with nothing behind the others: ``(B, 48)`` float32."""
        import numpy as np

        settled = np.array([_settled(tuple(row)) for row in np.asarray(values).tolist()])
        return np.concatenate([super().features(values), super().features(settled)], 1)

    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``params`` or ``macs`` of networks ``(B, 8)``: ``(B,)`` int64."""
        import numpy as np

        classes, size, colours = self.sizes(dataset, skeleton)
        kinds, width = np.asarray(values, np.int64).T, STEM
        params, macs = 9 * colours * STEM + 2 * STEM, 9 * colours * STEM * size**2
        for layer, kind in enumerate(kinds):
            stride = 2 if layer in HALVING else 1
            outputs, smaller = width * stride, -(-size // stride)
            hidden, taps = width * np.array(EXPANSIONS)[kind], np.array(KERNELS)[kind] ** 2
            fit = (kind == 0) * (stride - 1)
            last = hidden * outputs + fit * width * outputs
            params = params + (width + taps + 4) * hidden + last + 2 * ((kind > 0) + fit) * outputs
            macs = macs + width * hidden * size**2 + (taps * hidden + last) * smaller**2
            width, size = outputs, smaller
        params = params + (width + 2) * HEAD + (HEAD + 1) * classes
        return np.asarray(params if metric == "params" else macs + width * HEAD * size**2 + HEAD * classes)

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """A chain of layers with the channels behind each."""
        nodes, width = [(f"stem: {STEM}", "input")], STEM
        for layer, kind in enumerate(self.checked(values)):
            halves = layer in HALVING
            width <<= halves
            label = f"MB{EXPANSIONS[kind]} {KERNELS[kind]}×{KERNELS[kind]}" if kind else "1×1" if halves else "nothing"
            nodes.append((f"{label}{', half the size' if halves else ''}: {width}", "conv" if kind else "skip"))
        return chain_sketch("network", [*nodes, (f"head: {HEAD}", "output")])

    def searched(self, values: Iterable[int]) -> dict[str, Constant]:
        """The type of each layer."""
        return {"LAYERS": self.checked(values)}


def _settled(kinds: Values) -> Values:
    """The types with layers that do nothing behind the others of their stage, whose first one always does something."""
    stages = kinds[:2], kinds[2:5], kinds[5:]
    return tuple(kind for first, *rest in stages for kind in (first, *sorted(rest, key=lambda kind: kind == 0)))


SPACE: Space = NasBenchMacro()
