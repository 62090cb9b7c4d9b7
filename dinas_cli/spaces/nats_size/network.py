"""Networks of NATS-Bench's size search space: three cells of one kind with free channels, residual blocks between them.

Everything below the imports is also the text of exported files. Names of tensors are those of the official networks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """ReLU, 3x3 convolution, batch norm: ``(B, I, H, W)`` -> ``(B, O, H/s, W/s)``."""
    conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
    return nn.Sequential(OrderedDict(op=nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2d(outputs))))


class Cell(nn.Module):
    """Four summing nodes, all joined by 3x3 convolutions, but for a skip from first to last."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(convolution(width, outputs) for width in (inputs, inputs, outputs))
        fit = OrderedDict(conv=nn.Conv2d(inputs, outputs, 1, bias=False), bn=nn.BatchNorm2d(outputs))
        self.layers.append(nn.Identity() if inputs == outputs else nn.Sequential(fit))
        self.layers.extend(convolution(outputs, outputs) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        edge = self.layers
        node1: Tensor = edge[0](x)
        node2: Tensor = edge[1](x) + edge[2](node1)
        node3: Tensor = edge[3](x) + edge[4](node1) + edge[5](node2)
        return node3


class ResidualBlock(nn.Module):
    """Halves the image: ``(B, I, H, W)`` -> ``(B, O, H/2, W/2)``."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv_a = convolution(inputs, outputs, 2)
        self.conv_b = convolution(outputs, outputs)
        self.downsample = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        output: Tensor = self.downsample(x) + self.conv_b(self.conv_a(x))
        return output


class Network(nn.Module):
    """Images ``(B, I, S, S)`` -> logits ``(B, classes)``."""

    def __init__(self, channels: Sequence[int], classes: int, in_channels: int = 3) -> None:
        """``channels`` after the cells and, between them, the blocks that halve the image; the stem has the first."""
        super().__init__()
        stem = nn.Conv2d(in_channels, channels[0], 3, padding=1, bias=False)
        self.stem = nn.Sequential(stem, nn.BatchNorm2d(channels[0]))
        kinds, widths = (Cell, ResidualBlock, Cell, ResidualBlock, Cell), (channels[0], *channels)
        self.cells = nn.ModuleList(kind(*widths[n : n + 2]) for n, kind in enumerate(kinds))
        self.lastact = nn.Sequential(nn.BatchNorm2d(channels[-1]), nn.ReLU())
        self.classifier = nn.Linear(channels[-1], classes)

    def forward(self, images: Tensor) -> Tensor:
        x: Tensor = self.stem(images)
        for cell in self.cells:
            x = cell(x)
        logits: Tensor = self.classifier(torch.mean(self.lastact(x), (2, 3)))
        return logits
