"""What architectures are really worth, by a label that is noisy and a prediction that is not exact.

The best of many noisy labels are the lucky ones: a generator that learns to answer "the top 5 %" with them learns luck.
So labels are shrunk towards the surrogate's prediction, as far as each is to be trusted (the empirical-Bayes estimate
of Efron & Morris, 1973): with label ``y``, prediction ``m``, and the variances ``n`` of a label around what an
architecture is worth and ``e`` of the prediction around the same,

    E[worth | y, m] = m + e / (e + n) (y - m)

``e + n`` is seen on labels that training did not see. ``n`` alone is seen where two labels are of architectures that
compute the same, or nearly: half the variance of the difference between their residuals, in which what a prediction
errs is nearly the same and falls out.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import numpy as np

from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.training.data import TrainingSet

PAIRS = 100
"""Pairs of labels below which their differences say too little."""


def worth(data: TrainingSet, surrogate: Surrogate, column: str) -> np.ndarray:
    """What all architectures are ranked by in a column: ``(R,)`` in the terms of :meth:`.Surrogate.ranking`.

    Known labels are shrunk, the others' place is taken by the surrogate's word.
    """
    ranking = surrogate.ranking(None, column)
    labels = data.quality[column]
    known = data.known & ~np.isnan(labels)
    found = ranking.copy()
    told = surrogate.ranking_of(labels[known], column)
    found[known] += trust(data, surrogate, column) * (told - ranking[known])
    return found


def trust(data: TrainingSet, surrogate: Surrogate, column: str) -> float:
    """The weight ``e / (e + n)`` of a label beside the prediction, in [0, 1]; 1/2 where nothing was held out."""
    labels = data.quality[column]
    there = ~np.isnan(labels)
    residual = np.full(len(labels), np.nan)
    residual[there] = surrogate.ranking_of(labels[there], column) - surrogate.ranking(None, column)[there]
    unseen = there & ~data.known
    noise = _noise(_twins(data, there), residual)
    if noise is None:
        noise = _noise(_neighbours(data, unseen), residual)
    if noise is None or not unseen.any():
        return 0.5
    both = float(np.mean((residual[unseen] - np.median(residual[unseen])) ** 2))
    return float(np.clip(1 - noise / both, 0, 1)) if both > 0 else 0.5


def _noise(pairs: np.ndarray, residual: np.ndarray) -> float | None:
    """Half the variance of the difference of ``residual (R,)`` over ``pairs (P, 2)`` of rows; None of too few."""
    if len(pairs) < PAIRS:
        return None
    difference = residual[pairs[:, 0]] - residual[pairs[:, 1]]
    return float(np.mean(difference**2)) / 2


def _twins(data: TrainingSet, rows: np.ndarray) -> np.ndarray:
    """Pairs ``(P, 2)`` of labelled rows with one architecture id; one pair of each id, so that no id speaks for all."""
    by_id: dict[str, list[int]] = defaultdict(list)
    for row in np.flatnonzero(rows).tolist():
        by_id[data.space.canonical_id(data.values[row].tolist())].append(row)
    pairs = [same[:2] for same in by_id.values() if len(same) > 1]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _neighbours(data: TrainingSet, rows: np.ndarray) -> np.ndarray:
    """Pairs ``(P, 2)`` of rows whose architectures differ in one variable."""
    pairs: list[tuple[int, int]] = []
    for variable in range(data.values.shape[1]):
        alike: dict[bytes, list[int]] = defaultdict(list)
        others = np.delete(data.values, variable, 1)
        for row in np.flatnonzero(rows).tolist():
            alike[others[row].tobytes()].append(row)
        pairs += [pair for same in alike.values() for pair in combinations(same, 2)]
    return np.array(pairs, np.int64).reshape(-1, 2)
