"""Parameters and multiply-accumulates of NAS-Bench-101 networks, exact and in closed form.

Multiply-accumulates are those of convolutions and the linear layer for one image, half of what
``torch.utils.flop_counter`` reports.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dinas_cli.spaces.nasbench101.cells import (
    CELLS_PER_STACK,
    CHANNELS,
    CLASSES,
    EDGES,
    IMAGE_SIZE,
    INNER,
    OUTPUT,
)

Counts = npt.NDArray[np.int64]

_STACKS = 3
_KERNELS = {1: 3, 2: 1}  # of the operations that have weights


def params_and_macs(
    values: npt.NDArray[np.integer],
    classes: int = CLASSES,
    channels: int = CHANNELS,
    cells: int = CELLS_PER_STACK,
    size: int = IMAGE_SIZE,
    in_channels: int = 3,
) -> tuple[Counts, Counts]:
    """Trainable parameters and multiply-accumulates of canonical cells ``(B, 26)``: twice ``(B,)``.

    ``channels`` are those of the first stack, ``cells`` those of each, images are ``size`` x ``size`` with
    ``in_channels`` channels.
    """
    nodes = values[:, :INNER].astype(np.int64)
    edge = {pair: values[:, INNER + e].astype(np.int64) for e, pair in enumerate(EDGES)}
    last = channels << (_STACKS - 1)
    parameters = np.full(len(values), 9 * in_channels * channels + 2 * channels + last * classes + classes)
    products = np.full(len(values), 9 * in_channels * channels * size**2 + last * classes)
    for stack in range(_STACKS):
        outputs = channels << stack
        area = (size >> stack) ** 2
        widths = vertex_channels(values, outputs)
        # The first cell of a later stack gets half the channels; the others are alike.
        for inputs, times in ((outputs if stack == 0 else outputs // 2, 1), (outputs, cells - 1)):
            for vertex in range(1, OUTPUT + 1):
                width = widths[:, vertex]
                weights = edge[0, vertex] * inputs * width
                norms = edge[0, vertex] * width
                if vertex != OUTPUT:
                    for operation, kernel in _KERNELS.items():
                        there = nodes[:, vertex - 1] == operation
                        weights += there * kernel**2 * width**2
                        norms += there * width
                parameters += times * (weights + 2 * norms)  # batch norm has two parameters per channel
                products += times * weights * area
    return parameters, products


def vertex_channels(cells: npt.NDArray[np.integer], outputs: int) -> Counts:
    """Channels of every vertex of cells ``(B, 26)``: ``(B, 7)``, 0 for those that are absent, and for the input.

    The output channels are split among the vertices connected to the output, the first ones take the remainder; every
    other vertex has as many as the widest one it feeds (Ying et al., ICML 2019, appendix).
    """
    edge = {pair: cells[:, INNER + e].astype(np.int64) for e, pair in enumerate(EDGES)}
    joined = np.stack([edge[vertex, OUTPUT] for vertex in range(1, INNER + 1)], 1)
    parts = np.maximum(joined.sum(1, keepdims=True), 1)
    first = joined.cumsum(1) <= outputs % parts
    channels = np.zeros((len(cells), OUTPUT + 1), np.int64)
    channels[:, 1:OUTPUT] = joined * (outputs // parts + first)
    channels[:, OUTPUT] = outputs
    for vertex in range(INNER - 1, 0, -1):
        for target in range(vertex + 1, INNER + 1):
            wider = (1 - joined[:, vertex - 1]) * edge[vertex, target] * channels[:, target]
            channels[:, vertex] = np.maximum(channels[:, vertex], wider)
    return channels
