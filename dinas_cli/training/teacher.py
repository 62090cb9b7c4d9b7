"""Teachers for the surrogate where labels are few: trees that say of other architectures what networks are to learn.

Ensembles of trees make more of a few thousand labels than perceptrons do, but are large and slow to ask. Networks that
learn from their word on random architectures, and from the labels, keep nearly all of it (Hinton et al., 2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor

    from dinas_cli.training.data import TrainingSet

FEW = 5_000
"""Labelled architectures below which a teacher is asked."""
SHARE = 1 / 3
"""How much of what networks then see are true labels."""


def wanted(data: TrainingSet) -> bool:
    """Whether labels are few, so that trees make more of them."""
    return data.label_budget < FEW


def boosted_trees(seed: int) -> HistGradientBoostingRegressor:
    """Gradient-boosted trees, not yet fitted."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(max_iter=300, learning_rate=0.05, max_leaf_nodes=15, random_state=seed)


def random_trees(seed: int, *, out_of_bag: bool = False) -> ExtraTreesRegressor:
    """Extremely random trees, not yet fitted; ``out_of_bag``: each sees some labels, and is asked about the others."""
    from sklearn.ensemble import ExtraTreesRegressor

    return ExtraTreesRegressor(
        200, max_features=0.3, min_samples_leaf=2, bootstrap=out_of_bag, oob_score=out_of_bag, random_state=seed
    )


def teach(
    features: np.ndarray, scores: np.ndarray, known: np.ndarray, drawn: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs and targets that trees complete, and the rows to learn from.

    ``features (R, F)`` and ``scores (R, C)`` are those of the labelled architectures, of which only the rows ``known``
    are looked at, ``drawn (P, F)`` the inputs of random ones. The result has ``R + P`` rows; the third array names the
    rows to learn from, the known ones as often as makes them :data:`SHARE` of all.
    """
    told = np.zeros((len(drawn), scores.shape[1]))
    for column in range(scores.shape[1]):
        rows = known[~np.isnan(scores[known, column])]
        for trees in (boosted_trees(seed), random_trees(seed)):
            told[:, column] += trees.fit(features[rows], scores[rows, column]).predict(drawn) / 2
    often = max(1, round(SHARE / (1 - SHARE) * len(drawn) / len(known)))
    learnt = np.concatenate([np.repeat(known, often), len(features) + np.arange(len(drawn))])
    return np.concatenate([features, drawn]), np.concatenate([scores, told]), learnt
