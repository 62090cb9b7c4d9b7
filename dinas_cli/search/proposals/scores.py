"""Normal scores: where a value lies among others, as a quantile of the normal distribution."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

_SHARES = np.linspace(0, 1, 4097)[1:-1]
_GRID = np.array([NormalDist().inv_cdf(share) for share in _SHARES.tolist()])


def positions(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """The share ``(B,)`` of ``among (R,)`` that is below each of ``values (B,)``, ties counting half; NaN for NaN.

    ``among`` is in order, NaN last, as numpy sorts. Never 0 or 1: as if one more of them were half below and half above
    all others.
    """
    known = among[: len(among) - int(np.isnan(among).sum())]
    below = np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")
    return np.where(np.isnan(values), np.nan, (below / 2 + 0.5) / (len(known) + 1))


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Normal scores ``(B,)`` of ``values (B,)`` among themselves."""
    return deviates(positions(values, np.sort(values)))


def deviates(shares: np.ndarray) -> np.ndarray:
    """The quantiles of the normal distribution at some ``shares``, of any shape; NaN for NaN."""
    return np.asarray(np.interp(shares, _SHARES, _GRID))
