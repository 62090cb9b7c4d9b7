"""Counts of networks in closed form, and what their costs add up from.

Multiply-accumulates are those of convolutions and linear maps, as torch counts them. The benchmark's own add four for
every output of a batch norm and the sums of pooling: :data:`.blocks.PUBLISHED`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dinas_cli.spaces.mnasnet.blocks import DEPTHS, EXPANSIONS, HEAD, KERNELS, PUBLISHED, STEM, STRIDES, WIDTHS

_EXCITED = 4
"""Of how many inputs of a layer its squeeze-excite keeps one."""

_UNITS = (1e7, 1e6, 1e6, 1e6, 1, 1e6, 1e5)
"""Of :meth:`Amounts.columns`, so that all are of the same order."""


@dataclass
class Amounts:
    """What is computed in the layers of ``B`` networks: arrays ``(B,)``, or numbers."""

    pointwise: np.ndarray | int = 0
    """Multiply-accumulates of 1x1 convolutions."""
    depthwise: list[np.ndarray | int] = field(default_factory=lambda: [0] * len(KERNELS))
    """Those of depthwise convolutions, by kernel."""
    normalised: np.ndarray | int = 0
    """Outputs of batch norms."""
    gates: np.ndarray | int = 0
    squeezed: np.ndarray | int = 0
    """Numbers that gates average and scale."""
    excited: np.ndarray | int = 0
    """Multiply-accumulates of gates."""
    pooled: np.ndarray | int = 0
    """Sums of pooling as the benchmark counts them."""
    params: np.ndarray | int = 0

    def columns(self) -> list[np.ndarray | int]:
        """What a device charges for."""
        return [self.pointwise, *self.depthwise, self.normalised, self.gates, self.squeezed, self.params]


def block_amounts(values: np.ndarray, size: int) -> tuple[list[Amounts], int]:
    """What the blocks of networks ``(B, V)`` compute for images whose stem gives maps of ``size``; the last size."""
    cells = np.asarray(values, np.int64)
    found, inputs = [], STEM
    for place, (width, first) in enumerate(zip(WIDTHS, STRIDES, strict=True)):
        e, k, n, gate = cells[:, 4 * place : 4 * place + 4].T
        expansion, depth = np.array(EXPANSIONS)[e], np.array(DEPTHS[place])[n]
        amounts = Amounts()
        for layer in range(DEPTHS[place][-1]):
            there, stride = layer < depth, 1 if layer else first
            smaller = -(-size // stride)
            before, after = size**2, smaller**2
            hidden, expands = there * inputs * expansion, expansion > 1
            units = max(1, inputs // _EXCITED)
            gated = hidden * gate
            amounts.pointwise += hidden * (expands * inputs * before + width * after)
            amounts.normalised += hidden * (expands * before + after) + there * width * after
            amounts.gates += there * gate
            amounts.squeezed += gated * after
            amounts.excited += 2 * gated * units
            amounts.pooled += gated * (after + 1)
            amounts.params += hidden * (expands * (inputs + 2) + 2 + width) + there * 2 * width
            amounts.params += gated * (2 * units + 1) + there * gate * units
            for kind, edge in enumerate(KERNELS):
                amounts.depthwise[kind] += hidden * (k == kind) * edge**2 * after
                amounts.params += hidden * (k == kind) * edge**2
            inputs, size = width, smaller
        found.append(amounts)
    return found, size


def closed_form(metric: str, values: np.ndarray, classes: int, size: int, colours: int) -> np.ndarray:
    """``params``, ``macs`` or :data:`PUBLISHED` of networks ``(B, V)`` for images of an edge and colours: ``(B,)``."""
    stem = 9 * colours * STEM
    seen = -(-size // 2)
    blocks, last = block_amounts(values, seen)
    if metric == "params":
        fixed = stem + 2 * STEM + (WIDTHS[-1] + 2) * HEAD + (HEAD + 1) * classes
        return np.asarray(fixed + sum(block.params for block in blocks))
    fixed = stem * seen**2 + WIDTHS[-1] * HEAD * last**2 + HEAD * classes
    macs = fixed + sum(block.pointwise + sum(block.depthwise) + block.excited for block in blocks)
    if metric == PUBLISHED:
        outputs = STEM * seen**2 + HEAD * last**2 + sum(block.normalised for block in blocks)
        macs = macs + 4 * outputs + HEAD * (last**2 + 1) + sum(block.pooled for block in blocks)
    return np.asarray(macs)


def operators(values: np.ndarray, size: int) -> np.ndarray:
    """What costs add up from: amounts in all, layers, and the amounts of every block: ``(B, 7 + 1 + 7 · 7)``."""
    blocks, _ = block_amounts(values, -(-size // 2))
    cells = np.asarray(values, np.int64)
    layers = (cells[:, 2::4] + 1).sum(1)
    each = np.stack([np.stack([column + 0 * layers for column in block.columns()], 1) for block in blocks], 1)
    each = each / _UNITS
    return np.concatenate([each.sum(1), layers[:, None], each.reshape(len(cells), -1)], 1)


def features(values: np.ndarray, one_hot: np.ndarray) -> np.ndarray:
    """Choices ``one_hot (B, W)``, every block's as one, and counts as shares of large ones: ``(B, F)`` float32."""
    cells = np.asarray(values, np.int64)
    e, k, n, gate = (cells[:, part::4] for part in range(4))
    kinds = ((n * len(EXPANSIONS) + e) * len(KERNELS) + k) * 2 + gate
    widest = max(map(len, DEPTHS)) * len(EXPANSIONS) * len(KERNELS) * 2
    each = np.eye(widest, dtype=np.float32)[kinds].reshape(len(cells), -1)
    sums = operators(cells, 224)[:, :8] / 20
    return np.concatenate([one_hot, each, sums], 1).astype(np.float32)
