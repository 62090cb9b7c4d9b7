"""What architectures are really worth, by a label that is noisy and a prediction that is not exact.

The best of many noisy labels are the lucky ones: a generator that learns to answer "the top 5 %" with them learns luck.
So labels are shrunk towards a prediction that did not see them, as far as each is to be trusted (the empirical-Bayes
estimate of Efron & Morris, 1973): with label ``y``, prediction ``m``, and the variances ``n`` of a label around what an
architecture is worth and ``e`` of the prediction around the same,

    E[worth | y, m] = m + e / (e + n) (y - m)

Predictions that did not see a label are those of trees grown without it (out of bag); how far they are off is
``e + n``. ``n`` alone is read from repeats, where a space has cells that are written differently but compute the same,
each trained by itself; elsewhere it is the noise of a Gaussian process that explains the labels best (maximum
likelihood). Both variances grow where labels lie closer together, and their ratio hardly changes.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.teacher import random_trees

SAMPLE = 800
"""Labels from which a Gaussian process learns the noise: the time it takes grows with the third power."""
REPEATS = 30
"""Architectures with several labels from which the noise is read: it is then known to a quarter."""


def worths(data: TrainingSet, surrogate: Surrogate, columns: Sequence[str]) -> np.ndarray:
    """What the population is worth by ranked metrics: ``(metrics, R)``, more is better."""
    values = data.population
    if data.drawn is None:
        found = [worth(data, surrogate, column) for column in columns]
    else:  # most are unlabelled; so that labelled ones are not ranked by their noise, the surrogate speaks for all
        found = [surrogate.ranking(values, column) for column in columns]
    return np.array(found).reshape(len(columns), len(values))


def worth(data: TrainingSet, surrogate: Surrogate, column: str, seed: int = 0) -> np.ndarray:
    """What all architectures are ranked by in a column: ``(R,)`` in the terms of :meth:`.Surrogate.ranking`.

    Known labels are shrunk; where there is none, the surrogate's word stands for it.
    """
    found = surrogate.ranking(None, column)
    labels = data.quality[column]
    known = np.flatnonzero(data.known & ~np.isnan(labels))
    cells, told = data.values[known], surrogate.ranking_of(labels[known], column)
    features = data.space.features(cells)
    guess = random_trees(seed, out_of_bag=True).fit(features, told).oob_prediction_
    wrong = float(np.mean((told - guess) ** 2))
    noise = repeated_noise([data.space.canonical_id(row) for row in cells.tolist()], told)
    noise = min(label_noise(features, told, seed) if noise is None else noise, wrong)
    found[known] = guess + (1 - noise / wrong if wrong else 1.0) * (told - guess)
    return found


def repeated_noise(ids: list[str], labels: np.ndarray) -> float | None:
    """The mean variance of labels ``(L,)`` among architectures of one id, that is of one function trained repeatedly.

    None where fewer than :data:`REPEATS` ids have several labels.
    """
    groups: dict[str, list[float]] = defaultdict(list)
    for name, label in zip(ids, labels.tolist(), strict=True):
        groups[name].append(label)
    spread = [float(np.var(group, ddof=1)) for group in groups.values() if len(group) > 1]
    return float(np.mean(spread)) if len(spread) >= REPEATS else None


def label_noise(features: np.ndarray, labels: np.ndarray, seed: int = 0) -> float:
    """The variance of labels ``(L,)`` around what ``features (L, F)`` could ever explain: a Gaussian process' noise."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    rows = np.random.default_rng(seed).permutation(len(labels))[:SAMPLE]
    kernel = ConstantKernel(1.0) * RBF(3.0) + WhiteKernel(0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # noise at the edge of what is looked at: none
        process = GaussianProcessRegressor(kernel, normalize_y=True, random_state=seed)
        process.fit(features[rows], labels[rows])
    return float(process.kernel_.k2.noise_level * labels[rows].var())
