"""Fronts of cost and accuracy: which architectures are not dominated, and how much of the true front is reached."""

from __future__ import annotations

import numpy as np

MARGIN = 0.1
"""How far the reference point lies behind the worst values of the true front, in parts of its extent."""


def pairs(cost: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Costs and qualities ``(B,)``, of which more is better, as points ``(B', 2)`` to be minimised; NaN is left out."""
    points = np.stack([cost, -quality], 1)
    return points[~np.isnan(points).any(1)]


def front(points: np.ndarray) -> np.ndarray:
    """The points ``(F, k)`` that no other dominates, each once, in the order of their costs."""
    import moocore

    kept = points[moocore.is_nondominated(points)] if len(points) else points
    return kept[np.argsort(kept[:, 0], kind="stable")]


def share(found: np.ndarray, true: np.ndarray) -> float:
    """Hypervolume of found points ``(B, k)`` in relation to that of the true front ``(F, k)``.

    All objectives are scaled to the extent of the true front; the reference point lies :data:`MARGIN` behind its worst
    values, so that only what competes with the front counts.
    """
    import moocore

    best, worst = true.min(0), true.max(0)
    extent = np.where(worst > best, worst - best, 1.0)
    reference = np.full(true.shape[1], 1 + MARGIN)
    reached, possible = (
        float(moocore.hypervolume((points - best) / extent, ref=reference)) if len(points) else 0.0
        for points in (found, true)
    )
    return reached / possible


def layers(points: np.ndarray) -> np.ndarray:
    """Order ``(B,)`` of points from the front backwards: who is dominated by nobody, then by the former only."""
    import moocore

    return np.argsort(moocore.pareto_rank(points), kind="stable")
