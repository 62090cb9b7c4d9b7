"""Fronts of cost and quality in experiments: columns of a table as the points that :mod:`.generation.fronts` takes."""

from __future__ import annotations

import numpy as np

from dinas_cli.generation import fronts


def pairs(cost: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Costs and qualities ``(B,)``, of which more is better, as points ``(B', 2)`` to be minimised; NaN is left out."""
    points = np.stack([cost, -quality], 1)
    return points[~np.isnan(points).any(1)]


def front(points: np.ndarray) -> np.ndarray:
    """The points ``(F, k)`` that no other dominates, each once, in the order of their costs."""
    return points[fronts.front(points)]


def order(points: np.ndarray, count: int) -> np.ndarray:
    """The first ``count`` rows from the front backwards: who is dominated by nobody, then by the former only."""
    return np.concatenate([np.empty(0, np.int64), *fronts.layers(points, count)])[:count]
