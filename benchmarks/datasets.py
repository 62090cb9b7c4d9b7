"""Data sets left out in turn: how well a fit to few labels orders all architectures, from what the others say.

    python -m benchmarks.datasets

Needs the imported tables of nasbench201, transnas-micro, transnas-macro and nasbench-graph. For every data set the
terms are made of the other data sets' labels (no surrogate, no generator that has seen the one left out), and a
descriptor is fitted to the labels of 12, 24 and 48 random architectures; with none it is the mean of the others.
Judge: all labels of the table. Writes ``benchmarks/results/datasets.json``.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import kendalltau, norm, rankdata

from benchmarks import common
from dinas_cli.architectures.conditions import find_metric
from dinas_cli.files.columns import column_key
from dinas_cli.oracles.orders import fit_order, terms
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.registry import get_space
from dinas_cli.training.orders import learn_terms

SPACES = "nasbench201", "transnas-micro", "transnas-macro", "nasbench-graph"
LABELS, SEEDS, JUDGED = (12, 24, 48), 10, 4000
TOP = 5.0
"""Percent of the space that a wish for the best is about."""


def scores(space_name: str) -> tuple[np.ndarray, np.ndarray]:
    """Inputs ``(R, F)`` of all architectures with labels and their normal scores ``(R, D)``, more is better."""
    space, table = get_space(space_name), Table.open(space_name)
    values = space.reference()
    keys = np.array([space.key(row) for row in values.tolist()])
    sign = 1 if find_metric(space, space.rank_metric).better == "max" else -1
    labels = [sign * table.lookup(keys, column_key(space.rank_metric, None, dataset)) for dataset in space.datasets]
    told = np.stack([np.where(np.isnan(row), np.nanmin(row), row) for row in labels], 1)
    there = ~np.isnan(np.stack(labels)).all(0)
    ranked = norm.ppf((np.apply_along_axis(rankdata, 0, told[there]) - 0.5) / there.sum())
    return space.features(values[there]), ranked


def left_out(features: np.ndarray, ranked: np.ndarray, number: int) -> dict[str, list[float]]:
    """Kendall's tau, and the share of the top of the order that is in the true top, by number of labels."""
    others, truth = np.delete(ranked, number, 1), ranked[:, number]
    tensors = learn_terms(others, features)
    known = terms(others, features, tensors)
    judged = np.random.default_rng(0).permutation(len(truth))[:JUDGED]
    best = truth >= np.quantile(truth, 1 - TOP / 100)

    def judge(worth: np.ndarray) -> list[float]:
        chosen = worth >= np.quantile(worth, 1 - TOP / 100)
        return [float(kendalltau(worth[judged], truth[judged]).statistic), float(best[chosen].mean())]

    found = {"0": judge(known[:, : others.shape[1]].mean(1))}
    for count in LABELS:
        runs = []
        for seed in range(SEEDS):
            rows = np.random.default_rng((seed, number)).choice(len(truth), count, replace=False)
            runs.append(judge(fit_order(known[rows], truth[rows], known, tensors["orders.spread"]).worth(known)))
        tau, top = np.array(runs).T
        found[str(count)] = [float(tau.mean()), float(top.mean()), float(tau.std()), float(top.std())]
    return found


def main() -> None:
    """Leave every data set of every space out once."""
    options = common.plain_parser(__doc__).parse_args()
    results = {}
    for name in SPACES:
        features, ranked = scores(name)
        results[name] = {
            dataset: left_out(features, ranked, number) for number, dataset in enumerate(get_space(name).datasets)
        }
        for dataset, found in results[name].items():
            print(name, dataset, {count: [round(x, 3) for x in row[:2]] for count, row in found.items()}, flush=True)
    common.write(options, common.facts(seeds=SEEDS), {"spaces": results})


if __name__ == "__main__":
    main()
