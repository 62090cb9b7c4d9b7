"""How sure a surrogate may be: its error on labels that training did not see, near those that it saw and far away."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.uncertainty import Surroundings, surround
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.perceptrons import Progress, fit, perceptron

LEVELS = np.array([0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1])
"""Quantiles of the predicted score between which the noise is taken to be one."""
HIDDEN = 256
LEFT_OUT = 0.1
"""Share of the near labels that the network of :func:`learn_growth` does not see, to compare the far ones with."""


def learn_growth(
    data: TrainingSet, features: torch.Tensor, scores: np.ndarray, steps: int, seed: int, progress: Progress
) -> np.ndarray:
    """How fast errors grow with the reach beyond the labels: ``(C,)``, in scores per unit of distance.

    A network sees only the nearer half of the known labels, ``scores (R, C)``, and predicts the others: what it errs
    more there than among the near is put down to their reach beyond the near ones.
    """
    known = np.flatnonzero(data.known)
    distance = Surroundings(data.space, surround(data.space, data.values[known])).distance(data.values[known])
    near = known[distance <= np.median(distance)]
    rest = np.random.default_rng(seed).permutation(near)
    aside, seen = np.split(rest, [max(1, round(LEFT_OUT * len(rest)))])
    net = perceptron(features.shape[1], HIDDEN, scores.shape[1], seed)
    fit(net, None, features, scores, torch.from_numpy(seen), steps, seed, "near labels only", progress)
    with torch.no_grad():
        wrong = (net(features).double().numpy() - scores) ** 2
    surroundings = Surroundings(data.space, surround(data.space, data.values[seen]))
    reach = surroundings.reach(surroundings.distance(data.values)) ** 2
    far = np.setdiff1d(known, near)
    growth = np.zeros(scores.shape[1])
    for i in range(scores.shape[1]):
        there, here = far[~np.isnan(wrong[far, i])], aside[~np.isnan(wrong[aside, i])]
        if len(there) and len(here) and reach[there].mean() > 0:
            more = wrong[there, i].mean() - wrong[here, i].mean()
            growth[i] = math.sqrt(max(more, 0.0) / reach[there].mean())
    return growth


def held_out(
    data: TrainingSet, tensors: dict[str, np.ndarray], config: dict[str, Any], scores: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Record Kendall tau and the noise of predicted scores on the architectures that training did not see.

    With nothing held out there is no such tau, and the noise is that of the training labels: too small.
    """
    from scipy.stats import kendalltau

    surrogate = Surrogate(tensors, config)
    left_out = np.flatnonzero(~data.known) if not data.known.all() else np.arange(len(data.known))
    tensors |= noise_by_level(surrogate, data, scores, left_out)
    if data.known.all():
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
    columns = list(data.quality)
    at, noise = np.zeros(len(LEVELS) - 1), np.zeros((len(columns), len(LEVELS) - 1))
    for i in range(len(columns)):
        there = rows[~np.isnan(scores[rows, i])]
        cells = data.values[there]
        predicted = surrogate.scores(cells)[:, i]
        doubt = surrogate.quality.doubt(i, surrogate.surroundings.reach(surrogate.surroundings.distance(cells)))
        wrong = (predicted - scores[there, i]) ** 2
        cuts = np.quantile(predicted, LEVELS)
        for level in range(len(LEVELS) - 1):
            inside = (predicted >= cuts[level]) & (predicted <= cuts[level + 1])
            mean = float(wrong[inside].mean())
            noise[i, level] = math.sqrt(max(mean - float((doubt[inside] ** 2).mean()), mean / 4))
            at[level] += predicted[inside].mean() / len(columns)
    return {"quality.noise": noise, "quality.noise_at": at}
