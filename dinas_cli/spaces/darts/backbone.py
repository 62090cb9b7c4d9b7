"""DARTS networks as backbones: the maps of each size instead of classes.

Everything below the imports is also part of exported files, behind the network.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from dinas_cli.spaces.darts.network import Network


class Features(nn.Module):
    """Images ``(B, I, S, S)`` -> the maps before each of the two cells that reduce, and after the last cell.

    Of 4 cells or more they are ``(B, 4C, S, S)``, ``(B, 8C, S/2, S/2)`` and ``(B, 16C, S/4, S/4)``; with an ImageNet
    stem their edges are an eighth of that.
    """

    def __init__(self, *arguments: Any) -> None:
        """The arguments are those of :class:`Network`."""
        super().__init__()
        whole = Network(*arguments)
        self.drop_path, self.imagenet, self.cells = whole.drop_path, whole.imagenet, whole.cells
        if self.imagenet:
            self.stem0, self.stem1 = whole.stem0, whole.stem1
        else:
            self.stem = whole.stem
        self.reducing = {len(self.cells) // 3, 2 * len(self.cells) // 3}

    def forward(self, images: Tensor) -> list[Tensor]:
        drop = self.drop_path if self.training else 0.0
        s0 = self.stem0(images) if self.imagenet else self.stem(images)
        s1 = self.stem1(s0) if self.imagenet else s0
        maps = []
        for number, cell in enumerate(self.cells):
            if number in self.reducing:
                maps.append(s1)
            s0, s1 = s1, cell(s0, s1, drop)
        return [*maps, s1]
