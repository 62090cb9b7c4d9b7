"""A Gaussian process whose covariance is a weighted sum of parts, the weights learnt by marginal likelihood.

Every part is one reason why two architectures should be alike: known data sets agree on them, they look alike, … How
much each reason counts, and how much of the labels is noise, is learnt from the labels alone (Rasmussen & Williams,
2006, chapter 5), so that a reason that does not hold gets no weight. The weights are the variance components of a mixed
model and are found as such, by the minorise-maximise steps of Zhou et al. (JCGS 2019), which need no step size and keep
weights positive.
"""

from __future__ import annotations

import numpy as np

STEPS = 80
CERTAINTY = 1.0
"""How much the prior weights count, in labels: an inverse gamma law around them, for when labels are few."""
JITTER = 1e-6


def learn_weights(parts: np.ndarray, labels: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """The weights ``(P + 1,)``, the last that of noise, under which ``labels (n,)`` are likely, and ``prior`` is too.

    ``parts (P, n, n)`` are covariances between the labelled.
    """
    every = np.concatenate([parts, np.eye(len(labels))[None]])
    weights = np.array(prior, float)
    for _ in range(STEPS):
        inverse = np.linalg.inv(_covariance(weights, parts))
        pulled = inverse @ labels
        fits = np.einsum("i,pij,j->p", pulled, every, pulled)
        traces = np.einsum("ij,pij->p", inverse, every)
        weights = np.sqrt((weights**2 * fits + CERTAINTY * prior) / (traces + CERTAINTY / weights))
    return weights


class Process:
    """What labels say of other architectures, at given weights."""

    def __init__(self, parts: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> None:
        """``parts (P, n, n)`` and ``labels (n,)`` of what is labelled, ``weights (P + 1,)``, the last that of noise."""
        self.weights, self.labels = weights, labels
        self._inverse = np.linalg.inv(_covariance(weights, parts))

    @classmethod
    def fitted(cls, parts: np.ndarray, labels: np.ndarray, prior: np.ndarray) -> Process:
        """The process at the weights that :func:`learn_weights` finds."""
        return cls(parts, labels, learn_weights(parts, labels, prior))

    def weighed(self, parts: np.ndarray) -> np.ndarray:
        """The covariance that some parts ``(P, …)`` add up to, without noise."""
        return np.asarray(np.tensordot(self.weights[:-1].astype(parts.dtype), parts, 1))

    def mean(self, cross: np.ndarray) -> np.ndarray:
        """Expected labels ``(B,)`` by the covariances ``cross (n, B)`` of the labelled with others."""
        return np.asarray((self._inverse @ self.labels).astype(cross.dtype) @ cross)

    def deviation(self, cross: np.ndarray, own: np.ndarray) -> np.ndarray:
        """How unsure the expected labels are ``(B,)``, noise left out; ``own (B,)``: covariances with themselves."""
        inverse = self._inverse.astype(cross.dtype)
        return np.asarray(np.sqrt(np.maximum(own - (inverse @ cross * cross).sum(0), 0.0)))

    def left_out(self) -> np.ndarray:
        """What each label ``(n,)`` is expected to be by all others (Rasmussen & Williams, equation 5.12)."""
        return np.asarray(self.labels - self._inverse @ self.labels / np.diag(self._inverse))


def _covariance(weights: np.ndarray, parts: np.ndarray) -> np.ndarray:
    noise = (weights[-1] + JITTER) * np.eye(parts.shape[-1])
    return np.asarray(np.tensordot(weights[:-1], parts, 1) + noise)
