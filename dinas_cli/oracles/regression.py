"""Fits of cost profiles: a linear read-out of basis features, from a few dozen measurements or from a whole table.

What a device charges for depends on its runtime: operations as they are written, or only those that lead to the
output, or only those that an input reaches as well. Each of these ``G`` *ways* to count is a prior of the read-out's
weights, drawn towards what other devices charge for. The measurements say by their evidence (Bayesian linear
regression; Bishop, Pattern Recognition and Machine Learning, 2006, 3.3-3.5) how likely each way and each level of
noise is, and the fit is the mean over both: few measurements cannot mislead a choice that is not made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RATIOS = 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0
"""Variances of the noise that are weighed, as shares of the variance of the costs."""
ODDS = 0.1
"""How likely each way to count is before anything is measured, against the one before it, and all of them together
against the last: of the 24 devices of HW-NAS-Bench and HELP all charge for what is written."""
OPEN = 0.5
"""Share of the prior that knows nothing of other devices."""


@dataclass(frozen=True)
class Fit:
    """A read-out of ``k`` features, fitted to ``m`` costs."""

    weights: np.ndarray
    """The level, then what features charge: ``(k + 1,)``."""
    covariance: np.ndarray
    """How unsure the weights are: ``(k + 1, k + 1)``."""
    residual: np.ndarray
    """Costs less predicted ones ``(m,)``."""
    left_out: np.ndarray
    """Costs less those predicted without them ``(m,)``, as far as one fit can tell."""

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Costs ``(B,)`` of ``features (B, k)``."""
        return np.asarray(_design(features) @ self.weights)

    def variance(self, features: np.ndarray) -> np.ndarray:
        """Variance ``(B,)`` of predictions for ``features (B, k)``, from the weights alone."""
        design = _design(features)
        return np.asarray(((design @ self.covariance) * design).sum(1))

    def noise(self) -> np.ndarray:
        """Each row's guess ``(m,)`` at the variance of costs around the true read-out."""
        return self.residual * self.left_out


def regress(features: np.ndarray, costs: np.ndarray, priors: np.ndarray) -> Fit:
    """Fit ``costs (m,)`` to ``features (m, k)``; ``priors (G, k, k)`` are covariances of the weights, one per way.

    They are those of costs with variance 1 over the space.
    """
    scale = float(costs.std()) or abs(float(costs.mean())) or 1.0
    wanted = costs / scale
    found: list[tuple[float, np.ndarray, np.ndarray, np.ndarray]] = []
    for way, prior in enumerate(priors):
        root = _root(prior)
        back = np.zeros((root.shape[0] + 1, root.shape[1] + 1))
        back[0, 0], back[1:, 1:] = 1.0, root
        design = _design(features) @ back
        gram, moment = design.T @ design, design.T @ wanted
        for ratio in RATIOS:
            inverse = np.linalg.inv(gram + np.diag([1e-9, *[ratio] * root.shape[1]]))
            inner = inverse @ moment
            residual = wanted - design @ inner
            misfit = max(float(residual @ residual + ratio * (inner[1:] @ inner[1:])), 1e-12)
            evidence = way * math.log(ODDS) + 0.5 * root.shape[1] * math.log(ratio)
            evidence += 0.5 * float(np.linalg.slogdet(inverse)[1]) - 0.5 * (len(wanted) - 1) * math.log(misfit)
            leverage = np.minimum(((design @ inverse) * design).sum(1), 0.95)
            unsure = back @ inverse @ back.T * misfit / max(len(wanted) - 1, 1)
            found.append((evidence, back @ inner, unsure, residual / (1 - leverage)))
    shares = np.exp(np.array([one[0] for one in found]) - max(one[0] for one in found))
    shares /= shares.sum()
    weights, unsure, left_out = (np.tensordot(shares, np.stack(part), 1) for part in list(zip(*found, strict=True))[1:])
    apart = np.stack([one[1] for one in found]) - weights
    unsure = unsure + (shares[:, None] * apart).T @ apart
    residual = costs - _design(features) @ (weights * scale)
    return Fit(weights * scale, unsure * scale**2, residual, left_out * scale)


def usual(basis: np.ndarray, ways: Sequence[np.ndarray], weights: np.ndarray) -> np.ndarray:
    """Priors ``(G, k, k)`` for :func:`regress`, from what ``D`` known devices charge, ``weights (D, k)``.

    ``basis (R, k)`` are features of the reference, ``ways`` the counts ``(R, p)`` of each way that they were made of.
    Where these are several, a last prior mixes them.
    """
    charged = basis @ weights.T
    charged = charged / np.maximum(charged.std(0), 1e-12)
    priors = []
    for way in ways:
        counted = way - way.mean(0)
        counted = counted / np.maximum(counted.std(0), 1e-12)
        known = np.linalg.lstsq(counted, charged, rcond=None)[0]
        free = OPEN if len(weights) else 1.0
        inner = (1 - free) * known @ known.T / max(len(weights), 1) + free * np.eye(len(known)) / len(known)
        onto = np.linalg.lstsq(basis, counted, rcond=None)[0]
        prior = onto @ inner @ onto.T
        priors.append(prior / float(((basis @ prior) * basis).sum(1).mean()))
    return np.stack(priors if len(ways) == 1 else [*priors, np.mean(priors, 0)])


def covariances(prior: np.ndarray) -> np.ndarray:
    """Priors of a surrogate's file as ``(G, k, k)``; older files have the variances ``(k,)`` of the one way."""
    return np.diag(prior)[None] if prior.ndim == 1 else prior


def _design(features: np.ndarray) -> np.ndarray:
    return np.concatenate([np.ones((len(features), 1)), features.astype(np.float64)], 1)


def _root(covariance: np.ndarray) -> np.ndarray:
    """``(k, p)`` whose product with its transpose is the covariance ``(k, k)`` of rank ``p``."""
    values, vectors = np.linalg.eigh(covariance.astype(np.float64))
    kept = values > 1e-9 * max(float(values[-1]), 1e-300)
    return np.asarray(vectors[:, kept] * np.sqrt(values[kept]))
