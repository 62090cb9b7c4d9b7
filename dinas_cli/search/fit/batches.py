"""Batches of images: the order of every epoch, shifts and mirror images of a whole batch at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from dinas_cli.search.fit.settings import Settings


class Pixels:
    """Images ``(n, C, S, S)`` uint8 with their classes, brought to mean 0 and deviation 1 as they are used."""

    def __init__(self, images: Tensor, labels: Tensor, mean: Tensor, deviation: Tensor) -> None:
        """``mean`` and ``deviation`` are by channel, ``(C,)``, of pixels between 0 and 1."""
        self.images, self.labels = images, labels
        self.scale = (1 / (255 * deviation))[:, None, None]
        self.offset = (mean / deviation)[:, None, None]

    def __len__(self) -> int:
        return len(self.images)

    def normal(self, images: Tensor) -> Tensor:
        """Images as networks take them: float32."""
        import torch

        found: Tensor = images.float() * self.scale - self.offset
        return found.contiguous(memory_format=torch.channels_last)

    def in_order(self, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All of them, ``(B, C, S, S)`` float32 and ``(B,)``."""
        for start in range(0, len(self), batch):
            yield self.normal(self.images[start : start + batch]), self.labels[start : start + batch]

    def epoch(self, number: int, settings: Settings) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch, which depend on its number and the seed only; what fills no batch is left out."""
        import torch

        random = torch.Generator().manual_seed((settings.seed * 1_000_003 + number) % 2**63)
        batch = min(settings.batch, len(self))
        order = torch.randperm(len(self), generator=random)
        mirror = settings.mirrors(self.images.shape[1])
        for start in range(0, len(self) - batch + 1, batch):
            rows = order[start : start + batch].to(self.images.device)
            images = varied(self.images[rows], random, settings.shift, mirror)
            yield self.normal(images), self.labels[rows]


def statistics(images: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation by channel, ``(C,)``, of images ``(n, C, S, S)`` uint8 as pixels between 0 and 1."""
    import torch

    sums, squares, count = 0.0, 0.0, 0
    for part in images.split(4096):
        values = part.double() / 255
        sums = sums + values.sum((0, 2, 3))
        squares = squares + values.square().sum((0, 2, 3))
        count += values.numel() // values.shape[1]
    mean = torch.as_tensor(sums / count)
    deviation = torch.as_tensor(squares / count - mean**2).clamp(min=1e-6).sqrt()
    return mean.float(), deviation.float()


def varied(images: Tensor, random: object, shift: float, mirror: bool) -> Tensor:
    """Images ``(B, C, S, S)`` shifted by up to ``shift`` of their edge, borders repeated, and half of them mirrored."""
    import torch
    from torch.nn.functional import pad

    count, channels, size, _ = images.shape
    most = round(shift * size)
    device = images.device
    if most:
        wide = pad(images.float(), (most, most, most, most), mode="replicate").to(images.dtype)
        offsets = torch.randint(2 * most + 1, (2, count, 1), generator=random).to(device)  # type: ignore[call-overload]
        steps = torch.arange(size, device=device)
        down, across = (offsets + steps).unbind(0)
        every = torch.arange(count, device=device)[:, None, None, None]
        channel = torch.arange(channels, device=device)[None, :, None, None]
        images = wide[every, channel, down[:, None, :, None], across[:, None, None, :]]
    if mirror:
        flipped = (torch.rand(count, generator=random) < 0.5).to(device)  # type: ignore[call-overload]
        images = torch.where(flipped[:, None, None, None], images.flip(3), images)
    return images
