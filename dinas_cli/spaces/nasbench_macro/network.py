"""The NAS-Bench-Macro network: a stem, eight layers of which the first, third and sixth halve the image, a head.

Everything below the imports is also the text of exported files. Names of tensors are those of the benchmark's code.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

KERNELS, EXPANSIONS = (1, 3, 5), (0, 3, 6)
STAGES, STEM, HEAD = (2, 3, 3), 32, 1280


def convolution(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    """A convolution without bias that keeps the size unless strided, and its batch norm."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outputs)]


class Layer(nn.Module):
    """Nothing (0; where the size changes, a 1x1 convolution), or an inverted residual of 3x3 (1) or 5x5 (2)."""

    def __init__(self, kind: int, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        hidden, kernel = inputs * EXPANSIONS[kind], KERNELS[kind]
        self.residual = kind > 0 and stride == 1
        if kind:
            depthwise = convolution(hidden, hidden, kernel, stride, groups=hidden)
            parts = [*convolution(inputs, hidden), nn.ReLU(), *depthwise, nn.ReLU(), *convolution(hidden, outputs)]
            self.conv = nn.Sequential(*parts)
        elif stride > 1:
            self.downsample = nn.Sequential(*convolution(inputs, outputs, stride=stride))

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for part in self.children():
            y = part(y)
        return x + y if self.residual else y


class Network(nn.Module):
    """Images ``(B, I, S, S)`` -> logits ``(B, classes)``."""

    def __init__(self, layers: Sequence[int], classes: int, in_channels: int = 3) -> None:
        """``layers`` are eight numbers, see :class:`Layer`; the first of each stage doubles the channels."""
        super().__init__()
        self.stem = nn.Sequential(*convolution(in_channels, STEM, 3), nn.ReLU())
        kinds, width = iter(layers), STEM
        self.features = nn.Sequential()
        for stage in STAGES:
            for place in range(stage):
                stride = 1 if place else 2
                self.features.append(Layer(next(kinds), width, width * stride, stride))
                width *= stride
        self.out = nn.Sequential(*convolution(width, HEAD), nn.ReLU())
        self.classifier = nn.Linear(HEAD, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.out(self.features(self.stem(images)))
        logits: Tensor = self.classifier(torch.mean(x, (2, 3)))
        return logits
