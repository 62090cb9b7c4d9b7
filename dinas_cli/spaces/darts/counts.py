"""Exact parameters and multiply-accumulates of DARTS networks without building them.

Checked against built modules and torch's flop counter. Batch norm of the operations has weights, as in the networks
that DARTS and NAS-Bench-301 train; counts published without them are lower by :func:`affine_of_operations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dinas_cli.spaces.darts.cells import OPERATIONS, SKIP, arrays

if TYPE_CHECKING:
    import numpy as np

STEM_MULTIPLIER = 3
_CONVOLUTIONS = {4: (3, 2), 5: (5, 2), 6: (3, 1), 7: (5, 1)}
"""By operation type: kernel size, rounds of depthwise and pointwise convolution."""


@dataclass(frozen=True)
class Place:
    """Where a cell stands in a network."""

    reduction: bool
    before: tuple[int, int]
    """Channels of its two inputs."""
    channels: int
    """Of each of its nodes."""
    size: int
    """Edge of the image that its nodes get: that of its second input, to which the first one is brought."""

    @property
    def output(self) -> int:
        """Edge of the image it gives."""
        return self.size // 2 if self.reduction else self.size


def places(cells: int, channels: int, size: int, *, imagenet: bool = False) -> Iterator[Place]:
    """The cells of a network for images of ``size``: those at a third and two thirds of the depth reduce."""
    before = (channels if imagenet else STEM_MULTIPLIER * channels,) * 2
    size //= 8 if imagenet else 1
    for number in range(cells):
        reduction = number in (cells // 3, 2 * cells // 3)
        channels *= 2 if reduction else 1
        place = Place(reduction, before, channels, size)
        yield place
        before, size = (before[1], 4 * channels), place.output


def counts(values: np.ndarray) -> np.ndarray:
    """Numbers of inputs by operation type in valid architectures ``(B, 28)``: ``(B, 3, 8)`` int64.

    The groups are the normal cell, the reduction cell where its own inputs are read (strided), and the rest of it.
    """
    import numpy as np

    sources, operations = arrays(values)
    one_hot = np.eye(len(OPERATIONS), dtype=np.int64)[operations]
    strided = sources[:, 1] < 2
    groups = (one_hot[:, 0], one_hot[:, 1] * strided[..., None], one_hot[:, 1] * ~strided[..., None])
    return np.stack([group.sum((1, 2)) for group in groups], 1)


def weighed_counts(values: np.ndarray) -> np.ndarray:
    """Numbers of inputs by operation type and by their place in valid architectures ``(B, 28)``: ``(B, 5, 8)`` int64.

    The groups are those of the normal cell that read its first input and its second, those of the reduction cell that
    read its first, and all of either cell, each as often as its node is read by later ones.
    """
    import numpy as np

    sources, operations = arrays(values)
    one_hot = np.eye(len(OPERATIONS), dtype=np.int64)[operations]
    nodes = np.arange(2, 6)[:, None]
    reads = (sources.reshape(len(values), 2, 1, -1) == nodes).sum(3)
    first, second = ((sources == which)[..., None] for which in (0, 1))
    weights = (first[:, 0], second[:, 0], first[:, 1], reads[:, 0, :, None, None], reads[:, 1, :, None, None])
    cells = (0, 0, 1, 0, 1)
    return np.stack([(one_hot[:, cell] * weight).sum((1, 2)) for cell, weight in zip(cells, weights, strict=True)], 1)


def params_and_macs(
    counted: np.ndarray,
    cells: int,
    channels: int,
    classes: int,
    size: int,
    *,
    imagenet: bool = False,
    auxiliary: bool = False,
    in_channels: int = 3,
) -> tuple[np.ndarray, np.ndarray]:
    """Parameters and multiply-accumulates of one image of ``size`` x ``size``, both ``(B,)`` int64.

    ``counted (B, 3, 8)`` are :func:`counts`; ``imagenet`` says which stem, ``in_channels`` are those of images.
    The ``auxiliary`` head has parameters but works while training only.
    """
    import numpy as np

    costs = np.zeros((2, *counted.shape[1:]), np.int64)
    chain = list(places(cells, channels, size, imagenet=imagenet))
    last = 4 * chain[-1].channels
    fixed = np.array((_imagenet_stem if imagenet else _cifar_stem)(in_channels, channels, size))
    fixed += (last * classes + classes, last * classes)
    if auxiliary:
        fixed[0] += _auxiliary_head(4 * chain[2 * cells // 3].channels, classes, imagenet)
    for place in chain:
        c, pixels = place.channels, place.output**2
        first, second = (before * c for before in place.before)
        fixed += (first + second + 4 * c, (first + second) * place.size**2)
        for group in (1, 2) if place.reduction else (0,):
            for operation, (kernel, rounds) in _CONVOLUTIONS.items():
                weights = rounds * (kernel**2 * c + c * c)
                costs[:, group, operation] += (weights + rounds * 2 * c, weights * pixels)
            if group == 1:
                costs[:, group, SKIP] += (c * c + 2 * c, c * c * pixels)
    totals = np.einsum("bgo,mgo->mb", counted, costs) + fixed[:, None]
    return totals[0], totals[1]


def _cifar_stem(in_channels: int, channels: int, size: int) -> tuple[int, int]:
    stem = STEM_MULTIPLIER * channels
    return 9 * in_channels * stem + 2 * stem, 9 * in_channels * stem * size**2


def _imagenet_stem(in_channels: int, channels: int, size: int) -> tuple[int, int]:
    half = max(1, channels // 2)
    convolutions = (9 * in_channels * half, 9 * half * channels, 9 * channels**2)  # each halves the image
    macs = sum(weights * (size >> halvings) ** 2 for halvings, weights in enumerate(convolutions, 1))
    return sum(convolutions) + 2 * half + 4 * channels, macs


def _auxiliary_head(channels: int, classes: int, imagenet: bool) -> int:
    norms = 2 * 128 + (0 if imagenet else 2 * 768)
    return 128 * channels + 4 * 128 * 768 + norms + 768 * classes + classes


def affine_of_operations(counted: np.ndarray, cells: int, channels: int) -> np.ndarray:
    """Weights and biases ``(B,)`` of the batch norm inside operations, which some published counts leave out."""
    import numpy as np

    norms = np.zeros(counted.shape[1:], np.int64)
    for place in places(cells, channels, 32):
        for group in (1, 2) if place.reduction else (0,):
            for operation, (_, rounds) in _CONVOLUTIONS.items():
                norms[group, operation] += rounds * 2 * place.channels
            if group == 1:
                norms[group, SKIP] += 2 * place.channels
    return np.einsum("bgo,go->b", counted, norms)
