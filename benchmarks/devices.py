"""Devices that nobody knows, from 10, 20 and 48 measurements: ranks, stated noise, and what a broken row does.

Six folds over the 24 devices of HW-NAS-Bench and HELP leave families of hardware out together (``FOLDS``); the cost
side of the surrogate is trained without them and fitted to measurements of one of them. The judge is the table's value
of every other cell. Rivals are ridge regressions on four counts of operations, as they are written and as they are
live (the ratio by leave-one-out), and on the learned features alone, fitted to the same measurements.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy.stats import rankdata

from benchmarks import common
from dinas_cli.files.columns import split_column
from dinas_cli.oracles.basis import ways
from dinas_cli.oracles.fits import fill_unmeasurable
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.training.costs import train_costs
from dinas_cli.training.data import TrainingSet, load_training_set

FOLDS = {
    "GPUs at batch 256": ("1080ti_256", "2080ti_256", "titan_rtx_256", "titanx_256", "titanxp_256"),
    "GPUs": (
        *("1080ti_1", "2080ti_1", "titan_rtx_1", "titanx_1", "titanxp_1"),
        *("2080ti_32", "titanx_32", "titanxp_32"),
    ),
    "server CPUs": ("gold_6226", "silver_4114"),
    "phones": ("pixel2", "samsung_s7", "essential_ph_1"),
    "boards": ("raspi4", "pixel3", "edgetpu"),
    "accelerators": ("edgegpu", "eyeriss", "fpga"),
}
COUNTS = 10, 20, 48
RATIOS = 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3
FACTORS = 3.0, 1 / 3, 10.0, 0.1
BROKEN, EVERY = 2, 4
"""Draws in which rows are broken, one after the other, and every how many."""
STEPS = 2500


def costs_without(setup: common.Setup, devices: tuple[str, ...]) -> Surrogate:
    """The cost side of a surrogate that has seen no value of ``devices``."""
    data = load_training_set(setup.space, setup.table, without_devices=devices)
    features = torch.from_numpy(data.space.features(data.values))
    known = torch.from_numpy(np.flatnonzero(data.known))
    tensors, profiles = train_costs(data, features, known, STEPS, 0, lambda *_: None)
    profiled = [[p.column, p.unit, p.measured] for p in profiles]
    config = {"space": setup.space.name, "members": 0, "quality": [], "kendall_tau": {}, "profiles": profiled}
    return Surrogate(tensors, config)


def ridge(counted: np.ndarray, rows: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """Predictions ``(R,)`` from counts ``(R, p)``, of a ridge regression with the best ratio by leave-one-out."""
    features = np.column_stack([np.ones(len(counted)), (counted - counted.mean(0)) / counted.std(0)])
    design, best = features[rows], (np.inf, np.zeros(0))
    for ratio in RATIOS:
        solve = np.linalg.solve(design.T @ design + ratio * np.diag([0.0] + [1.0] * counted.shape[1]), design.T)
        weights = solve @ costs
        error = (costs - design @ weights) / (1 - np.minimum((design * solve.T).sum(1), 0.95))
        best = min(best, (float(error @ error), weights), key=lambda one: one[0])
    predicted: np.ndarray = features @ best[1]
    return predicted


def spearman(predicted: np.ndarray, ranks: np.ndarray, there: np.ndarray) -> float:
    """Rank correlation of predictions ``(R,)`` with the true ``ranks`` of those that are ``there``."""
    return float(np.corrcoef(rankdata(predicted[there]), ranks)[0, 1])


def device(surrogate: Surrogate, data: TrainingSet, column: str, draws: int) -> dict[str, Any]:
    """What is found of one column by number of measurements, and with broken rows."""
    values, truth, unit = surrogate.space.reference(), data.costs[column], data.units[column]
    written, _, live = surrogate.space.operators(values)
    learned = ways(surrogate.space, values, surrogate._tensors, surrogate.space.features)[-1]
    there = ~np.isnan(truth)
    ranks = rankdata(truth[there])
    found: dict[str, Any] = {}
    for count in COUNTS:
        scores: dict[str, list[float]] = {"ours": [], "written": [], "live": [], "learned": [], "error": []}
        for draw in range(draws):
            rows = np.random.default_rng(draw).choice(len(values), count, replace=False)
            profile = surrogate.fit(column, unit, values[rows], truth[rows])
            predicted = profile.predict(surrogate.reference_basis)
            filled = fill_unmeasurable(truth[rows])
            rivals = {"written": written, "live": live, "learned": learned}
            scores["ours"].append(spearman(predicted, ranks, there))
            for name, counted in rivals.items():
                scores[name].append(spearman(ridge(counted, rows, filled), ranks, there))
            errors = (truth - predicted)[there] / profile.sigma(predicted[there])
            scores["error"].append(float(np.sqrt(np.mean(np.clip(errors, -10, 10) ** 2))))
        found[str(count)] = {name: common.mean_sd(of) for name, of in scores.items()}
    return found | {"broken": broken(surrogate, values, truth, column, unit)}


def broken(surrogate: Surrogate, values: np.ndarray, truth: np.ndarray, column: str, unit: str) -> dict[str, float]:
    """One of 48 measurements is off by a factor: what ranks lose against a fit without it, how often it is named."""
    there = np.flatnonzero(~np.isnan(truth))
    ranks, all_there = rankdata(truth[there]), ~np.isnan(truth)
    lost, named, left_out = [], [], []
    for draw in range(BROKEN):
        rows = np.random.default_rng(draw).choice(there, COUNTS[-1], replace=False)

        def reached(rows: np.ndarray, costs: np.ndarray) -> tuple[float, tuple[int, ...]]:
            profile = surrogate.fit(column, unit, values[rows], costs)
            return spearman(profile.predict(surrogate.reference_basis), ranks, all_there), profile.left_out

        left_out.append(len(reached(rows, truth[rows])[1]))
        for row in range(0, len(rows), EVERY):
            others = np.delete(rows, row)
            clean, _ = reached(others, truth[others])
            for factor in FACTORS:
                costs = truth[rows].copy()
                costs[row] *= factor
                found, without = reached(rows, costs)
                named.append(row in without)
                lost.append(clean - found)
    return {
        "rows": len(lost),
        "named": round(float(np.mean(named)), 4),
        "lost": round(float(np.mean(lost)), 4),
        "most": round(float(np.max(lost)), 4),
        "over": round(float(np.mean(np.array(lost) > 0.02)), 4),
        "left_out_of_right_ones": round(float(np.mean(left_out)), 2),
    }


def main() -> None:
    """All folds; ``--seeds`` is the number of draws of measured architectures."""
    options = common.parser(__doc__)
    options.set_defaults(seeds=20)
    given = options.parse_args()
    setup = common.load(given)
    torch.set_num_threads(1)
    data = load_training_set(setup.space, setup.table)
    columns: dict[str, Any] = {}
    for fold, devices in FOLDS.items():
        surrogate = costs_without(setup, devices)
        for column in data.costs:
            metric, name, _ = split_column(column)
            if metric == "latency" and name in devices:
                columns[column] = {"fold": fold, **device(surrogate, data, column, given.seeds)}
                print(column, columns[column]["48"]["ours"], columns[column]["broken"], flush=True)
    common.write(
        given, common.facts(seeds=given.seeds, steps=STEPS, label_budget=data.label_budget), {"columns": columns}
    )


if __name__ == "__main__":
    main()
