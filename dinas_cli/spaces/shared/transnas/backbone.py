"""Networks of TransNAS-Bench-101 as backbones: the maps of each size instead of what a task asks for.

Everything below the imports is also part of exported files, behind the networks.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from dinas_cli.spaces.shared.transnas.network import HALVING, Network


class Features(nn.Module):
    """Images ``(B, I, S, S)`` -> the maps before each module that halves them, and after the last module.

    The first has edges of S/4.
    """

    def __init__(self, modules: Any, *arguments: Any) -> None:
        """The arguments are those of :class:`Network`."""
        super().__init__()
        self.encoder = Network(modules, *arguments).encoder
        self.halves = [False, *(kind in HALVING for kind in modules)]

    def forward(self, images: Tensor) -> list[Tensor]:
        maps, x = [], images
        for halves, part in zip(self.halves, self.encoder.get_submodule("network").children(), strict=True):
            if halves:
                maps.append(x)
            x = part(x)
        return [*maps, x]
