"""The DARTS network: a stem, a chain of cells of which two halve the image and double the channels, a classifier.

Everything below the imports is also the text of exported files. Parameter names are those of the official networks
(Liu et al., DARTS, ICLR 2019), so their state dicts load strictly; NAS-Bench-301 trained it with 8 cells, 32 channels,
drop path 0.2 and an auxiliary head.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

STEM_MULTIPLIER = 3


class ReLUConvBN(nn.Module):
    """ReLU, 1x1 convolution, batch norm: ``(B, I, H, W)`` -> ``(B, O, H, W)``."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.op = nn.Sequential(nn.ReLU(), nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.op(x)
        return output


class FactorizedReduce(nn.Module):
    """Halves the image by two 1x1 convolutions, one on even and one on odd pixels: -> ``(B, O, H/2, W/2)``."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.conv_1 = nn.Conv2d(inputs, outputs // 2, 1, stride=2, bias=False)
        self.conv_2 = nn.Conv2d(inputs, outputs - outputs // 2, 1, stride=2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x)
        output: Tensor = self.bn(torch.cat([self.conv_1(x), self.conv_2(x[:, :, 1:, 1:])], dim=1))
        return output


def depthwise(channels: int, kernel: int, stride: int, dilation: int = 1) -> list[nn.Module]:
    """ReLU, depthwise and pointwise convolution, batch norm; the image keeps its size unless strided."""
    padding = dilation * (kernel // 2)
    return [
        nn.ReLU(),
        nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
    ]


class Convolution(nn.Module):
    """Separable: two rounds of :func:`depthwise`, the first one strided. Dilated: one round with dilation 2."""

    def __init__(self, channels: int, kernel: int, stride: int, *, dilated: bool = False) -> None:
        super().__init__()
        second = [] if dilated else depthwise(channels, kernel, 1)
        self.op = nn.Sequential(*depthwise(channels, kernel, stride, 2 if dilated else 1), *second)

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.op(x)
        return output


OPERATIONS: dict[str, Callable[[int, int], nn.Module]] = {
    "max_pool_3x3": lambda channels, stride: nn.MaxPool2d(3, stride, padding=1),
    "avg_pool_3x3": lambda channels, stride: nn.AvgPool2d(3, stride, padding=1, count_include_pad=False),
    "skip_connect": lambda channels, stride: nn.Identity() if stride == 1 else FactorizedReduce(channels, channels),
    "sep_conv_3x3": lambda channels, stride: Convolution(channels, 3, stride),
    "sep_conv_5x5": lambda channels, stride: Convolution(channels, 5, stride),
    "dil_conv_3x3": lambda channels, stride: Convolution(channels, 3, stride, dilated=True),
    "dil_conv_5x5": lambda channels, stride: Convolution(channels, 5, stride, dilated=True),
}


def drop_path(x: Tensor, probability: float) -> Tensor:
    """Zero whole examples of ``(B, C, H, W)`` at random and scale up the others."""
    keep = 1.0 - probability
    mask = torch.empty(len(x), 1, 1, 1, dtype=x.dtype, device=x.device).bernoulli_(keep)
    return x * mask / keep


class Cell(nn.Module):
    """Four nodes, each the sum of two operations on the two inputs or earlier nodes; all four are concatenated."""

    def __init__(
        self,
        operations: Sequence[str],
        sources: Sequence[int],
        before: tuple[int, int],
        channels: int,
        *,
        reduction: bool,
        reduction_before: bool,
    ) -> None:
        """``operations`` and ``sources`` go by pairs; sources 0 and 1 are the two inputs, of ``before`` channels."""
        super().__init__()
        shrink = FactorizedReduce if reduction_before else ReLUConvBN
        self.preprocess0 = shrink(before[0], channels)
        self.preprocess1 = ReLUConvBN(before[1], channels)
        self.sources = tuple(sources)
        strides = [2 if reduction and source < 2 else 1 for source in sources]
        self._ops = nn.ModuleList(
            OPERATIONS[name](channels, stride) for name, stride in zip(operations, strides, strict=True)
        )

    def forward(self, s0: Tensor, s1: Tensor, drop: float = 0.0) -> Tensor:
        states = [self.preprocess0(s0), self.preprocess1(s1)]
        outputs = []
        for op, source in zip(self._ops, self.sources, strict=True):
            output = op(states[source])
            if drop > 0 and not isinstance(op, nn.Identity):
                output = drop_path(output, drop)
            outputs.append(output)
            if len(outputs) % 2 == 0:
                states.append(outputs[-2] + outputs[-1])
        return torch.cat(states[2:], dim=1)


def cifar_stem(in_channels: int, channels: int) -> nn.Sequential:
    """One convolution that keeps the size: ``(B, I, S, S)`` -> ``(B, 3C, S, S)``, both inputs of the first cell."""
    width = STEM_MULTIPLIER * channels
    return nn.Sequential(nn.Conv2d(in_channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))


def imagenet_stem(in_channels: int, channels: int) -> tuple[nn.Sequential, nn.Sequential]:
    """Three strided convolutions: the inputs of the first cell are ``(B, C, S/4, S/4)`` and ``(B, C, S/8, S/8)``."""
    half = max(1, channels // 2)

    def halving(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outputs)]

    first = nn.Sequential(*halving(in_channels, half), nn.ReLU(), *halving(half, channels))
    return first, nn.Sequential(nn.ReLU(), *halving(channels, channels))


class AuxiliaryHead(nn.Module):
    """A second classifier on the middle of the network ``(B, C, H, W)``, for training only.

    With an ImageNet stem it has one batch norm less: the authors left the second one out, and kept to that.
    """

    def __init__(self, channels: int, classes: int, imagenet: bool) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2d(5, 2 if imagenet else 3, count_include_pad=False),
            nn.Conv2d(channels, 128, 1, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            nn.Conv2d(128, 768, 2, bias=False),
            *([] if imagenet else [nn.BatchNorm2d(768)]),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(768, classes)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(x).mean((2, 3)))
        return logits


class Network(nn.Module):
    """Images ``(B, I, S, S)`` -> logits ``(B, classes)``; S is a multiple of 4, with an ImageNet stem of 32.

    While training with an auxiliary head: a pair, the second one its logits, whose loss the papers weigh by 0.4.
    """

    def __init__(
        self,
        normal: Sequence[str],
        normal_sources: Sequence[int],
        reduction: Sequence[str],
        reduction_sources: Sequence[int],
        cells: int,
        channels: int,
        classes: int,
        drop_path: float = 0.0,
        auxiliary: bool = False,
        imagenet: bool = False,
        in_channels: int = 3,
    ) -> None:
        """``normal`` and ``reduction`` are the operations of the two cells, see :class:`Cell`.

        ``channels`` are those of each node of the first cells, ``in_channels`` those of images. ``drop_path`` is the
        probability that an operation is left out while training; the papers raise the attribute of that name linearly
        up to this value.
        """
        super().__init__()
        self.drop_path = drop_path
        self.imagenet = imagenet
        width = channels if imagenet else STEM_MULTIPLIER * channels
        if imagenet:
            self.stem0, self.stem1 = imagenet_stem(in_channels, channels)
        else:
            self.stem = cifar_stem(in_channels, channels)
        self.cells = nn.ModuleList()
        self.auxiliary_head: AuxiliaryHead | None = None
        self.auxiliary_after = 2 * cells // 3
        before, reduction_before = (width, width), imagenet
        for number in range(cells):
            reduces = number in (cells // 3, 2 * cells // 3)
            channels *= 2 if reduces else 1
            operations, sources = (reduction, reduction_sources) if reduces else (normal, normal_sources)
            self.cells.append(
                Cell(operations, sources, before, channels, reduction=reduces, reduction_before=reduction_before)
            )
            before, reduction_before = (before[1], 4 * channels), reduces
            if auxiliary and number == self.auxiliary_after:
                self.auxiliary_head = AuxiliaryHead(before[1], classes, imagenet)
        self.global_pooling = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(before[1], classes)

    def forward(self, images: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        drop = self.drop_path if self.training else 0.0
        s0 = self.stem0(images) if self.imagenet else self.stem(images)
        s1 = self.stem1(s0) if self.imagenet else s0
        middle = s1
        for number, cell in enumerate(self.cells):
            s0, s1 = s1, cell(s0, s1, drop)
            if number == self.auxiliary_after:
                middle = s1
        logits: Tensor = self.classifier(self.global_pooling(s1).flatten(1))
        if self.auxiliary_head is not None and self.training:
            return logits, self.auxiliary_head(middle)
        return logits
