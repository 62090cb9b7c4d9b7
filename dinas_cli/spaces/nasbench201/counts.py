"""Parameters and multiply-accumulates of NAS-Bench-201 networks, exact and in closed form.

Multiply-accumulates are those of convolutions and linear layers, half of what ``torch.utils.flop_counter`` reports and
what the benchmark's own library states; other counts of the same networks add batch norm, ReLU and pooling.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

_STAGES = 3
_CONV_1X1, _CONV_3X3 = 2, 3


def params_and_macs(
    values: npt.NDArray[np.integer], classes: int, size: int, channels: int = 16, cells: int = 5, in_channels: int = 3
) -> tuple[Counts, Counts]:
    """Learned parameters, and multiply-accumulates for one image of ``size`` x ``size``: ``(..., 6)`` -> ``(...)``.

    ``channels`` are those of the first stage, ``cells`` those of each, ``in_channels`` those of images. All
    operations of a cell count, those without effect on the output too: the benchmark builds and runs them.
    """
    if not np.issubdtype(values.dtype, np.integer) or values.ndim == 0 or values.shape[-1] != 6:
        raise ValueError(f"expected integers (..., 6), not {values.dtype} {values.shape}")
    small = np.sum(values == _CONV_1X1, -1, dtype=np.int64)
    large = np.sum(values == _CONV_3X3, -1, dtype=np.int64)
    stem, last = _convolution(in_channels, channels, 3), channels << (_STAGES - 1)
    # Batch norm has two parameters per channel; the last one stands before the classifier.
    parameters = np.full(small.shape, stem + 2 * channels + 2 * last + last * classes + classes)
    products = np.full(small.shape, stem * size**2 + last * classes)
    for stage in range(_STAGES):
        width, area = channels << stage, (size >> stage) ** 2
        if stage:
            half = width // 2
            block = _convolution(half, width, 3) + _convolution(width, width, 3) + _convolution(half, width)
            parameters += block + 2 * 2 * width
            products += block * area
        weights = small * _convolution(width, width) + large * _convolution(width, width, 3)
        parameters += cells * (weights + (small + large) * 2 * width)
        products += cells * weights * area
    return parameters, products


def _convolution(inputs: int, outputs: int, kernel: int = 1) -> int:
    return inputs * outputs * kernel**2
