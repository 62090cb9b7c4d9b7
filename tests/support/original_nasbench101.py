"""The network of NAS-Bench-101 (Ying et al., ICML 2019), written anew, with the names of its port nasbench_pytorch.

Nothing here knows this package. Stem, cells and poolings are one list. In a cell every vertex applies its operation to
the sum of what is connected to it, the input always projected, wider vertices cut to size; the output concatenates.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def named(name: str, child: nn.Module) -> nn.Sequential:
    made = nn.Sequential()
    made.add_module(name, child)
    return made


def conv_norm_relu(before: int, after: int, kernel: int) -> nn.Module:
    parts = (nn.Conv2d(before, after, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(after), nn.ReLU())
    return named("conv_bn_relu", nn.Sequential(*parts))


class Unused(nn.Module):
    """Holds a parameter without effect, as the port's stand-ins do."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.zeros(()))


def widths(matrix: list[list[int]], outputs: int) -> list[int]:
    """Channels of all vertices: the output's, divided among what leads there; the others as the widest they feed."""
    last = len(matrix) - 1
    ends = [v for v in range(1, last) if matrix[v][last]]
    found = [0] * last + [outputs]
    for place, vertex in enumerate(ends):
        found[vertex] = outputs // len(ends) + (1 if place < outputs % len(ends) else 0)
    for vertex in reversed(range(1, last)):
        if vertex not in ends:
            found[vertex] = max(found[w] for w in range(vertex + 1, last) if matrix[vertex][w])
    return found


class OriginalCell(nn.Module):
    def __init__(self, matrix: list[list[int]], ops: list[str], before: int, outputs: int) -> None:
        super().__init__()
        self.dev_param = nn.Parameter(torch.empty(0))
        self.matrix, self.widths, self.last = matrix, widths(matrix, outputs), len(matrix) - 1
        self.vertex_op, self.input_op = nn.ModuleList([Unused()]), nn.ModuleList([Unused()])
        for vertex in range(1, self.last + 1):
            c = self.widths[vertex]
            self.input_op.append(conv_norm_relu(before, c, 1) if matrix[0][vertex] else Unused())
            if vertex < self.last:
                kernel = {"conv3x3-bn-relu": 3, "conv1x1-bn-relu": 1}.get(ops[vertex])
                pooling = named("maxpool", nn.MaxPool2d(3, 1, 1))
                self.vertex_op.append(
                    named(f"conv{kernel}x{kernel}", conv_norm_relu(c, c, kernel)) if kernel else pooling
                )
        self.last_inop = self.input_op[self.last]

    def forward(self, x: Tensor) -> Tensor:
        values, ends = [x], []
        for vertex in range(1, self.last):
            total = torch.zeros(())
            for source in range(1, vertex):
                if self.matrix[source][vertex]:
                    total = total + values[source][:, : self.widths[vertex]]
            if self.matrix[0][vertex]:
                total = total + self.input_op[vertex](x)
            values.append(self.vertex_op[vertex](total))
            if self.matrix[vertex][self.last]:
                ends.append(values[-1])
        if not self.matrix[0][self.last]:
            return torch.cat(ends, 1)
        projected = self.last_inop(x)
        return torch.cat(ends, 1) + projected if ends else projected


class OriginalNetwork(nn.Module):
    """Of a pruned matrix, with ``c`` channels in the first of three stacks of ``cells`` cells."""

    def __init__(self, matrix: list[list[int]], ops: list[str], c: int, cells: int, classes: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList([conv_norm_relu(3, c, 3)])
        before = c
        for stack in range(3):
            if stack:
                self.layers.append(nn.MaxPool2d(2, 2))
                c *= 2
            for _ in range(cells):
                self.layers.append(OriginalCell(matrix, ops, before, c))
                before = c
        self.classifier = nn.Linear(c, classes)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return self.classifier(x.mean((2, 3)))
