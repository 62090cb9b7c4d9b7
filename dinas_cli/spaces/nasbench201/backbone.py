"""NAS-Bench-201 networks as backbones: the maps after each stage instead of classes.

Everything below the imports is also part of exported files, behind the network.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from dinas_cli.spaces.nasbench201.network import Network, ResidualBlock


class Features(nn.Module):
    """Images ``(B, I, S, S)`` -> the maps after each stage, as detection and segmentation take them.

    They are ``(B, C, S, S)``, ``(B, 2C, S/2, S/2)`` and ``(B, 4C, S/4, S/4)``.
    """

    def __init__(self, *arguments: Any) -> None:
        """The arguments are those of :class:`Network`."""
        super().__init__()
        whole = Network(*arguments)
        self.stem, self.cells = whole.stem, whole.cells

    def forward(self, images: Tensor) -> list[Tensor]:
        maps, x = [], self.stem(images)
        for cell in self.cells:
            if isinstance(cell, ResidualBlock):
                maps.append(x)
            x = cell(x)
        return [*maps, x]
