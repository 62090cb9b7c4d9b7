"""A Gaussian process on single choices as a judge: no surrogate is such a model, and it learns from other rows."""

from __future__ import annotations

import warnings
from functools import cached_property
from typing import Any

import numpy as np
from scipy.stats import kendalltau

FOLDS = 5


class Process:
    """Values of one column as a function of an architecture's choices: a linear part, a smooth part, and noise.

    ``logarithms``: of what is a cost, relative errors count.
    """

    def __init__(self, choices: int, values: np.ndarray, told: np.ndarray, *, logarithms: bool) -> None:
        known = ~np.isnan(told)
        self.choices, self.logarithms = choices, logarithms
        self.values, self.told = np.asarray(values)[known], told[known]
        targets = np.log(self.told) if logarithms else self.told
        self._mean, self._scale = float(targets.mean()), float(targets.std())
        self._targets = (targets - self._mean) / self._scale
        self._model = self._fitted(self.values, self._targets, None)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Predictions ``(B,)`` for architectures ``(B, V)``, in the column's unit."""
        return self._in_unit(self._model.predict(self._features(values)))

    @cached_property
    def error(self) -> dict[str, float]:
        """Kendall's tau and the median relative error of rows that it did not learn from, in folds."""
        told = np.empty(len(self.told))
        folds = np.random.default_rng(0).permutation(len(told)) % FOLDS
        for fold in range(FOLDS):
            model = self._fitted(self.values[folds != fold], self._targets[folds != fold], self._model.kernel_)
            told[folds == fold] = self._in_unit(model.predict(self._features(self.values[folds == fold])))
        return {
            "rows": len(told),
            "kendall_tau": round(float(kendalltau(told, self.told).statistic), 3),
            "median_relative": round(float(np.median(np.abs(told / self.told - 1))), 4),
        }

    def _features(self, values: np.ndarray) -> np.ndarray:
        every = np.eye(self.choices)[np.asarray(values, np.int64)]
        return every.reshape(len(every), -1)

    def _in_unit(self, targets: np.ndarray) -> np.ndarray:
        found = targets * self._scale + self._mean
        return np.asarray(np.exp(found) if self.logarithms else found)

    def _fitted(self, values: np.ndarray, targets: np.ndarray, kernel: Any) -> Any:
        """With a ``kernel`` its numbers stay as they are."""
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

        fresh = ConstantKernel(10) * DotProduct(1) + ConstantKernel(1) * RBF(5.0) + WhiteKernel(0.05, (1e-6, 1))
        with warnings.catch_warnings():  # a bound that is reached is no fault here
            warnings.simplefilter("ignore")
            model = GaussianProcessRegressor(kernel or fresh, optimizer=None if kernel else "fmin_l_bfgs_b")
            return model.fit(self._features(values), targets)
