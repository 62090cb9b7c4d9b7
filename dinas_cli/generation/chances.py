"""How likely architectures keep to limits: certain where values are known, as uncertain as the surrogate elsewhere."""

from __future__ import annotations

import numpy as np

from dinas_cli.oracles.answers import Oracles

Limit = tuple[str, float, bool]
"""A column, its limit, and whether at least that is asked for."""


def best_guess(oracles: Oracles, values: np.ndarray | None, limit: Limit) -> np.ndarray:
    """1 for architectures ``(B, V)`` (None: the reference) whose value, known or guessed, keeps to the limit, else 0.

    What no source has a value of does not.
    """
    column, bound, upwards = limit
    found = oracles.reference(column) if values is None else oracles.metric(values, column)[0]
    return np.asarray(found >= bound if upwards else found <= bound, dtype=float)


def probability(oracles: Oracles, values: np.ndarray | None, limit: Limit) -> np.ndarray:
    """How likely a measurement of architectures ``(B, V)`` keeps to the limit: ``(B,)``, 0 or 1 for known values."""
    column, bound, _ = limit
    guessed = oracles.guessed(values, column)
    surrogate = oracles.surrogate if guessed.any() else None
    if surrogate is not None and guessed.all():
        return surrogate.probability(values, column, bound)
    chance = best_guess(oracles, values, limit)
    if surrogate is not None:
        chance[guessed] = surrogate.probability(values, column, bound)[guessed]
    return chance


def least(chances: np.ndarray) -> np.ndarray:
    """The chance ``(B,)`` of the limit that is kept the least surely, of ``chances (limits, B)``; 1 without limits."""
    found: np.ndarray = chances.min(0, initial=1.0)
    return found


def product(chances: np.ndarray) -> np.ndarray:
    """The chance ``(B,)`` that all limits are kept, of ``chances (limits, B)``."""
    found: np.ndarray = chances.prod(0)
    return found
