"""The NAS-Bench-201 network: a stem, three stages of five cells with residual blocks between them, a classifier.

Everything below the imports is also the text of exported files. Parameter names are those of the official networks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn


class ReLUConvBN(nn.Module):
    """ReLU, convolution that keeps the size unless strided, batch norm: ``(B, I, H, W)`` -> ``(B, O, H/s, W/s)``."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.op = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.op(x)
        return output


class Zero(nn.Module):
    """No edge: zeros of the input's shape."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


OPERATIONS: dict[str, Callable[[int], nn.Module]] = {
    "none": lambda channels: Zero(),
    "skip_connect": lambda channels: nn.Identity(),
    "nor_conv_1x1": lambda channels: ReLUConvBN(channels, channels, 1),
    "nor_conv_3x3": lambda channels: ReLUConvBN(channels, channels, 3),
    "avg_pool_3x3": lambda channels: nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False),
}


class Cell(nn.Module):
    """Four nodes, each the sum of an operation of every earlier one: ``(B, C, H, W)`` -> ``(B, C, H, W)``."""

    def __init__(self, operations: Sequence[str], channels: int) -> None:
        """``operations`` belong to the edges 0-1, 0-2, 1-2, 0-3, 1-3, 2-3."""
        super().__init__()
        self.layers = nn.ModuleList(OPERATIONS[name](channels) for name in operations)

    def forward(self, x: Tensor) -> Tensor:
        edge = self.layers
        node1: Tensor = edge[0](x)
        node2: Tensor = edge[1](x) + edge[2](node1)
        node3: Tensor = edge[3](x) + edge[4](node1) + edge[5](node2)
        return node3


class ResidualBlock(nn.Module):
    """Halves the image and doubles the channels between two stages: ``(B, C, H, W)`` -> ``(B, 2C, H/2, W/2)``."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_a = ReLUConvBN(channels, 2 * channels, 3, stride=2)
        self.conv_b = ReLUConvBN(2 * channels, 2 * channels, 3)
        self.downsample = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(channels, 2 * channels, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.downsample(x) + self.conv_b(self.conv_a(x))
        return output


class Network(nn.Module):
    """Images ``(B, I, S, S)`` -> logits ``(B, classes)``."""

    def __init__(
        self, operations: Sequence[str], classes: int, channels: int = 16, cells: int = 5, in_channels: int = 3
    ) -> None:
        """Each of the three stages has so many ``cells``; ``channels`` are the first one's."""
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(in_channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
        self.cells = nn.ModuleList()
        for width in (channels, 2 * channels, 4 * channels):
            if width != channels:
                self.cells.append(ResidualBlock(width // 2))
            self.cells.extend(Cell(operations, width) for _ in range(cells))
        self.lastact = nn.Sequential(nn.BatchNorm2d(4 * channels), nn.ReLU())
        self.classifier = nn.Linear(4 * channels, classes)

    def forward(self, images: Tensor) -> Tensor:
        x: Tensor = self.stem(images)
        for cell in self.cells:
            x = cell(x)
        logits: Tensor = self.classifier(self.lastact(x).mean((2, 3)))
        return logits
