"""Parameters and multiply-accumulates of the networks of TransNAS-Bench-101, exact and in closed form.

Multiply-accumulates are those of convolutions and linear layers for one example, half of what
``torch.utils.flop_counter`` reports. All operations of a cell count, those without effect on the output too.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dinas_cli.spaces.shared.transnas.tasks import Task

Counts = npt.NDArray[np.int64]

_STEM = 64
_FROM_INPUT = np.array([True, True, False, True, False, False])
_SKIP, _CONV_1X1, _CONV_3X3 = 1, 2, 3
_TRANSLATOR: tuple[int, ...] = (1024, 1024, 512, 512, 256, 128, 64, 64, 32, 32, 16, 32, 16)
_SEGMENTER: tuple[int, ...] = (1024, 512, 256, 128, 64, 32, 32)


class Tally:
    """Running sums over the layers of ``B`` networks; numbers and ``(B,)`` may be mixed."""

    def __init__(self) -> None:
        self.params: Counts = np.zeros(1, np.int64)
        self.macs: Counts = np.zeros(1, np.int64)

    def convolution(
        self, inputs: Counts | int, outputs: Counts | int, kernel: int, side: Counts | int, times: Counts | int = 1
    ) -> None:
        """Add ``times`` convolutions without bias whose output (input of transposed ones) is ``side`` x ``side``."""
        weights = np.multiply(inputs, outputs, dtype=np.int64) * kernel**2 * times
        self.params = self.params + weights
        self.macs = self.macs + weights * np.square(side)

    def per_channel(self, channels: Counts | int, times: Counts | int) -> None:
        """Add ``times`` parameters per channel: one of a bias, two of a batch norm."""
        self.params = self.params + np.multiply(channels, times, dtype=np.int64)


def params_and_macs(modules: Counts, cells: Counts | None, task: Task, in_channels: int = 3) -> tuple[Counts, Counts]:
    """Learned parameters, and multiply-accumulates for one example of the task: ``(B,)`` each.

    ``modules (B, P)`` or ``(1, P)`` are types 1-4, 0 where there is none; ``cells (B, 6)`` operations, None for
    residual blocks; ``in_channels`` are those of images.
    """
    tally = Tally()
    size = task.shape[-1]
    tally.convolution(in_channels, _STEM // 2, 3, -(-size // 2))
    tally.convolution(_STEM // 2, _STEM, 3, -(-size // 4))
    tally.per_channel(_STEM // 2 + _STEM, 2)
    channels, side = np.full(len(modules), _STEM), np.full(len(modules), -(-size // 4))
    for kind in modules.T.astype(np.int64):
        inputs, channels, side = channels, channels << (kind % 2 == 0) * (kind > 0), -(-side >> (kind > 2))
        if cells is None:
            _residual_blocks(tally, inputs, channels, side, kind)
        else:
            _cells(tally, inputs, channels, side, kind, cells)
    if task.network == "Jigsaw":
        tiles = task.shape[0]
        tally.macs = tally.macs * tiles
        channels = channels * tiles
    if task.network in ("Classifier", "Jigsaw"):
        tally.convolution(channels, task.outputs, 1, 1)
        tally.per_channel(task.outputs, 1)
    else:
        _image_decoder(tally, channels, side, task)
    return tally.params, tally.macs


def _residual_blocks(tally: Tally, inputs: Counts, channels: Counts, side: Counts, kind: Counts) -> None:
    """Two blocks of two 3x3 convolutions; a 1x1 convolution beside the first one where the shape changes."""
    there, changes = (kind > 0).astype(np.int64), (kind > 1).astype(np.int64)
    tally.convolution(inputs, channels, 3, side, there)
    tally.convolution(channels, channels, 3, side, 3 * there)
    tally.convolution(inputs, channels, 1, side, changes)
    tally.per_channel(channels, 2 * (4 * there + changes))


def _cells(tally: Tally, inputs: Counts, channels: Counts, side: Counts, kind: Counts, cells: Counts) -> None:
    """Two cells; edges that leave the input of the first one change the shape, and there a skip is 1x1 convolutions."""
    skips = np.sum((cells == _SKIP) & _FROM_INPUT, 1) * (kind > 1)
    small, large = (np.sum((cells == conv) & _FROM_INPUT, 1) for conv in (_CONV_1X1, _CONV_3X3))
    all_small, all_large = (np.sum(cells == conv, 1) for conv in (_CONV_1X1, _CONV_3X3))
    tally.convolution(inputs, channels, 1, side, small + skips)
    tally.convolution(inputs, channels, 3, side, large)
    tally.convolution(channels, channels, 1, side, 2 * all_small - small)
    tally.convolution(channels, channels, 3, side, 2 * all_large - large)
    tally.per_channel(channels, 2 * (2 * all_small + 2 * all_large + skips))


def _image_decoder(tally: Tally, channels: Counts, side: Counts, task: Task) -> None:
    """Layers with bias and batch norm, some of which double the side, and a last convolution with bias."""
    size = task.shape[-1]
    halvings = np.log2(size // 4 // side).astype(np.int64)
    widths, doubling = _TRANSLATOR, [(step >= 10 - 2 * halvings) & (step % 2 == 0) for step in range(1, 13)]
    if task.network == "Segmenter":
        widths, doubling = _SEGMENTER, [step >= 5 - halvings for step in range(1, 7)]
    tally.convolution(channels, widths[0], 3, side)
    for (inputs, outputs), double in zip(pairwise(widths), doubling, strict=True):
        tally.convolution(inputs, outputs, 3, side)
        side = side << double
    tally.per_channel(sum(widths), 3)
    tally.convolution(widths[-1], task.outputs, 3, size)
    tally.per_channel(task.outputs, 1)
