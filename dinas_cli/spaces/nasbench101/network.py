"""The NAS-Bench-101 network: a stem, three stacks of three cells with downsampling between them, a classifier.

Everything below the imports is also the text of exported files.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

STACKS = 3


class ConvBNReLU(nn.Sequential):
    """Convolution that keeps the size, batch norm, ReLU: ``(B, I, H, W)`` -> ``(B, O, H, W)``."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(outputs, eps=1e-5, momentum=0.003),
            nn.ReLU(),
        )


def operation(name: str, channels: int) -> nn.Module:
    """The operation of a vertex: ``(B, C, H, W)`` -> ``(B, C, H, W)``."""
    if name == "maxpool3x3":
        return nn.MaxPool2d(3, stride=1, padding=1)
    return ConvBNReLU(channels, channels, {"conv3x3": 3, "conv1x1": 1}[name])


def vertex_channels(size: int, edges: set[tuple[int, int]], outputs: int) -> list[int]:
    """Channels of the inner vertices 1 to ``size``, at their index; the output is vertex ``size + 1``.

    The cell's output channels are split among the vertices connected to it, the first ones take the remainder; every
    other vertex has as many as the widest one it feeds.
    """
    joined = [v for v in range(1, size + 1) if (v, size + 1) in edges]
    channels = [0] * (size + 1)
    for place, vertex in enumerate(joined):
        channels[vertex] = outputs // len(joined) + (place < outputs % len(joined))
    for vertex in range(size, 0, -1):
        if vertex not in joined:
            channels[vertex] = max(
                channels[target] for target in range(vertex + 1, size + 1) if (vertex, target) in edges
            )
    return channels


class Cell(nn.Module):
    """Vertices that apply an operation to the sum of their inputs: ``(B, I, H, W)`` -> ``(B, O, H, W)``.

    The cell's input is projected wherever it goes; a wider vertex is cut to the channels of the one it feeds. The
    output concatenates what is connected to it and adds the projected input if that is connected too.
    """

    def __init__(self, operations: Sequence[str], edges: set[tuple[int, int]], inputs: int, outputs: int) -> None:
        super().__init__()
        output = len(operations) + 1
        self.channels = vertex_channels(len(operations), edges, outputs)
        self.sources = [[i for i in range(1, v) if (i, v) in edges] for v in range(output + 1)]
        self.vertices = nn.ModuleDict()
        self.projections = nn.ModuleDict()
        for vertex, name in enumerate(operations, 1):
            self.vertices[str(vertex)] = operation(name, self.channels[vertex])
            if (0, vertex) in edges:
                self.projections[str(vertex)] = ConvBNReLU(inputs, self.channels[vertex], 1)
        if (0, output) in edges:
            self.projections[str(output)] = ConvBNReLU(inputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        values = [x]
        for name, apply in self.vertices.items():
            vertex = int(name)
            parts = [values[source][:, : self.channels[vertex]] for source in self.sources[vertex]]
            if name in self.projections:
                parts.append(self.projections[name](x))
            values.append(apply(sum(parts[1:], parts[0])))
        output = str(len(values))
        joined = [values[source] for source in self.sources[-1]]
        if output in self.projections:
            projected: Tensor = self.projections[output](x)
            return torch.cat(joined, 1) + projected if joined else projected
        return torch.cat(joined, 1)


class Network(nn.Module):
    """Images ``(B, I, S, S)`` -> logits ``(B, classes)``."""

    def __init__(
        self,
        operations: Sequence[str],
        edge_bits: Sequence[int],
        classes: int,
        channels: int,
        cells: int,
        in_channels: int = 3,
    ) -> None:
        """A network of ``operations``, those of the inner vertices.

        ``edge_bits`` say for every pair of vertices, from input to output and row by row, whether an edge leads from
        the first to the second; ``channels`` are those of the first stack, ``cells`` those per stack,
        ``in_channels`` those of images.
        """
        super().__init__()
        vertices = range(len(operations) + 2)
        pairs = [(i, j) for i in vertices for j in vertices if i < j]
        edges = {pair for pair, bit in zip(pairs, edge_bits, strict=True) if bit}
        self.stem = ConvBNReLU(in_channels, channels, 3)
        self.stacks = nn.ModuleList()
        inputs = channels
        for stack in range(STACKS):
            outputs = channels << stack
            self.stacks.append(
                nn.Sequential(
                    *(Cell(operations, edges, inputs if cell == 0 else outputs, outputs) for cell in range(cells))
                )
            )
            inputs = outputs
        self.downsample = nn.MaxPool2d(2)
        self.classifier = nn.Linear(inputs, classes)

    def forward(self, images: Tensor) -> Tensor:
        x: Tensor = self.stem(images)
        for number, stack in enumerate(self.stacks):
            x = stack(x if number == 0 else self.downsample(x))
        logits: Tensor = self.classifier(x.mean((2, 3)))
        return logits
