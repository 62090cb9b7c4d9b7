"""Teachers for the surrogate where labels are few: they say of other architectures what its networks are to learn.

Ensembles of trees make more of a few thousand labels than perceptrons do, but are large and slow to ask; where what
choices bring adds up, a linear fit makes more of them still. Networks that learn from the teachers' word on random
architectures, and from the labels, keep nearly all of it (Hinton et al., 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor

    from dinas_cli.training.data import TrainingSet

FEW = 5_000
"""Labelled architectures below which a teacher is asked."""
SHARE = 1 / 3
"""How much of what networks then see are true labels."""
ASIDE = 0.2
"""Share of the labels by which trees and the linear fit are compared."""
TREES, ROUNDS = 200, 300
"""Trees of the two ensembles: random ones, and boosted one after the other."""
ENDS = 4
"""Knots from an end of a scale to the one that gives the slope beyond it."""


@dataclass(frozen=True)
class Scale:
    """How the normal scores of a column and its values follow from each other, beyond the labels as at their ends."""

    knots: np.ndarray
    """Scores ``(K,)``, rising."""
    grid: np.ndarray
    """The values ``(K,)`` there, rising."""

    def values(self, scores: np.ndarray) -> np.ndarray:
        """Scores ``(n,)`` as values."""
        return _interpolated(scores, self.knots, self.grid)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Values ``(n,)`` as scores."""
        return _interpolated(values, self.grid, self.knots)


def wanted(data: TrainingSet) -> bool:
    """Whether labels are few, so that trees make more of them."""
    return data.label_budget < FEW


def boosted_trees(seed: int) -> HistGradientBoostingRegressor:
    """Gradient-boosted trees, not yet fitted."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(max_iter=ROUNDS, learning_rate=0.05, max_leaf_nodes=15, random_state=seed)


def random_trees(seed: int, *, out_of_bag: bool = False) -> ExtraTreesRegressor:
    """Extremely random trees, not yet fitted; ``out_of_bag``: each sees some labels, and is asked about the others."""
    from sklearn.ensemble import ExtraTreesRegressor

    return ExtraTreesRegressor(
        TREES, max_features=0.3, min_samples_leaf=2, bootstrap=out_of_bag, oob_score=out_of_bag, random_state=seed
    )


def linear(scale: Scale) -> TransformedTargetRegressor:
    """A ridge regression of values, not yet fitted, that takes and gives scores: what adds up does so in values."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.linear_model import RidgeCV

    ridge = RidgeCV(np.logspace(-2, 3, 11))
    return TransformedTargetRegressor(ridge, func=scale.values, inverse_func=scale.scores, check_inverse=False)


def teach(
    features: np.ndarray, scores: np.ndarray, known: np.ndarray, drawn: np.ndarray, scales: Sequence[Scale], seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs and targets that teachers complete, and the rows to learn from.

    ``features (R, F)`` and ``scores (R, C)``, on ``scales (C)``, are those of the labelled architectures, of which only
    the rows ``known`` are looked at, ``drawn (P, F)`` the inputs of random ones. Each column has the teacher, trees or
    a linear fit, that says best what labels it has not seen. The result has ``R + P`` rows; the third array names the
    rows to learn from, the known ones as often as makes them :data:`SHARE` of all.
    """
    told = np.zeros((len(drawn), scores.shape[1]))
    for column, scale in enumerate(scales):
        rows = known[~np.isnan(scores[known, column])]
        seen, labels = features[rows], scores[rows, column]
        told[:, column] = _said(_better(scale, seen, labels, seed), seen, labels, drawn)
    often = max(1, round(SHARE / (1 - SHARE) * len(drawn) / len(known)))
    learnt = np.concatenate([np.repeat(known, often), len(features) + np.arange(len(drawn))])
    return np.concatenate([features, drawn]), np.concatenate([scores, told]), learnt


def _better(scale: Scale, features: np.ndarray, scores: np.ndarray, seed: int) -> list[Any]:
    """The teachers, not fitted to all of it, whose mean is nearer to the scores ``(n,)`` of a part set aside."""
    order = np.random.default_rng(seed).permutation(len(scores))
    aside, seen = np.split(order, [round(ASIDE * len(scores))])
    candidates = [[boosted_trees(seed), random_trees(seed)], [linear(scale)]]
    if not len(aside):
        return candidates[0]
    told = [_said(models, features[seen], scores[seen], features[aside]) for models in candidates]
    return candidates[int(np.argmin([np.square(said - scores[aside]).mean() for said in told]))]


def _said(models: Sequence[Any], features: np.ndarray, scores: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The mean of what models say of architectures when they have learnt scores ``(n,)``."""
    found: np.ndarray = np.mean([model.fit(features, scores).predict(asked) for model in models], 0)
    return found


def _interpolated(x: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """Between rising points on straight lines, beyond the outer ones by the slope at that end."""
    found = np.interp(x, xs, ys)
    low, high = ((ys[i] - ys[j]) / (xs[i] - xs[j]) for i, j in ((ENDS, 0), (-1, -1 - ENDS)))
    found = np.where(x < xs[0], ys[0] + low * (x - xs[0]), found)
    return np.where(x > xs[-1], ys[-1] + high * (x - xs[-1]), found)
