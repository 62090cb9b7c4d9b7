"""A judge of language models that adds up what every layer's choices bring, fitted by embedding width, and its optimum.

What adds up can be optimised exactly: one integer program for every width, depth and bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import kendalltau

from dinas_cli.spaces.shared.gpt.counts import numbers

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.gpt.sizes import Size

FOLDS = 10
RIDGE = 0.1
SECONDS = 2.0
"""Of one integer program, at most."""


def columns(size: Size, values: np.ndarray) -> np.ndarray:
    """Models ``(B, V)`` -> ``(B, F)``: depth one-hot, bias, then heads and MLP ratio of every layer one-hot."""
    _, heads, ratios, bias = numbers(size, values)
    depth = (heads > 0).sum(1)
    ones = [depth[:, None] == np.array(size.depths), bias[:, None]]
    ones += [(heads[:, :, None] == np.array(size.heads)).reshape(len(heads), -1)]
    ones += [(ratios[:, :, None] == np.array(size.ratios)).reshape(len(heads), -1)]
    return np.concatenate(ones, 1).astype(np.float64)


@dataclass
class Additive:
    """Ridge regression of one column within every embedding width."""

    size: Size
    values: np.ndarray
    targets: np.ndarray

    @cached_property
    def weights(self) -> dict[int, tuple[float, np.ndarray]]:
        """By width the mean and the weights ``(F,)``."""
        return self._fitted(np.ones(len(self.targets), bool))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """What it says of models ``(B, V)``: ``(B,)``."""
        return self._said(self.weights, values)

    @cached_property
    def out_of_fold(self) -> np.ndarray:
        """What it says of its own models when it has not seen them: ``(n,)``."""
        folds = np.random.default_rng(0).permutation(len(self.targets)) % FOLDS
        told = np.empty(len(self.targets))
        for fold in range(FOLDS):
            told[folds == fold] = self._said(self._fitted(folds != fold), self.values[folds == fold])
        return told

    def error(self) -> dict[str, float]:
        """Kendall's tau, root mean square error and median error relative to the value, out of fold."""
        off = np.abs(self.out_of_fold - self.targets)
        return {
            "kendall_tau": round(float(kendalltau(self.out_of_fold, self.targets).statistic), 4),
            "rmse": round(float(np.sqrt((off**2).mean())), 4),
            "median_relative": round(float(np.median(off / self.targets)), 5),
        }

    def _fitted(self, rows: np.ndarray) -> dict[int, tuple[float, np.ndarray]]:
        found = {}
        for width in range(len(self.size.widths)):
            own = rows & (self.values[:, 0] == width)
            seen, mean = columns(self.size, self.values[own]), float(self.targets[own].mean())
            inner = seen.T @ seen + RIDGE * np.eye(seen.shape[1])
            found[width] = mean, np.linalg.solve(inner, seen.T @ (self.targets[own] - mean))
        return found

    def _said(self, weights: dict[int, tuple[float, np.ndarray]], values: np.ndarray) -> np.ndarray:
        seen, told = columns(self.size, values), np.empty(len(values))
        for width, (mean, weight) in weights.items():
            own = np.asarray(values)[:, 0] == width
            told[own] = mean + seen[own] @ weight
        return told


def optimum(size: Size, goal: Additive, cost: Additive, limit: float) -> float:
    """The least of ``goal`` with ``cost`` at most ``limit``; infinite where no model keeps to the limit.

    To a thousandth of what layers add to the goal; of a program that takes longer than :data:`SECONDS`, what it has
    proved that nothing is below.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    best = np.inf
    for width, depth, bias in product(range(len(size.widths)), size.depths, (0, 1)):
        (least, per_layer), (fixed, taken) = (_program(size, fit, width, depth, bias) for fit in (goal, cost))
        bound = least + per_layer.reshape(2 * depth, 3).min(1).sum()
        if bound >= best or fixed + taken.reshape(2 * depth, 3).min(1).sum() > limit:
            continue
        one_each = np.kron(np.eye(2 * depth), np.ones(3))
        solved = milp(
            per_layer,
            integrality=np.ones(len(per_layer)),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 1e-3, "time_limit": SECONDS},
            constraints=[LinearConstraint(one_each, 1, 1), LinearConstraint(taken[None], -np.inf, limit - fixed)],
        )
        if solved.status in (0, 1) and solved.mip_dual_bound is not None:  # solved, or out of time
            best = min(best, least + float(solved.mip_dual_bound))
    return best


def _program(size: Size, fit: Additive, width: int, depth: int, bias: int) -> tuple[float, np.ndarray]:
    """What a model of such a width, depth and bias has anyway, and what each head and ratio adds: ``(6 L,)``."""
    mean, weights = fit.weights[width]
    depths, layers = len(size.depths), size.depths[-1]
    anyway = mean + weights[size.depths.index(depth)] + bias * weights[depths]
    heads, ratios = weights[depths + 1 :].reshape(2, layers, 3)
    return float(anyway), np.concatenate([heads[:depth].ravel(), ratios[:depth].ravel()])
