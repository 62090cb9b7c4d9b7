"""How sure a surrogate may be: its error on labels that training did not see, near those that it saw and far away."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.uncertainty import FAR, amounts, edges, reach
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.perceptrons import Progress, fit, perceptron

LEVELS = np.array([0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1])
"""Quantiles of the predicted score between which the noise is taken to be one."""
PER_LEVEL = 6
"""Rows per level, on average, below which the noise is taken to be one everywhere."""
HIDDEN = 256
LEFT_OUT = 0.1
"""Share of the near labels that the network of :func:`learn_doubts` does not see, to compare the far ones with."""

BELIEVED = 30
"""Far labels with one operation too many that weigh as much as what is usual."""

FEWEST = 5
"""Cells of all levels that each level's noise is taken from beside its own, for these may be few."""


def learn_doubts(
    data: TrainingSet, features: torch.Tensor, scores: np.ndarray, steps: int, seed: int, progress: Progress
) -> dict[str, np.ndarray]:
    """The tensors of :class:`.Surroundings`: how fast errors grow with each number of operations.

    A network sees only the nearer half of the known labels, ``scores (R, C)``, and predicts the others: by how much
    more it errs there is put down to the numbers that are beyond the near ones, by least squares that are not negative.
    """
    known = np.flatnonzero(data.known)
    counted = amounts(data.space, data.values)
    edge = edges(counted[known])
    spread = counted[known].std(0)
    distance = np.square((counted[known] - counted[known].mean(0)) / np.maximum(spread, 1e-6)).sum(1)
    near = known[distance <= np.median(distance)]
    aside, seen = np.split(np.random.default_rng(seed).permutation(near), [max(1, round(LEFT_OUT * len(near)))])
    net = perceptron(features.shape[1], HIDDEN, scores.shape[1], seed)
    fit(net, None, features, scores, torch.from_numpy(seen), steps, seed, "near labels only", progress)
    with torch.no_grad():
        wrong = (net(features).double().numpy() - scores) ** 2
    beyond = reach(counted, edges(counted[seen])).astype(np.float64) ** 2
    growth = np.stack([_growth(beyond, wrong[:, i], np.setdiff1d(known, near), aside) for i in range(scores.shape[1])])
    doubts = np.sqrt(reach(counted[known], edge) ** 2 @ growth.T**2)
    return {"labels.edges": edge, "labels.growth": growth, "labels.far": np.quantile(doubts, FAR, axis=0)}


def _growth(beyond: np.ndarray, wrong: np.ndarray, far: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Deviations ``(k,)`` per unit of reach that explain squared errors ``(R,)`` of ``far`` rows above ``near`` ones'.

    ``beyond (R, k)`` are squares of reach. Numbers that few of the far labels show, or none, grow like all together.
    """
    from scipy.optimize import nnls

    far, near = far[~np.isnan(wrong[far])], near[~np.isnan(wrong[near])]
    if not len(near) or not beyond[far].any():
        return np.zeros(beyond.shape[1])
    more = wrong[far] - wrong[near].mean()
    usual = max(float(more.sum() / beyond[far].sum()), 0.0)
    believed = math.sqrt(BELIEVED) * np.eye(beyond.shape[1])
    explained = np.concatenate([more, usual * believed.sum(0)])
    return np.sqrt(nnls(np.concatenate([beyond[far], believed]), explained)[0])


def held_out(
    data: TrainingSet, tensors: dict[str, np.ndarray], config: dict[str, Any], scores: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Record Kendall tau and the noise of predicted scores on the architectures that training did not see.

    With nothing held out there is no such tau, and the noise is that of the training labels: too small.
    """
    from scipy.stats import kendalltau

    surrogate = Surrogate(tensors, config)
    left_out = np.flatnonzero(data.held_out if data.held_out.any() else data.known)
    tensors |= noise_by_level(surrogate, data, scores, left_out)
    if not data.held_out.any():
        return tensors, config
    for column, labels in {**data.quality, **data.costs}.items():
        there = left_out[~np.isnan(labels[left_out])]
        if column in data.quality:
            predicted = surrogate.scores(data.values[there])[:, config["quality"].index(column)]
        else:
            predicted = surrogate.predict(data.values[there], column)
        config["kendall_tau"][column] = round(float(kendalltau(predicted, labels[there]).statistic), 4)
    return tensors, config


def noise_by_level(
    surrogate: Surrogate, data: TrainingSet, scores: np.ndarray, rows: np.ndarray
) -> dict[str, np.ndarray]:
    """The tensors ``quality.noise`` and ``quality.noise_at``: what ``rows`` err beside the doubt, by predicted score.

    ``scores (R, C)`` are those of the labels.
    """
    from scipy.optimize import nnls

    columns = list(data.quality)
    enough = (~np.isnan(scores[rows])).sum(0).min() >= PER_LEVEL * (len(LEVELS) - 1)
    levels = LEVELS if enough else LEVELS[[0, -1]]
    at, noise = np.zeros(len(levels) - 1), np.zeros((len(columns), len(levels) - 1))
    for i in range(len(columns)):
        there = rows[~np.isnan(scores[rows, i])]
        cells = data.values[there]
        predicted = surrogate.scores(cells)[:, i]
        wrong = (predicted - scores[there, i]) ** 2
        doubt = surrogate.doubts(cells)[:, i] ** 2
        # Among the labels less is lost than when the far ones were unknown: only that much of an error is its share.
        share = min(nnls(np.stack([np.ones(len(doubt)), doubt], 1), wrong)[0][1], 1.0)
        cuts = np.quantile(predicted, levels)
        for level in range(len(levels) - 1):
            inside = (predicted >= cuts[level]) & (predicted <= cuts[level + 1])
            mean = float(wrong[inside].sum() + FEWEST * wrong.mean()) / (inside.sum() + FEWEST)
            noise[i, level] = math.sqrt(max(mean - share * float(doubt[inside].mean()), mean / 4))
            at[level] += predicted[inside].mean() / len(columns)
    return {"quality.noise": noise, "quality.noise_at": at}
