"""Random wishes to be among the best by further ranked metrics, beside the one that a space is about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

ONE, TWO = 0.3, 0.1
"""How many requests ask for a further rank, and how many of these for a second one."""


def draw_ranks(names: Sequence[str], count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """For each metric the percents ``(G,)`` that ``count`` requests ask to be among, NaN where they ask for none."""
    number = (rng.random(count) < ONE).astype(int)
    number += (rng.random(count) < TWO) & (number > 0)
    place = rng.random((count, len(names))).argsort(1).argsort(1)
    top = 10 ** rng.uniform(0, 2, (count, len(names)))
    return {name: np.where(place[:, i] < number, top[:, i], np.nan) for i, name in enumerate(names)}


def among_best(worth: Tensor, meets: Tensor, top: np.ndarray) -> Tensor:
    """Which of ``R`` architectures are in the best ``top (G,)`` percent, by ``worth (G, R)``, of those that ``meets``.

    ``meets (G, R)`` says which count; the answer has the same shape.
    """
    counted = worth.masked_fill(~meets, -torch.inf)
    wanted = torch.from_numpy(np.ceil(top / 100 * meets.sum(1).numpy())).long().clamp(min=1)
    bound = counted.sort(1, descending=True).values.gather(1, wanted[:, None] - 1)
    return meets & (counted >= bound)
