"""What a data set makes of a space's architectures: how far it orders them like the known data sets, and what is left.

As a device is a few prices of operations, a data set is a few numbers: ``D`` *loadings* on the orders of the known data
sets, and ``k`` of a *residual*, what else tells architectures apart. What architectures are worth on it is the sum of
these numbers times the *terms* of the architectures. A known data set has a loading of one on itself.

The numbers of a data set of one's own are fitted to a few trained networks by Bayesian linear regression (Bishop,
Pattern Recognition and Machine Learning, 2006, 3.3-3.5). How much of it is transferred, how much the data sets'
shares differ and how much is its own is weighed by the evidence of the labels: a transfer can hurt as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

SHARED, APART, OWN, NOISE = (0.03, 0.3, 1.0), (0.03, 0.2, 0.6), (0.02, 0.1, 0.4, 1.0), (0.05, 0.2, 0.5, 1.0)
"""Variances that are weighed, in those of the labels: of what all known data sets say, of how their shares differ, of
the residual and of the noise."""
TAIL = 3.0
"""Deviations (by the median) below the median at which labels are cut: networks that failed to learn say only that."""
SILENT = 1e-3
"""Deviation of fitted worths, in that of the labels, below which labels are taken to say nothing."""


@dataclass(frozen=True)
class Order:
    """What a data set makes of architectures, fitted to ``m`` labels."""

    descriptor: np.ndarray
    """``(D + k,)``, of worths with unit variance over the space."""
    level: float
    """The label of an architecture of average worth."""
    scale: float
    """The difference of labels that one unit of worth makes."""
    noise: float
    """Deviation of labels from what the fit says, in worths."""
    covariance: np.ndarray
    """How unsure the descriptor is: ``(D + k + 1, D + k + 1)``, the level last, in worths."""

    def worth(self, terms: np.ndarray) -> np.ndarray:
        """``(B,)`` of ``terms (B, D + k)``: zero on average over the space, with unit variance."""
        return np.asarray(terms @ self.descriptor)

    def sigma(self, terms: np.ndarray) -> np.ndarray:
        """Deviation ``(B,)`` of new labels from :meth:`worth`, noise and the unsureness of the fit together."""
        design = np.concatenate([terms, np.ones((len(terms), 1))], 1)
        return np.sqrt(((design @ self.covariance) * design).sum(1) + self.noise**2)


def terms(scores: np.ndarray, features: np.ndarray, tensors: Mapping[str, np.ndarray]) -> np.ndarray:
    """The terms ``(B, D + k)`` of architectures with ``scores (B, D)`` on the known data sets and ``features (B, F)``.

    ``tensors`` are those of a surrogate's file. Over the space all terms have zero mean and unit variance, and those of
    the residual correlate with no other.
    """
    mean, deviation = tensors["orders.scores"]
    shared = (scores - mean) / deviation
    known = np.concatenate([np.ones((len(shared), 1)), shared], 1)
    return np.concatenate([shared, features @ tensors["orders.project"] - known @ tensors["orders.explained"]], 1)


def fit_order(told: np.ndarray, labels: np.ndarray, space: np.ndarray, spread: np.ndarray) -> Order:
    """Fit the order of a data set to ``labels (m,)``, more is better, of architectures with terms ``told (m, D + k)``.

    ``space (R, D + k)`` are the terms of the reference, ``spread (k,)`` how the variance of a residual is shared out.
    """
    known = space.shape[1] - len(spread)
    middle = float(np.median(labels))
    deviation = float(1.4826 * np.median(np.abs(labels - middle))) or float(labels.std()) or 1.0
    wanted = (np.maximum(labels, middle - TAIL * deviation) - middle) / deviation
    mean = np.zeros(space.shape[1])
    together = space[:, :known].mean(1)
    mean[:known] = 1 / known / max(float(together.std()), 1e-6)
    apart = np.eye(known) - 1 / known
    design = np.concatenate([told, np.ones((len(told), 1))], 1)
    found: list[tuple[float, np.ndarray, np.ndarray, float]] = []
    for shared, differing, own, noise in product(SHARED, APART, OWN, NOISE):
        prior = np.zeros((design.shape[1], design.shape[1]))
        prior[:-1, :-1] = shared * np.outer(mean, mean)
        prior[:known, :known] += differing / known * apart
        prior[known:-1, known:-1] += own * np.diag(spread / spread.sum())
        prior[-1, -1] = 1.0
        through = prior @ design.T
        lower = np.linalg.cholesky(design @ through + noise * np.eye(len(wanted)))
        half = np.linalg.solve(lower, wanted)
        evidence = -0.5 * float(half @ half) - float(np.log(np.diag(lower)).sum())
        gain = np.linalg.solve(lower, through.T)
        found.append((evidence, gain.T @ half, prior - gain.T @ gain, noise))
    shares = np.exp(np.array([one[0] for one in found]) - max(one[0] for one in found))
    shares /= shares.sum()
    weights, unsure = (np.tensordot(shares, np.stack([one[i] for one in found]), 1) for i in (1, 2))
    apart = np.stack([one[1] for one in found]) - weights
    unsure = unsure + (shares[:, None] * apart).T @ apart
    if float((space @ weights[:-1]).std()) < SILENT:  # labels that say nothing leave what is transferred
        weights[:-1] = SILENT * mean
    worth = space @ weights[:-1]
    scale = max(float(worth.std()), 1e-6)
    return Order(
        weights[:-1] / scale,
        middle + deviation * (float(weights[-1]) + float(worth.mean())),
        deviation * scale,
        math.sqrt(float(shares @ [one[3] for one in found])) / scale,
        unsure / scale**2,
    )
