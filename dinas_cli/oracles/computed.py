"""Parameters and multiply-accumulates of an architecture's network, exact and in closed form.

Multiply-accumulates are those of convolutions and linear layers, half of what ``torch.utils.flop_counter`` reports and
what the benchmark's own library states; other counts of the same networks add batch norm, ReLU and pooling.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces import nasbench201
from dinas_cli.spaces.base import get_space

Counts = npt.NDArray[np.int64]

_CHANNELS = (16, 32, 64)
_CELLS_PER_STAGE = 5


def params(values: npt.ArrayLike, dataset: str | None = None, space: str = nasbench201.SPACE.name) -> Counts:
    """Learned parameters of architectures ``(..., V)`` -> ``(...)``; running statistics are not counted.

    Raises :class:`UsageProblem` for an unknown dataset or a space without a closed form.
    """
    return _costs(values, dataset, space)[0]


def macs(values: npt.ArrayLike, dataset: str | None = None, space: str = nasbench201.SPACE.name) -> Counts:
    """Multiply-accumulates for one image, of architectures ``(..., V)`` -> ``(...)``; raises like :func:`params`."""
    return _costs(values, dataset, space)[1]


def _costs(values: npt.ArrayLike, dataset: str | None, space: str) -> tuple[Counts, Counts]:
    if get_space(space) is not nasbench201.SPACE:
        raise UsageProblem(f"params and macs of space {space!r} have no closed form")
    cells = np.asarray(values)
    if not np.issubdtype(cells.dtype, np.integer) or cells.ndim == 0 or cells.shape[-1] != len(nasbench201.EDGES):
        raise ValueError(f"expected integers (..., {len(nasbench201.EDGES)}), not {cells.dtype} {cells.shape}")
    name = nasbench201.SPACE.dataset(dataset)
    return _nasbench201(cells, nasbench201.CLASSES[name], nasbench201.IMAGE_SIZE[name])


def _nasbench201(cells: npt.NDArray[np.integer], classes: int, size: int) -> tuple[Counts, Counts]:
    """All operations of a cell count, those without effect on the output too: the benchmark builds and runs them."""
    small = np.sum(cells == nasbench201.OPERATIONS.index("nor_conv_1x1"), -1, dtype=np.int64)
    large = np.sum(cells == nasbench201.OPERATIONS.index("nor_conv_3x3"), -1, dtype=np.int64)
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
