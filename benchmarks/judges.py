"""Judges of architectures that neither a search nor the training of its models has seen, by space.

Spaces that can be listed have their tables; of the others only a part is labelled, and trees that learn from the labels
which training held out say what they think of the rest. For darts there is YAHPO Gym's surrogate besides, whose word
counts as independent only if the shipped models have not learnt from it: it says so itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import kendalltau, norm, rankdata

from benchmarks.common import Setup
from dinas_cli.files.columns import column_key
from dinas_cli.spaces.shared.protocol import enumerable
from dinas_cli.training.teacher import boosted_trees, random_trees

Judge = Callable[[np.ndarray], np.ndarray]
"""Architectures ``(B, V)`` -> the ranked metric ``(B,)`` in its own unit."""

LABELS = {"darts": "acc_v09"}
"""The column that trees learn where it is not the ranked one: of that, too few labels were held out."""
YAHPO = "yahpo_nb301_surrogate.onnx"
FOLDS = 5


class Trees:
    """Boosted and extremely random trees, half and half, on what training held out of a column.

    They learn normal scores, as the surrogates do, so that a few broken architectures do not decide.
    """

    def __init__(self, setup: Setup, dataset: str | None) -> None:
        space, labels = setup.space, setup.labels
        self.column = LABELS.get(space.name, column_key(space.rank_metric, None, dataset))
        known = labels.quality[self.column]
        rows = np.flatnonzero(labels.held_out & ~np.isnan(known))
        self.space, self.targets = space, known[rows]
        self._scores = norm.ppf((rankdata(self.targets) - 0.5) / len(rows))
        self._features = np.asarray(space.features(labels.values[rows]), np.float64)
        self._models = _fitted(self._features, self._scores)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Their prediction, in the column's unit."""
        told = _said(self._models, np.asarray(self.space.features(values), np.float64))
        return np.interp(told, np.sort(self._scores), np.sort(self.targets))

    @cached_property
    def tau(self) -> float:
        """Kendall's tau of their predictions of what they did not learn from, in folds."""
        told = np.empty(len(self._scores))
        folds = np.random.default_rng(0).permutation(len(told)) % FOLDS
        for fold in range(FOLDS):
            models = _fitted(self._features[folds != fold], self._scores[folds != fold])
            told[folds == fold] = _said(models, self._features[folds == fold])
        return float(kendalltau(told, self.targets).statistic)


def judges(setup: Setup, dataset: str | None, files: Path | None) -> tuple[dict[str, Judge], dict[str, Any]]:
    """The judges of a space by their names, and what there is to know of them; ``files``: where YAHPO's model lies."""
    column = column_key(setup.space.rank_metric, None, dataset)
    if enumerable(setup.space):
        return {"table": lambda values: setup.truth.metric(values, column)[0]}, {}
    trees = Trees(setup, dataset)
    found: dict[str, Judge] = {"trees": trees}
    about: dict[str, Any] = {
        "trees": {"column": trees.column, "labels": len(trees.targets), "kendall_tau": round(trees.tau, 3)}
    }
    path = None if files is None else files / YAHPO
    if setup.space.name == "darts" and path is not None and path.is_file():
        from dinas_cli.spaces.darts.read_onnx import CALIBRATION, Model

        model, (slope, offset) = Model.open(setup.space, path), CALIBRATION
        found["YAHPO"] = lambda values: slope * model(values) + offset
        about["YAHPO"] = {"learnt from": "acc_yahpo" in setup.surrogate.columns()}
    return found, about


def thresholds(judged: Mapping[str, Judge], reference: np.ndarray, sign: float, top: float) -> dict[str, float]:
    """For each judge the value, larger being better, from which on an architecture is in the ``top`` percent."""
    return {name: float(np.quantile(sign * judge(reference), 1 - top / 100)) for name, judge in judged.items()}


def diversity(values: np.ndarray) -> float:
    """Mean share of variables in which two of the architectures ``(B, V)`` differ."""
    if len(values) < 2:
        return float("nan")
    differ = (values[:, None] != values[None]).mean(-1)
    return float(differ.sum() / (len(values) * (len(values) - 1)))


def _fitted(features: np.ndarray, targets: np.ndarray) -> list[Any]:
    return [model.fit(features, targets) for model in (boosted_trees(0), random_trees(0))]


def _said(models: list[Any], features: np.ndarray) -> np.ndarray:
    return np.asarray(np.mean([model.predict(features) for model in models], 0))


def summary(judged: Mapping[str, Judge], values: np.ndarray) -> dict[str, float]:
    """What each judge says of architectures ``(B, V)`` on average; NaN of none."""
    return {name: float(np.nanmean(judge(values))) if len(values) else float("nan") for name, judge in judged.items()}
