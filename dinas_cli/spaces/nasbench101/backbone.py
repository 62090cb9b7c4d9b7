"""NAS-Bench-101 networks as backbones: the maps after each stack instead of classes.

Everything below the imports is also part of exported files, behind the network.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from dinas_cli.spaces.nasbench101.network import Network


class Features(nn.Module):
    """Images ``(B, I, S, S)`` -> the maps after each stack, as detection and segmentation take them.

    They are ``(B, C, S, S)``, ``(B, 2C, S/2, S/2)`` and ``(B, 4C, S/4, S/4)``.
    """

    def __init__(self, *arguments: Any) -> None:
        """The arguments are those of :class:`Network`."""
        super().__init__()
        whole = Network(*arguments)
        self.stem, self.stacks, self.downsample = whole.stem, whole.stacks, whole.downsample

    def forward(self, images: Tensor) -> list[Tensor]:
        first, *others = self.stacks
        maps: list[Tensor] = [first(self.stem(images))]
        for stack in others:
            maps.append(stack(self.downsample(maps[-1])))
        return maps
