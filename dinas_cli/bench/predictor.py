"""A predictor for few labels: scikit-learn's Gaussian process on a space's features, shared by all guided searches."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from dinas_cli.bench.problems import Problem

TUNED = 256
"""Labels by which the kernel is tuned: more cost the cube of their number and change little."""
MOST = 4096
"""Labels that are fitted at most, a random part of more."""


class Predictor:
    """Normal scores of the ranked metric with their uncertainty, learned from labelled architectures.

    ``values (n, V)`` with ``answers (n,)``, larger is better. Ranks rather than values are learned, so that a few
    broken architectures do not decide; the kernel is a constant times an RBF plus noise, its three numbers chosen by
    marginal likelihood (Rasmussen & Williams, 2006, chapter 5).
    """

    def __init__(self, problem: Problem, values: np.ndarray, answers: np.ndarray, seed: int) -> None:
        from scipy.stats import norm, rankdata
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

        self.problem = problem
        rng = np.random.default_rng(seed)
        if len(values) > MOST:
            kept = rng.choice(len(values), MOST, replace=False)
            values, answers = values[kept], answers[kept]
        features = self._features(values)
        scores = norm.ppf((rankdata(answers) - 0.5) / len(answers))
        kernel = ConstantKernel(1.0, (1e-2, 1e3)) * RBF(3.0, (0.3, 100.0)) + WhiteKernel(0.1, (1e-3, 2.0))
        few = rng.choice(len(values), min(TUNED, len(values)), replace=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a bound that is reached is as good as any other value here
            tuned = GaussianProcessRegressor(kernel).fit(features[few], scores[few])
            self.model: Any = GaussianProcessRegressor(tuned.kernel_, optimizer=None).fit(features, scores)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Expected scores ``(B,)`` of architectures ``(B, V)``."""
        return self.model.predict(self._features(values)) if len(values) else np.zeros(0)

    def sample(self, values: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """``values`` with one draw each of what their scores may be ``(B,)``, independently of each other."""
        mean, deviation = self._belief(values)
        return values, rng.normal(mean, deviation)

    def upper(self, values: np.ndarray) -> np.ndarray:
        """Expected scores plus a deviation of the belief in them ``(B,)``: an upper confidence bound.

        After Srinivas et al. (ICML 2010). The noise of a look-up is no reason to look somewhere, so it does not count.
        """
        mean, deviation = self._belief(values)
        noise = self.model.kernel_.k2.noise_level
        return np.asarray(mean + np.sqrt(np.maximum(deviation**2 - noise, 0.0)))

    def _belief(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation ``(B,)`` of the scores that look-ups would show, noise included."""
        if not len(values):
            return np.zeros(0), np.zeros(0)
        mean, deviation = self.model.predict(self._features(values), return_std=True)
        return mean, deviation

    def _features(self, values: np.ndarray) -> np.ndarray:
        return np.asarray(self.problem.space.features(values), np.float64)
