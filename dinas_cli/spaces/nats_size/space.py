"""NATS-Bench, size search space: how many channels five layers have, 8 to 64 each (Dong et al., TPAMI 2021).

A genotype is the channels of every layer, ``8:16:24:32:40``.
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

LAYERS, STEP, CHOICES = 5, 8, 8
"""Layers, channels that a choice adds, choices of a layer."""
_SHORT = {"c10": "cifar10", "c100": "cifar100", "im16": "imagenet16-120"}
_GENOTYPE = re.compile(r"[(\[]?([0-9]{1,3}(?:[:,] *[0-9]{1,3}){4})[)\]]?", re.ASCII)
_START = re.compile(rf"{_GENOTYPE.pattern}|\{{", re.ASCII)


class NatsSize(Combinations, ImageNetworks):
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "nats-size"
    aliases: tuple[str, ...] = ("nats-sss",)
    title = "NATS-Bench size: image classifiers of five layers, 8 to 64 channels each"
    layout = chain([f"channels={STEP * (choice + 1)}" for choice in range(CHOICES)], LAYERS)
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "test accuracy after 90 epochs, of one training", per_dataset=True),
        MetricSpec("params", "count", "min", "parameters", per_dataset=True),
        MetricSpec("macs", "count", "min", "multiply-accumulates", per_dataset=True),
    )
    rank_metric = "acc"
    images: Mapping[str, tuple[int, int]] = {"cifar10": (10, 32), "cifar100": (100, 32), "imagenet16-120": (120, 16)}
    datasets: tuple[str, ...] = tuple(images)
    dialects: tuple[str, ...] = ("channels",)
    table_rows: int | None = CHOICES**LAYERS
    readers: Mapping[str, str] = {"csv": "dinas_cli.spaces.shared.named_columns"}
    columns = NamedColumns(
        "channels",
        {f"{name}_test_90": f"acc@{dataset}" for name, dataset in _SHORT.items()}
        | {f"params_{name}": f"params@{dataset}" for name, dataset in _SHORT.items()},
        {"index": "channels tell it"},
    )
    files = "a CSV (plain or .gz) with columns channels (8:16:24:32:40) and c10_test_90, c100_test_90 or im16_test_90"
    module = "dinas_cli.spaces.nats_size.network"
    halvings = 2

    def encode(self, genotype: str) -> Values:
        """Parse channels, also as a list, into choices ``(5,)``; raise :class:`GenotypeError`."""
        text = unwrapped(clean(genotype, 1000, "the benchmark"), _START)
        match = _GENOTYPE.fullmatch(text)
        if match is None:
            raise GenotypeError(f"genotype {shown(text)} is no network: it needs {LAYERS} numbers", "8:16:24:32:40")
        channels = [int(number) for number in re.split("[:,] *", match[1])]
        if not set(channels) <= {STEP * (choice + 1) for choice in range(CHOICES)}:
            raise GenotypeError(f"genotype {shown(text)}: channels are multiples of 8 from 8 to 64")
        return tuple(number // STEP - 1 for number in channels)

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write choices as channels; raise :class:`GenotypeError`, and :class:`UsageProblem` for the dialect."""
        find_name(dialect, self.dialects, "dialect")
        return ":".join(map(str, self._channels(values)))

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``nats-<channels>``; no two networks compute the same."""
        return "nats-" + "".join(f"{number:02d}" for number in self._channels(values))

    def features(self, values: np.ndarray) -> np.ndarray:
        """Choices one-hot, and channels and weights between layers as shares of the most: ``(B, 50)`` float32."""
        import numpy as np

        shares = (np.asarray(values, np.float32) + 1) / CHOICES
        return np.concatenate([super().features(values), shares, shares * np.roll(shares, 1, 1)], 1)

    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``params`` or ``macs`` of networks ``(B, 5)``: ``(B,)`` int64."""
        import numpy as np

        classes, size, colours = self.sizes(dataset, skeleton)
        channels = STEP * (np.asarray(values, np.int64).T + 1)
        first, last = channels[0], channels[-1]
        params, macs = 9 * colours * first + 2 * first, 9 * colours * first * size**2
        for place, (inputs, outputs) in enumerate(zip((first, *channels), channels, strict=False)):
            size //= 1 + place % 2
            skips = inputs != outputs
            mixed, own, norms = (10, 9, 2) if place % 2 else (18 + skips, 27, 5 + skips)
            weights = mixed * inputs * outputs + own * outputs**2
            params, macs = params + weights + 2 * norms * outputs, macs + weights * size**2
        params += 2 * last + (last + 1) * classes
        return params if metric == "params" else macs + last * classes

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """A chain of layers with their channels."""
        kinds = (("cell", "sum"), ("half the size", "conv")) * LAYERS
        layers = [(f"{name}: {n}", kind) for (name, kind), n in zip(kinds, self._channels(values), strict=False)]
        return chain_sketch("network", [("image", "input"), *layers, ("classes", "output")])

    def searched(self, values: Iterable[int]) -> dict[str, Constant]:
        """The channels of each layer."""
        return {"CHANNELS": self._channels(values)}

    def _channels(self, values: Iterable[int]) -> Values:
        return tuple(STEP * (value + 1) for value in self.checked(values))


SPACE: Space = NatsSize()
