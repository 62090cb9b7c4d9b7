"""The devices that training asks about: real ones, the same fitted from few measurements, virtual ones between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.files.columns import split_column
from dinas_cli.oracles.profiles import LEVELS, Profile
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.training.data import TrainingSet

LONELY = 0.7
"""How far virtual devices leave the few real ones of a space where mixing these would show too little variety."""
REFITS, VIRTUAL = 4, 8
"""Few-measurement fits, and virtual devices, per real profile."""
SAFETY = 1.2
"""An architecture counts as within a limit when its predicted cost is, even this many noise deviations off."""


@dataclass(frozen=True)
class Pool:
    """Profiles of one budgeted metric with the costs of all ``R`` architectures, in profile deviations."""

    descriptor: np.ndarray
    """``(S, k)``."""
    cost: Tensor
    """``(S, R)``."""
    margin: Tensor
    """The same shape: how far from a limit an architecture must stay to be within it in spite of its noise."""
    grid: np.ndarray
    """Quantiles ``(S, 101)`` of the costs."""
    noise: np.ndarray
    """Relative noise ``(S, 101)`` at those quantiles."""
    names: tuple[str, ...]
    real: int
    """The first ``real`` are real devices."""


def make_pool(
    data: TrainingSet,
    surrogate: Surrogate,
    metric: str,
    basis: np.ndarray,
    rng: np.random.Generator,
) -> Pool:
    """The profiles of ``metric``; ``basis (R, k)`` is that of the architectures."""
    columns = [c for c in data.costs if split_column(c)[0] == metric]
    profiles = [surrogate.profile(c) for c in columns]
    spec = find_metric(data.space, metric)
    real = len(profiles)
    if spec.per_device:
        for column in columns:
            measured = data.known & (data.unknown_is_worst(column) | ~np.isnan(data.costs[column]))
            for _ in range(REFITS):
                few = min(int(rng.integers(24, 65)), int(measured.sum()))
                rows = rng.choice(np.flatnonzero(measured), few, replace=False)
                profiles.append(surrogate.fit(column, data.units[column], data.values[rows], data.costs[column][rows]))
        fitted = len(profiles)
        for _ in range(VIRTUAL * real):
            one, other = rng.choice(fitted, 2, replace=False)
            profiles.append(_mix(profiles[one], profiles[other], 0.0 if real > 3 else LONELY, rng, basis))
    costs, margins, grids, noises = [], [], [], []
    for p in profiles:
        predicted = p.predict(basis)
        sigma = p.sigma(predicted)
        costs.append(((predicted - p.level) / p.scale).astype(np.float32))
        margins.append((SAFETY * sigma / p.scale).astype(np.float32))
        grids.append((p.edges - p.level) / p.scale)
        noises.append(p.sigma(p.edges) / p.scale)
    return Pool(
        np.stack([p.descriptor for p in profiles]),
        torch.from_numpy(np.stack(costs)),
        torch.from_numpy(np.stack(margins)),
        np.stack(grids),
        np.stack(noises),
        tuple(p.column if i < real else "" for i, p in enumerate(profiles)),
        real,
    )


def _mix(one: Profile, other: Profile, spread: float, rng: np.random.Generator, basis: np.ndarray) -> Profile:
    """A virtual device between two others, in normalised costs, that leaves the line between them by ``spread``."""
    share = rng.random()
    weights = share * one.descriptor + (1 - share) * other.descriptor
    if spread:
        weights = weights + spread * rng.random() * rng.normal(size=len(weights)) / np.sqrt(len(weights))
    noise = share * one.noise / one.scale + (1 - share) * other.noise / other.scale
    return Profile("", "", 0.0, weights, np.quantile(basis @ weights, LEVELS), noise, 0)
