"""Parameters and multiply-accumulates of NAS-Bench-201 networks, exact and in closed form.

Multiply-accumulates are those of convolutions and linear layers, half of what ``torch.utils.flop_counter`` reports and
what the benchmark's own library states; other counts of the same networks add batch norm, ReLU and pooling.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

_CHANNELS = (16, 32, 64)
_CELLS_PER_STAGE = 5
_CONV_1X1, _CONV_3X3 = 2, 3


def params_and_macs(cells: npt.NDArray[np.integer], classes: int, size: int) -> tuple[Counts, Counts]:
    """Learned parameters, and multiply-accumulates for one image of ``size`` x ``size``: ``(..., 6)`` -> ``(...)``.

    All operations of a cell count, those without effect on the output too: the benchmark builds and runs them.
    """
    if not np.issubdtype(cells.dtype, np.integer) or cells.ndim == 0 or cells.shape[-1] != 6:
        raise ValueError(f"expected integers (..., 6), not {cells.dtype} {cells.shape}")
    small = np.sum(cells == _CONV_1X1, -1, dtype=np.int64)
    large = np.sum(cells == _CONV_3X3, -1, dtype=np.int64)
    first, last = _CHANNELS[0], _CHANNELS[-1]
    stem = _convolution(3, first, 3)
    # Batch norm has two parameters per channel; the last one stands before the classifier.
    parameters = np.full(small.shape, stem + 2 * first + 2 * last + last * classes + classes)
    products = np.full(small.shape, stem * size**2 + last * classes)
    for stage, channels in enumerate(_CHANNELS):
        area = (size >> stage) ** 2
        if stage:
            half = channels // 2
            block = _convolution(half, channels, 3) + _convolution(channels, channels, 3) + _convolution(half, channels)
            parameters += block + 2 * 2 * channels
            products += block * area
        weights = small * _convolution(channels, channels) + large * _convolution(channels, channels, 3)
        parameters += _CELLS_PER_STAGE * (weights + (small + large) * 2 * channels)
        products += _CELLS_PER_STAGE * weights * area
    return parameters, products


def _convolution(inputs: int, outputs: int, kernel: int = 1) -> int:
    return inputs * outputs * kernel**2
