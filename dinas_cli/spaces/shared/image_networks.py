"""Spaces of whole networks for images, which can be built for other classes and other images than the benchmark's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem, find_name
from dinas_cli.spaces.shared.skeletons import COUNTS, OWN, Skeleton, image_channels

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.skeletons import Options
    from dinas_cli.spaces.shared.source import Constant

SIZES: Options = {"classes": None, "image_size": None, "in_channels": None}
"""The options of a skeleton for other classes and images, each as the benchmark's dataset has it unless told."""


class ImageNetworks(ABC):
    """Networks of such a space: the class ``Network`` of :attr:`module`, called with what :meth:`searched` gives, the
    number of classes and the channels of images."""

    name: str
    device_aliases: tuple[str, ...] = ()
    title: str
    datasets: tuple[str, ...]
    closed_forms: tuple[str, ...] = COUNTS
    default_device: str | None = None
    module: str
    """Dotted name; also the text of exported files."""
    images: Mapping[str, tuple[int, int]]
    """By dataset, the default one first, the number of classes and the edge of the images in pixels."""
    halvings: int = 0
    """How often the edge of an image must be even."""
    skeletons: Mapping[str, Options] = {"cifar": SIZES}

    @abstractmethod
    def searched(self, values: Iterable[int]) -> dict[str, Constant]:
        """The arguments that tell one architecture from another, by name."""

    @abstractmethod
    def canonical_id(self, values: Iterable[int]) -> str:
        """The architecture id."""

    def own(self, dataset: str | None = None) -> Skeleton:
        """The sizes of the benchmark's network on a dataset; raise :class:`UsageProblem` for an unknown one."""
        if dataset is not None and not self.datasets:
            raise UsageProblem(f"unknown dataset {dataset[:60]!r}", f"{self.name} has only one, which needs no name")
        classes, size = self.images[find_name(dataset, self.images, "dataset")]
        return Skeleton(OWN, classes=classes, image_size=size)

    def sizes(self, dataset: str | None, skeleton: Skeleton | None = None) -> tuple[int, int, int]:
        """Classes, edge of the images in pixels, channels of the images; raise :class:`UsageProblem` for odd edges."""
        own = self.own(dataset)
        given = skeleton or own
        size = given.image_size or own.image_size or 0
        if size % 2**self.halvings:
            often = f"halved {self.halvings} times, as the network does"
            raise UsageProblem(f"--image-size {size} cannot be {often}", f"a multiple of {2**self.halvings}")
        return given.classes or own.classes or 0, size, image_channels(given)

    @abstractmethod
    def closed_form(
        self, metric: str, values: np.ndarray, dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> np.ndarray:
        """Exact ``params`` or ``macs`` of networks ``(B, V)``: ``(B,)`` int64."""

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        """Millions of parameters and of multiply-accumulates, on every dataset: ``(B, 2 D)``."""
        import numpy as np

        datasets = self.datasets or (None,)
        counts = [self.closed_form(metric, values, dataset) for dataset in datasets for metric in COUNTS]
        return (np.stack(counts, 1) / 1e6,)

    def build(
        self, values: Iterable[int], dataset: str | None = None, *, skeleton: Skeleton | None = None
    ) -> nn.Module:
        """The network, randomly initialised: images ``(B, C, S, S)`` -> logits ``(B, classes)``."""
        built: nn.Module = import_module(self.module).Network(*self._arguments(values, dataset, skeleton).values())
        return built

    def example(
        self, dataset: str | None = None, batch: int = 1, *, skeleton: Skeleton | None = None
    ) -> tuple[Tensor, ...]:
        """Random images ``(batch, C, S, S)``."""
        import torch

        _, size, channels = self.sizes(dataset, skeleton)
        return (torch.randn(batch, channels, size, size),)

    def source(
        self, values: Iterable[int], dataset: str | None = None, header: str = "", *, skeleton: Skeleton | None = None
    ) -> str:
        """The network of :meth:`build` as one Python file that imports only torch; ``header`` becomes comments."""
        from dinas_cli.spaces.shared.source import standalone

        values = tuple(values)
        _, size, channels = self.sizes(dataset, skeleton)
        return standalone(
            self.module,
            title=f"{self.title.partition(':')[0]} network {self.canonical_id(values)} for images of {size} x {size}.",
            header=header,
            arguments=self._arguments(values, dataset, skeleton),
            input_shape=(channels, size, size),
        )

    def _arguments(self, values: Iterable[int], dataset: str | None, skeleton: Skeleton | None) -> dict[str, Constant]:
        classes, _, channels = self.sizes(dataset, skeleton)
        return {**self.searched(values), "CLASSES": classes, "IN_CHANNELS": channels}
