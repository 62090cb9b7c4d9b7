"""Which measurements of a device cannot be right: those that the others contradict.

One broken row of 48 (a factor of ten, a machine that was busy, a slip of the pen) bends a fit and hides in the noise
that it makes. So rows are left out one after the other, while the worst is far beyond what the others scatter, by
difference or by factor, judged by a fit that does not know it.
"""

from __future__ import annotations

import numpy as np

from dinas_cli.oracles.regression import Fit, regress

FAR = 5.0
"""Usual distances from what the other rows predict beyond which a row is left out. Scatter has heavier tails than the
normal law: of the right rows of 24 devices one in a hundred is as far off."""
FACTOR = 1.7
"""The least factor between measured and predicted that can count as far."""
MOST = 8
"""One row in so many is left out at most: where more are far off, that is what the device is like."""
LOOKED_AT = 5
"""Rows that are judged by fits of their own, the worst by the fit to all."""
EXACT, SMALL = 0.01, 0.05
"""Shares of the median cost: what no deviation is less than, and what no cost is less than when factors are formed."""


def trusted(features: np.ndarray, costs: np.ndarray, priors: np.ndarray) -> tuple[np.ndarray, Fit]:
    """Which of ``costs (m,)`` a fit should believe, ``(m,)`` bool, and the fit to these; see :func:`.regress`."""
    rows = np.arange(len(costs))
    fit = regress(features, costs, priors)
    for _ in range(len(costs) // MOST):
        at_hand = _distances(fit.noise(), costs[rows], fit.left_out)
        without = []
        for place in np.argsort(-at_hand)[:LOOKED_AT]:
            others = np.delete(rows, place)
            judge = regress(features[others], costs[others], priors)
            error = costs[rows] - judge.predict(features[rows])
            squares = np.insert(judge.noise(), place, error[place] ** 2)
            without.append((_distances(squares, costs[rows], error)[place], others, judge))
        worst, others, judge = max(without, key=lambda one: one[0])
        if worst <= FAR:
            break
        rows, fit = others, judge
    return np.isin(np.arange(len(costs)), rows), fit


def _distances(squares: np.ndarray, costs: np.ndarray, error: np.ndarray) -> np.ndarray:
    """How far each of ``costs (m,)`` is from what is predicted, ``error (m,)`` less, in usual distances ``(m,)``.

    ``squares (m,)`` are its squared differences from there, as far as the fit allows to tell.
    """
    usual = float(np.median(np.abs(costs)))
    difference = np.sqrt(np.maximum(squares, 0))
    factor = np.abs(np.log(np.maximum(costs, SMALL * usual) / np.maximum(costs - error, SMALL * usual)))
    by_difference, by_factor = (
        off / max(1.4826 * float(np.median(off)), least)
        for off, least in ((difference, EXACT * usual), (factor, EXACT))
    )
    return np.maximum(by_difference, np.where(factor > np.log(FACTOR), by_factor, 0.0))
