"""Normal scores: where a value lies among others, as a quantile of the normal distribution."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

_SHARES = np.linspace(0, 1, 4097)[1:-1]
_GRID = np.array([NormalDist().inv_cdf(share) for share in _SHARES.tolist()])


def positions(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """The share ``(B,)`` of ``among (R,)`` that is below each of ``values (B,)``, ties counting half; NaN for NaN.

    Never 0 or 1: as if one more of ``among`` were half below and half above all others.
    """
    known = np.sort(among[~np.isnan(among)])
    below = np.searchsorted(known, values, "left") + np.searchsorted(known, values, "right")
    return np.where(np.isnan(values), np.nan, (below / 2 + 0.5) / (len(known) + 1))


def normal_scores(values: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
    """Normal scores ``(B,)`` of ``values (B,)`` by their :func:`positions` ``among (R,)``, or among themselves."""
    shares = positions(values, values if among is None else among)
    return deviates(shares)


def deviates(shares: np.ndarray) -> np.ndarray:
    """The quantiles of the normal distribution at some ``shares``, of any shape; NaN for NaN."""
    return np.asarray(np.interp(shares, _SHARES, _GRID))
