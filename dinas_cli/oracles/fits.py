"""Fits of cost profiles: from what was measured of some architectures to what a device charges for any."""

from __future__ import annotations

import math

import numpy as np

from dinas_cli.oracles.profiles import BINS, LEVELS, PER_BIN, Profile, to_cost
from dinas_cli.oracles.regression import Fit, regress
from dinas_cli.oracles.suspects import FAR, trusted

FEW = 500
"""Measurements up to which single ones can bend a fit and are looked at one by one; a table has more."""
PATTERN = 0.125
"""Share of architectures that do not run on a device from which on these say what it cannot do."""
TAIL = 0.98, 2.054
"""A quantile and its normal score. Noise is read there: it is in the tail that a limit is broken."""


def fit_profile(
    column: str,
    unit: str,
    basis: np.ndarray,
    measured: np.ndarray,
    values: np.ndarray,
    priors: np.ndarray,
    noise_shape: np.ndarray,
    kind: str = "",
) -> Profile:
    """Fit a profile to what was measured, as far as it can be believed.

    ``basis (R, k)`` are whitened features of the reference, ``measured (m, k)`` those of the measured architectures and
    ``values (m,)`` what was measured (NaN: it does not run there), in the metric's unit, which becomes costs as
    ``kind`` says. ``priors (G, k, k)`` are what :func:`.regress` takes and ``noise_shape (20,)`` is how the noise of
    known devices varies over the space. With many measurements the priors fade and the noise is read per part.
    What the others contradict is left out, and what does not run while almost all do: that says too little of why.
    """
    costs = _costs(values, kind)
    rows, fit = _believed(measured, costs, priors)
    predicted = fit.predict(basis)
    edges = np.quantile(predicted, LEVELS)
    noise = _noise(fit, fit.predict(measured[rows]), edges, noise_shape, int((~np.isnan(costs)).sum()) - len(rows))
    unsure = _by_part(fit.variance(basis), _parts(predicted, edges))
    total = np.sqrt(noise**2 + unsure) if len(costs) <= FEW else noise
    total = np.maximum(total, 1e-6 * max(float(np.abs(edges).max()), 1e-12))
    left_out = tuple(np.setdiff1d(np.arange(len(costs)), rows).tolist())
    return Profile(column, unit, float(fit.weights[0]), fit.weights[1:], edges, total, len(costs), kind, left_out)


def fill_unmeasurable(costs: np.ndarray) -> np.ndarray:
    """Costs ``(m,)`` with NaN replaced by a cost clearly above every measured one."""
    missing = np.isnan(costs)
    if not missing.any():
        return costs
    return np.where(missing, np.nanmax(costs) + 2 * np.nanstd(costs), costs)


def _costs(values: np.ndarray, kind: str) -> np.ndarray:
    """Costs ``(m,)``; a few that are missing stay NaN."""
    costs = to_cost(np.asarray(values, dtype=np.float64), kind)
    return costs if len(costs) <= FEW and np.isnan(costs).mean() < PATTERN else fill_unmeasurable(costs)


def _believed(measured: np.ndarray, costs: np.ndarray, priors: np.ndarray) -> tuple[np.ndarray, Fit]:
    """The rows a fit is made from, and the fit."""
    rows = np.flatnonzero(~np.isnan(costs))
    if len(costs) > FEW:
        return rows, regress(measured[rows], costs[rows], priors)
    kept, fit = trusted(measured[rows], costs[rows], priors)
    return rows[kept], fit


def _parts(predicted: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Which part of the space predicted costs ``(B,)`` lie in: numbers ``(B,)`` below :data:`BINS`."""
    return np.clip(np.searchsorted(edges[::PER_BIN], predicted, side="right") - 1, 0, BINS - 1)


def _by_part(values: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Means ``(20,)`` of ``values (B,)`` per part; that of all where a part is empty, as where costs are equal."""
    counts = np.bincount(parts, minlength=BINS)
    means = np.bincount(parts, values, BINS) / np.maximum(counts, 1)
    return np.where(counts > 0, means, values.mean())


def _noise(fit: Fit, predicted: np.ndarray, edges: np.ndarray, shape: np.ndarray, left_out: int) -> np.ndarray:
    """Noise per part of the space ``(20,)``: the measured one where there is enough data, else the usual shape.

    Each measurement that is not believed counts as one that is just believed: what is stated must hold for them too.
    """
    parts = _parts(predicted, edges)
    squares = np.maximum(fit.noise(), 0) / shape[parts] ** 2
    ratio = math.sqrt(float(squares.mean()) * (len(squares) + left_out * FAR**2) / (len(squares) + left_out))
    noise = shape * ratio
    quantile, score = TAIL
    for part in range(BINS):
        inside = fit.left_out[parts == part]
        if len(inside) >= 100:
            # Single broken measurements do not speak for a part: they are cut at the 99.5 % point.
            usual = np.minimum(np.abs(inside), np.quantile(np.abs(inside), 0.995))
            noise[part] = max(math.sqrt(float(np.mean(usual**2))), float(np.quantile(inside, quantile)) / score)
    return noise
