"""Accel-NASBench: MobileNet-like networks for ImageNet, with limits on six accelerators (Ahmad et al., DAC 2024).

A network has seven blocks; each chooses expansion, kernel size, number of layers and squeeze-excite. Accuracies are of
short trainings that stand for long ones (on smaller images, fewer epochs): they rank networks, and full trainings get
more. For genotype dialects see :mod:`dinas_cli.spaces.mnasnet.text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from dinas_cli.spaces.mnasnet.blocks import HEAD, PUBLISHED, STEM, STRIDES, WIDTHS, Block, blocks, layout, values_of
from dinas_cli.spaces.mnasnet.devices import HARDWARE, RUN
from dinas_cli.spaces.mnasnet.text import DIALECTS, read, write
from dinas_cli.spaces.shared.chains import chain_sketch
from dinas_cli.spaces.shared.combinations import Combinations
from dinas_cli.spaces.shared.image_networks import SIZES, ImageNetworks
from dinas_cli.spaces.shared.protocol import MetricSpec, Sketch, Space, Values
from dinas_cli.spaces.shared.settings import Setting

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.hardware import Hardware
    from dinas_cli.spaces.shared.skeletons import Options, Skeleton
    from dinas_cli.spaces.shared.source import Constant

REFERENCE = 8192


class MnasNet(Combinations, ImageNetworks):
    """The space of :data:`SPACE`; see :class:`dinas_cli.spaces.shared.protocol.Space` for what the members mean."""

    name = "mnasnet"
    aliases: tuple[str, ...] = ("accel-nasbench", "anb")
    title = "Accel-NASBench: MobileNet-like networks for ImageNet, seven blocks of inverted residuals"
    layout = layout()
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("acc", "%", "max", "ImageNet top-1 of a short proxy training"),
        MetricSpec("latency", "ms", "min", "inference latency; published of the two FPGAs", per_device=True),
        MetricSpec("throughput", "count", "max", "images per second", per_device=True, cost="inverse"),
        MetricSpec("params", "count", "min", "parameters"),
        MetricSpec("macs", "count", "min", "multiply-accumulates for one image; published_macs has the benchmark's"),
        MetricSpec(
            PUBLISHED, "count", "min", "macs as published, which count batch norms and pooling too", on_request=True
        ),
    )
    rank_metric = "acc"
    images: Mapping[str, tuple[int, int]] = {"imagenet": (1000, 224)}
    datasets: tuple[str, ...] = ()
    dialects: tuple[str, ...] = DIALECTS
    table_rows: int | None = None
    closed_forms: tuple[str, ...] = ("params", "macs", PUBLISHED)
    readers: Mapping[str, str] = {"csv": "dinas_cli.spaces.mnasnet.read_results"}
    files = "anb_dataset_jsons.tar.gz of Accel-NASBench, an archive of JSON results (.tar or .tar.gz)"
    hardware: Mapping[str, Hardware] = HARDWARE
    module = "dinas_cli.spaces.mnasnet.network"
    skeletons: Mapping[str, Options] = {"imagenet": SIZES}

    def setting(self, device: str, dataset: str | None) -> Setting | None:
        """What published costs are about; None for other devices."""
        return Setting(self.own(), run=RUN) if device in HARDWARE and dataset is None else None

    def encode(self, genotype: str) -> Values:
        """Parse any dialect into the choices of the layout; raise :class:`GenotypeError` naming the broken rule."""
        return values_of(read(genotype))

    def decode(self, values: Iterable[int], dialect: str | None = None) -> str:
        """Write choices as a genotype; raise :class:`GenotypeError`, and :class:`UsageProblem` for the dialect."""
        return write(self._blocks(values), dialect)

    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id ``mnasnet-<10 hex digits>``, its key; no two networks compute the same."""
        return f"mnasnet-{self.key(values):010x}"

    def reference(self) -> np.ndarray:
        """A fixed sample ``(8192, 28)`` int8 of :meth:`draw`."""
        return _reference().copy()

    def features(self, values: np.ndarray) -> np.ndarray:
        """``(B, 28)`` -> ``(B, F)`` float32, see :func:`dinas_cli.spaces.mnasnet.counts.features`."""
        from dinas_cli.spaces.mnasnet.counts import features

        return features(values, super().features(values))

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """One way to count, see :func:`dinas_cli.spaces.mnasnet.counts.operators`."""
        from dinas_cli.spaces.mnasnet.counts import operators

        return (operators(values, self.sizes(None)[1]),)

    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``params``, ``macs`` or ``published_macs`` of networks ``(B, 28)``: ``(B,)`` int64."""
        from dinas_cli.spaces.mnasnet.counts import closed_form

        return closed_form(metric, values, *self.sizes(dataset, skeleton))

    def sketch(self, values: Iterable[int]) -> tuple[Sketch, ...]:
        """A chain of blocks, ``2 x MB6 5x5 SE: channels``."""
        nodes = [(f"stem /2: {STEM}", "input")]
        for block, width, stride in zip(self._blocks(values), WIDTHS, STRIDES, strict=True):
            count = f"{block.layers} × " if block.layers > 1 else ""
            kind = f"MB{block.expansion} {block.kernel}×{block.kernel}{' SE' if block.gate else ''}"
            nodes.append((f"{count}{kind}{f' /{stride}' if stride > 1 else ''}: {width}", "conv"))
        return chain_sketch("network", [*nodes, (f"head: {HEAD}", "output")])

    def searched(self, values: Iterable[int]) -> dict[str, Constant]:
        """Expansion, kernel, layers and gate of every block."""
        found = self._blocks(values)
        return {
            "EXPANSIONS": [block.expansion for block in found],
            "KERNELS": [block.kernel for block in found],
            "LAYERS": [block.layers for block in found],
            "GATES": [int(block.gate) for block in found],
        }

    def _blocks(self, values: Iterable[int]) -> tuple[Block, ...]:
        return blocks(self.checked(values))


SPACE: Space = MnasNet()


@cache
def _reference() -> np.ndarray:
    return SPACE.draw(REFERENCE, 0)
