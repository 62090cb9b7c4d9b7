"""What predicted scores of ranked metrics say: values, how sure they are, and what to rank by.

A *score* is a normal score: where a value lies among the labels, as a quantile of the normal distribution. Its
uncertainty has two parts. *Noise* is how far held-out labels were from their predictions, by level. *Doubt* is what
predictions lose with the distance from the labels (:mod:`dinas_cli.oracles.uncertainty`), as was learnt by predicting
far labels from near ones. A limit must be kept under both; ranks go by the score less some doubts, so that what nobody
measured is not called best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist

import numpy as np

from dinas_cli.oracles.profiles import normal_cdf

KAPPA = 2.0
"""Deviations of doubt that ranks go below the score: so many keep cells of a kind that training never saw from being
called best more often than they are, at no loss among the called (``benchmarks/uncertainty.py --trend``)."""


class Quality:
    """The scale of each of the ``C`` ranked metrics of a surrogate."""

    def __init__(self, tensors: Mapping[str, np.ndarray], signs: Sequence[int]) -> None:
        """``tensors`` are those of a surrogate's file, ``signs (C,)`` 1 where more of a metric is better, else -1."""
        self._knots, self._grid = tensors["quality.knots"], tensors["quality.grid"]
        self._noise_at, self._noise = tensors["quality.noise_at"], tensors["quality.noise"]
        self._signs = signs

    def value(self, index: int, scores: np.ndarray) -> np.ndarray:
        """Values ``(B,)`` of scores ``(B,)`` in the metric's unit, within those of the labels."""
        return np.interp(scores, self._knots, self._grid[index]).astype(np.float64)

    def bounds(self, scores: np.ndarray) -> dict[int, str]:
        """Which of the scores ``(B,)`` are beyond all labels, whose outermost :meth:`value` gives.

        With each, whether its true value is ``"at least"`` or ``"at most"`` that.
        """
        above = dict.fromkeys(np.flatnonzero(scores >= self._knots[-1]).tolist(), "at least")
        return above | dict.fromkeys(np.flatnonzero(scores <= self._knots[0]).tolist(), "at most")

    def noise(self, index: int, scores: np.ndarray) -> np.ndarray:
        """Deviation ``(B,)`` of measured scores from predicted ones ``(B,)`` among the labels."""
        return np.interp(scores, self._noise_at, self._noise[index])

    def sigma(self, index: int, scores: np.ndarray, doubt: np.ndarray) -> np.ndarray:
        """Deviation ``(B,)`` of measured scores from predicted ones ``(B,)``, noise and ``doubt (B,)`` together."""
        return np.hypot(self.noise(index, scores), doubt)

    def deviation(self, index: int, scores: np.ndarray, doubt: np.ndarray) -> np.ndarray:
        """Half of the range ``(B,)``, in the metric's unit, from one deviation below scores to one above."""
        sigma = self.sigma(index, scores, doubt)
        return np.abs(self.value(index, scores + sigma) - self.value(index, scores - sigma)) / 2

    def ranking(self, index: int, scores: np.ndarray, doubt: np.ndarray) -> np.ndarray:
        """What to rank by, ``(B,)``, more is better: the lower confidence bound of the score."""
        return self._signs[index] * scores - KAPPA * doubt

    def known(self, index: int, values: np.ndarray) -> np.ndarray:
        """What values ``(B,)`` that are certain are ranked by beside predictions: ``(B,)``, see :meth:`ranking`."""
        scores: np.ndarray = self._signs[index] * np.interp(values, self._grid[index], self._knots)
        return scores

    def probability(self, index: int, limit: float, scores: np.ndarray, doubt: np.ndarray) -> np.ndarray:
        """Probability ``(B,)`` that a measurement is at least as good as ``limit``."""
        # What is better than was ever measured is out of reach.
        beyond = {"right": np.inf} if self._signs[index] > 0 else {"left": -np.inf}
        wanted = float(np.interp(limit, self._grid[index], self._knots, **beyond))
        return normal_cdf(self._signs[index] * (scores - wanted) / self.sigma(index, scores, doubt))

    def sure(self, index: int, confidence: float, scores: np.ndarray, doubt: np.ndarray) -> np.ndarray:
        """The strictest limits ``(B,)`` that measurements keep with probability ``confidence``."""
        deviations = NormalDist().inv_cdf(confidence)
        return self.value(index, scores - self._signs[index] * deviations * self.sigma(index, scores, doubt))
