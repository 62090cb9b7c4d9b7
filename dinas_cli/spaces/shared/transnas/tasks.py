"""The seven tasks of TransNAS-Bench-101: the network that does each, its images, and how it was judged."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dinas_cli.errors import find_name


@dataclass(frozen=True)
class Task:
    """One task: the network that does it, the images it sees, and how it was judged."""

    network: str
    """Class in :mod:`dinas_cli.spaces.shared.transnas.network`."""
    outputs: int
    """Classes, coordinates or channels."""
    shape: tuple[int, ...]
    """One input example."""
    measure: str
    """The benchmark's name of the validation metric."""
    range: tuple[float, float]
    """Its least and greatest value."""

    def images(self, channels: int) -> tuple[int, ...]:
        """One input example whose images have so many channels."""
        return (*self.shape[:-3], channels, *self.shape[-2:])


_IMAGE, _TILES = (3, 256, 256), (9, 3, 64, 64)
_PERCENT, _LOSS, _SIMILARITY = (0.0, 100.0), (-math.inf, 0.0), (-1.0, 1.0)
TASKS = {
    "class_scene": Task("Classifier", 47, _IMAGE, "valid_top1", _PERCENT),
    "class_object": Task("Classifier", 75, _IMAGE, "valid_top1", _PERCENT),
    "room_layout": Task("Classifier", 9, _IMAGE, "valid_neg_loss", _LOSS),
    "jigsaw": Task("Jigsaw", 1000, _TILES, "valid_top1", _PERCENT),
    "segmentsemantic": Task("Segmenter", 17, _IMAGE, "valid_acc", _PERCENT),
    "normal": Task("Translator", 3, _IMAGE, "valid_ssim", _SIMILARITY),
    "autoencoder": Task("Translator", 3, _IMAGE, "valid_ssim", _SIMILARITY),
}
"""In the benchmark's own order."""


def find_task(name: str | None) -> str:
    """The task called ``name``, or the default one; raise :class:`UsageProblem` with a suggestion otherwise."""
    return find_name(name, TASKS, "dataset")
