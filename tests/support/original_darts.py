"""The networks of the DARTS paper, written anew, with the parameter names of its authors' code.

Names, and what the paper leaves open, are as in that code.

Nothing here knows this package: tests compare the two. A cell preprocesses its two inputs to ``C`` channels by ReLU,
1x1 convolution and batch norm (the first one by a factorised reduction behind a reduction cell), computes four nodes as
sums of two operations and concatenates them. Forward passes are written as functions of a state dict's modules, so
that the order of computation is the paper's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

Pairs = Sequence[tuple[str, int]]


def norm_after(*convolutions: nn.Module, channels: int) -> list[nn.Module]:
    return [nn.ReLU(), *convolutions, nn.BatchNorm2d(channels)]


class Pointwise(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.op = nn.Sequential(*norm_after(nn.Conv2d(before, after, 1, bias=False), channels=after))

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)


class Halving(nn.Module):
    """Two strided 1x1 convolutions, the second one on the image without its first row and column."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.conv_1 = nn.Conv2d(before, after // 2, 1, stride=2, bias=False)
        self.conv_2 = nn.Conv2d(before, after // 2, 1, stride=2, bias=False)
        self.bn = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        x = x.clamp(min=0)
        return self.bn(torch.cat((self.conv_1(x), self.conv_2(x[..., 1:, 1:])), 1))


class Depthwise(nn.Module):
    def __init__(self, c: int, kernel: int, stride: int, dilation: int, rounds: int) -> None:
        super().__init__()
        parts: list[nn.Module] = []
        for step in (stride, 1)[:rounds]:
            deep = nn.Conv2d(
                c, c, kernel, step, padding=(kernel - 1) * dilation // 2, dilation=dilation, groups=c, bias=False
            )
            parts += norm_after(deep, nn.Conv2d(c, c, 1, bias=False), channels=c)
        self.op = nn.Sequential(*parts)

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)


def operation(name: str, c: int, stride: int) -> nn.Module:
    kind, _, size = name.rpartition("_")
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else Halving(c, c)
    kernel = int(size[0])
    if kind == "max_pool":
        return nn.MaxPool2d(kernel, stride, 1)
    if kind == "avg_pool":
        return nn.AvgPool2d(kernel, stride, 1, count_include_pad=False)
    return Depthwise(c, kernel, stride, *{"sep_conv": (1, 2), "dil_conv": (2, 1)}[kind])


class OriginalCell(nn.Module):
    def __init__(self, pairs: Pairs, before: int, previous: int, c: int, reduces: bool, follows: bool) -> None:
        super().__init__()
        self.pairs = pairs
        self.preprocess0 = Halving(before, c) if follows else Pointwise(before, c)
        self.preprocess1 = Pointwise(previous, c)
        self._ops = nn.ModuleList(operation(name, c, 2 if reduces and i < 2 else 1) for name, i in pairs)

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        states = [self.preprocess0(a), self.preprocess1(b)]
        for k in range(0, len(self.pairs), 2):
            states.append(self._ops[k](states[self.pairs[k][1]]) + self._ops[k + 1](states[self.pairs[k + 1][1]]))
        return torch.cat(states[2:], 1)


class AuxiliaryHead(nn.Module):
    """Of the authors' two, the one for ImageNet lacks the last batch norm."""

    def __init__(self, c: int, classes: int, imagenet: bool) -> None:
        super().__init__()
        last = [nn.Conv2d(128, 768, 2, bias=False), *([] if imagenet else [nn.BatchNorm2d(768)]), nn.ReLU()]
        self.features = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2d(5, 2 if imagenet else 3, 0, count_include_pad=False),
            nn.Conv2d(c, 128, 1, bias=False),
            nn.BatchNorm2d(128),
            nn.ReLU(),
            *last,
        )
        self.classifier = nn.Linear(768, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).flatten(1))


class OriginalNetwork(nn.Module):
    """Of a genotype as its authors print it: a mapping with the members ``normal`` and ``reduce``."""

    def __init__(self, genotype: dict[str, Any], c: int, cells: int, classes: int, imagenet: bool = False) -> None:
        super().__init__()
        if imagenet:
            self.stem0 = nn.Sequential(
                nn.Conv2d(3, c // 2, 3, 2, 1, bias=False),
                nn.BatchNorm2d(c // 2),
                nn.ReLU(),
                nn.Conv2d(c // 2, c, 3, 2, 1, bias=False),
                nn.BatchNorm2d(c),
            )
            self.stem1 = nn.Sequential(nn.ReLU(), nn.Conv2d(c, c, 3, 2, 1, bias=False), nn.BatchNorm2d(c))
        else:
            self.stem = nn.Sequential(nn.Conv2d(3, 3 * c, 3, padding=1, bias=False), nn.BatchNorm2d(3 * c))
        widths = [c if imagenet else 3 * c] * 2
        self.cells, follows, self.middle = nn.ModuleList(), imagenet, 2 * cells // 3
        for number in range(cells):
            reduces = number in (cells // 3, self.middle)
            c = 2 * c if reduces else c
            pairs = genotype["reduce" if reduces else "normal"]
            self.cells.append(OriginalCell(pairs, widths[-2], widths[-1], c, reduces, follows))
            widths.append(4 * c)
            follows = reduces
        self.auxiliary_head = AuxiliaryHead(widths[self.middle + 2], classes, imagenet)
        self.classifier = nn.Linear(widths[-1], classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits and those of the auxiliary head."""
        if hasattr(self, "stem"):
            outputs = [self.stem(images)] * 2
        else:
            outputs = [self.stem0(images)]
            outputs.append(self.stem1(outputs[0]))
        for cell in self.cells:
            outputs.append(cell(outputs[-2], outputs[-1]))
        return self.classifier(outputs[-1].mean((2, 3))), self.auxiliary_head(outputs[self.middle + 2])
