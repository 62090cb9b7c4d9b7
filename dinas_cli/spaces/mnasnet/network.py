"""The network of Accel-NASBench: a stem, seven blocks of inverted residuals, a head, as in MnasNet and EfficientNet.

Everything below the imports is also the text of exported files. The benchmark's table fixes the sizes of all layers;
it does not tell the activation, which is ReLU here, as in MnasNet.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

WIDTHS, STRIDES = (16, 24, 40, 80, 112, 192, 320), (1, 2, 2, 2, 1, 2, 1)
STEM, HEAD = 32, 1280


def convolution(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    """A convolution without bias that keeps the size unless strided, and its batch norm."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [conv, nn.BatchNorm2d(outputs)]


class Gate(nn.Module):
    """Squeeze and excitation: channels of ``(B, C, H, W)`` scaled by what their means say."""

    def __init__(self, channels: int, units: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, units, 1)
        self.excite = nn.Conv2d(units, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        means = torch.mean(x, (2, 3), keepdim=True)
        return x * torch.sigmoid(self.excite(torch.relu(self.squeeze(means))))


class Layer(nn.Module):
    """Inverted residual: expansion (by more than 1), depthwise convolution, gate, projection; added to its input."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int, gate: bool) -> None:
        super().__init__()
        hidden = inputs * expansion
        parts = [*convolution(inputs, hidden), nn.ReLU()] if expansion > 1 else []
        parts += [*convolution(hidden, hidden, kernel, stride, hidden), nn.ReLU()]
        if gate:
            parts.append(Gate(hidden, max(1, inputs // 4)))
        self.conv = nn.Sequential(*parts, *convolution(hidden, outputs))
        self.residual = inputs == outputs and stride == 1

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return x + y if self.residual else y


class Network(nn.Module):
    """Images ``(B, I, S, S)`` -> logits ``(B, classes)``."""

    def __init__(
        self,
        expansions: Sequence[int],
        kernels: Sequence[int],
        layers: Sequence[int],
        gates: Sequence[int],
        classes: int,
        in_channels: int = 3,
    ) -> None:
        """One number of each for every block; ``gates`` are 1 for squeeze and excitation in all of its layers."""
        super().__init__()
        self.stem = nn.Sequential(*convolution(in_channels, STEM, 3, 2), nn.ReLU())
        self.blocks = nn.Sequential()
        inputs = STEM
        choices = zip(expansions, kernels, layers, gates, WIDTHS, STRIDES, strict=True)
        for expansion, kernel, count, gate, width, stride in choices:
            block = nn.Sequential()
            for number in range(count):
                block.append(Layer(inputs, width, expansion, kernel, 1 if number else stride, bool(gate)))
                inputs = width
            self.blocks.append(block)
        self.head = nn.Sequential(*convolution(inputs, HEAD), nn.ReLU())
        self.classifier = nn.Linear(HEAD, classes)

    def forward(self, images: Tensor) -> Tensor:
        x = self.head(self.blocks(self.stem(images)))
        logits: Tensor = self.classifier(torch.mean(x, (2, 3)))
        return logits
