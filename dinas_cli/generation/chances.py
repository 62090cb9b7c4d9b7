"""How likely architectures keep to limits: certain where values are known, as uncertain as the surrogate elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.files.columns import split_column
from dinas_cli.oracles.answers import Oracles

Bound = tuple[str, float, bool]
"""A column, its limit, and whether at least that is asked for."""


def keeps(values: np.ndarray, limit: Bound) -> np.ndarray:
    """Which values ``(B,)`` of the limit's column keep to it: ``(B,)`` bool, NaN does not."""
    _, bound, upwards = limit
    return np.asarray(values >= bound if upwards else values <= bound)


def best_guess(oracles: Oracles, values: np.ndarray | None, limit: Bound) -> np.ndarray:
    """1 for architectures ``(B, V)`` (None: the reference) whose value, known or guessed, keeps to the limit, else 0.

    What no source has a value of does not.
    """
    column = limit[0]
    found = oracles.reference(column) if values is None else oracles.metric(values, column)[0]
    return keeps(found, limit).astype(float)


def probability(oracles: Oracles, values: np.ndarray | None, limit: Bound) -> np.ndarray:
    """How likely a measurement of architectures ``(B, V)`` keeps to the limit: ``(B,)``, 0 or 1 for known values."""
    column, bound, _ = limit
    guessed = oracles.guessed(values, column)
    surrogate = oracles.surrogate if guessed.any() else None
    if surrogate is None:
        return best_guess(oracles, values, limit)
    better = surrogate.probability(values, column, bound)
    likely = 1 - better if reversed_side(oracles, limit) else better
    return likely if guessed.all() else np.where(guessed, likely, best_guess(oracles, values, limit))


def reversed_side(oracles: Oracles, limit: Bound) -> bool:
    """Whether a limit rules out what is better, as the other end of a range does."""
    column, _, upwards = limit
    return upwards != (find_metric(oracles.space, split_column(column)[0]).better == "max")


def by_column(limits: Sequence[Bound], chances: Sequence[np.ndarray]) -> np.ndarray:
    """The chances ``(columns, B)`` that all limits on a column are kept, of those ``(limits, B)`` of each.

    Between the two ends of a range lies what neither end rules out: whatever breaks one keeps the other.
    """
    columns: dict[str, list[np.ndarray]] = {}
    for (column, _, _), chance in zip(limits, chances, strict=True):
        columns.setdefault(column, []).append(chance)
    return np.array([np.maximum(sum(found) - (len(found) - 1), 0.0) for found in columns.values()], float)


def least(chances: np.ndarray) -> np.ndarray:
    """The chance ``(B,)`` of the column that is kept the least surely, of ``chances (columns, B)``; 1 without any."""
    found: np.ndarray = chances.min(0, initial=1.0)
    return found


def product(chances: np.ndarray) -> np.ndarray:
    """The chance ``(B,)`` that all limits are kept, of ``chances (columns, B)``."""
    found: np.ndarray = chances.prod(0)
    return found
