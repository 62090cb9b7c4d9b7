"""How measured costs fall around predicted ones: the law behind a stated probability.

It is not the normal law. Most measurements lie closer to the prediction than their deviation says, and a few far off (a
device's slow path that the basis does not know): where the normal law states 0.80, 0.90 and 0.98, 0.84, 0.92 and 0.98
keep the limit, and three deviations inside it 5 of 1,000 break it instead of one. The table is of true shares, means
over the 24 devices of HW-NAS-Bench and HELP under limits between the measured values; ``benchmarks/reliability.py`` has
the shares that are true of what it states.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from dinas_cli.oracles.profiles import normal_cdf

KEPT = {
    -30.0: 1e-7,
    -6.85: 0.0002,
    -4.2: 0.0005,
    -3.0: 0.002,
    -2.25: 0.005,
    -1.75: 0.02,
    -1.25: 0.06,
    -0.8: 0.16,
    -0.45: 0.28,
    0.0: 0.5,
    0.45: 0.74,
    0.8: 0.84,
    1.25: 0.915,
    1.75: 0.962,
    2.25: 0.985,
    3.0: 0.995,
    4.2: 0.9975,
    6.85: 0.999,
    30.0: 1 - 1e-7,
}
"""By how many deviations a limit lies above the prediction, and how likely it is kept; the best guess is even."""

ONE_DEVIATION = NormalDist().cdf(1)
"""The share of measurements below what is one deviation above the prediction, where the law is normal."""

_DEVIATIONS = np.array(list(KEPT))
_SCORES = np.array([NormalDist().inv_cdf(share) for share in KEPT.values()])


def probability(deviations: np.ndarray) -> np.ndarray:
    """How likely costs keep to limits ``(B,)`` deviations above their predictions: ``(B,)``."""
    return normal_cdf(np.interp(deviations, _DEVIATIONS, _SCORES))


def deviations(confidence: float) -> float:
    """By how many deviations a limit has to lie above the prediction to be kept with probability ``confidence``."""
    return float(np.interp(NormalDist().inv_cdf(confidence), _SCORES, _DEVIATIONS))
