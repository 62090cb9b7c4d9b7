"""Random limits on one budgeted metric: upper and lower ones, both sides of one device, several devices at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dinas_cli.diffusion.encoding import ConditionSpec, budget_features
from dinas_cli.training.pools import Pool

LOWER = 0.12
"""How many first limits are lower ones."""
SECOND, THIRD = 0.25, 0.35
"""How many requests with a limit have a second one, and how many of these a third."""
OTHER_SIDE = 0.4
"""How many second limits are the other side of the first where they could be another device's; else all are."""


@dataclass(frozen=True)
class Limits:
    """Limits on one metric for ``G`` requests, at most ``L`` for each, and which of ``R`` architectures keep them."""

    features: Tensor
    """``(G, L, width)``."""
    there: Tensor
    """``(G, L)`` bool."""
    meets: Tensor
    """``(G, R)`` bool, by predicted costs."""
    safe: Tensor
    """``(G, R)`` bool, with the safety margin."""


def draw_limits(
    pool: Pool,
    spec: ConditionSpec,
    asked: np.ndarray,
    first: np.ndarray,
    cells: Tensor,
    rng: np.random.Generator,
) -> Limits:
    """Limits for the requests that have some, ``asked (G,)``; the first of each is on the profile ``first (G,)``.

    ``cells (G, R)`` are the architectures of the pool that each request is about.
    """
    shape = count, most = len(asked), spec.limits
    profile = rng.integers(len(pool.descriptor), size=shape)
    profile[:, 0] = first
    there = np.repeat(asked[:, None], most, 1)
    there[:, 1:] &= (rng.random(shape) < (0, SECOND, THIRD)[:most])[:, 1:]
    there = np.logical_and.accumulate(there, 1)
    least = rng.random(shape) < LOWER
    quantile = np.where(
        rng.random(shape) < 0.5, rng.uniform(0.04, 1, shape), 10 ** rng.uniform(np.log10(0.04), 0, shape)
    )
    quantile = np.where(least, 1 - quantile, quantile)
    if most > 1:
        other = (rng.random(count) < OTHER_SIDE) | (most == 2)
        profile[other, 1] = first[other]
        least[other, 1] = ~least[other, 0]
        share = rng.uniform(0, 0.95, count)
        above = quantile[:, 0] + (1 - quantile[:, 0]) * (1 - share)
        quantile[other, 1] = np.where(least[:, 1], quantile[:, 0] * share, above)[other]

    limit = interpolated(quantile, pool.grid[profile])
    noise = np.stack([interpolated(quantile, pool.noise[profile]), pool.noise[profile, 50]], -1)
    sign = np.where(least, -1, 1)
    features = budget_features(
        (sign[..., None] * pool.descriptor[profile]).reshape(count * most, -1),
        (sign * limit).ravel(),
        np.where(least, 1 - quantile, quantile).ravel(),
        noise.reshape(count * most, 2),
    )
    meets, safe = torch.ones(2, *cells.shape, dtype=torch.bool)
    for number in range(most):
        on = np.flatnonzero(there[:, number])
        index = torch.from_numpy(profile[on, number])[:, None], cells[on]
        upper = torch.from_numpy(~least[on, number])[:, None]
        bound = torch.from_numpy(limit[on, number]).float()[:, None]
        cost, margin = pool.cost[index], pool.margin[index]
        meets[on] &= torch.where(upper, cost <= bound + 1e-6, cost >= bound - 1e-6)
        safe[on] &= torch.where(upper, cost + margin <= bound + 1e-6, cost - margin >= bound - 1e-6)
    return Limits(torch.from_numpy(features).view(count, most, -1), torch.from_numpy(there), meets, safe)


def interpolated(quantile: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Linear interpolation of quantiles ``(G, L)`` in grids ``(G, L, 101)``."""
    position = np.clip(quantile, 0, 1) * (grid.shape[-1] - 1)
    low = np.minimum(position.astype(int), grid.shape[-1] - 2)[..., None]
    share = position - low[..., 0]
    before, after = (np.take_along_axis(grid, low + step, -1)[..., 0] for step in (0, 1))
    return np.asarray(before * (1 - share) + after * share)
