"""Few labels: what surrogates and ranks are worth that learn from 200, 1,000 or nine tenths of a benchmark's labels.

For each number, a surrogate is trained on labels drawn at random, and the space is put into the order that a generator
would learn. Of the cells in the first 5 % of that order, the share that is in the top 5 % by the benchmark's labels, of
those whose labels were seen and of those whose labels were not. *raw*: the order of the labels themselves, with the
surrogate's word where there is none. The benchmark's labels judge, single trainings as they are; no generator is in it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from scipy.stats import kendalltau

from benchmarks import common
from dinas_cli.files.columns import split_column
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.training.data import TrainingSet, load_training_set
from dinas_cli.training.smoothing import worth
from dinas_cli.training.surrogate import train_surrogate

BUDGETS = 200, 1000, None
"""None: nine tenths of all."""
STEPS = 1500
TOP = 0.05


def with_labels(data: TrainingSet, count: int | None, seed: int) -> TrainingSet:
    """The training set with ``count`` of its known labels left."""
    if count is None:
        return data
    chosen = np.random.default_rng(seed).choice(np.flatnonzero(data.known), count, replace=False)
    return replace(data, known=np.isin(np.arange(len(data.known)), chosen))


def top_share(order: np.ndarray, best: np.ndarray, among: np.ndarray) -> float:
    """Of the first :data:`TOP` by ``order (R,)``, more first, that are ``among (R,)`` the share that is ``best``."""
    first = order >= np.quantile(order, 1 - TOP)
    rows = first & among
    return float(best[rows].mean()) if rows.any() else float("nan")


def ranked(data: TrainingSet, surrogate: Surrogate, column: str, seed: int) -> dict[str, float]:
    """The figures of one ranked column."""
    labels = data.quality[column]
    sign = 1 if data.metric(column).better == "max" else -1
    there = ~np.isnan(labels)
    best = there & (sign * labels >= np.nanquantile(sign * labels, 1 - TOP))
    seen, unseen = data.known & there, ~data.known & there
    raw = np.where(seen, surrogate.ranking_of(np.nan_to_num(labels), column), surrogate.ranking(None, column))
    found = {"tau": float(kendalltau(surrogate.ranking(None, column)[unseen], sign * labels[unseen]).statistic)}
    for name, order in (("worth", worth(data, surrogate, column, seed)), ("raw", raw)):
        found[f"{name}, seen"] = top_share(order, best, seen)
        found[f"{name}, held out"] = top_share(order, best, unseen)
    return found


def measure(setup: common.Setup, budget: int | None, seeds: int) -> dict[str, Any]:
    """All ranked columns of the space's own metric, mean and deviation over seeds."""
    found: dict[str, list[dict[str, float]]] = {}
    labels = 0
    for seed in range(seeds):
        whole = load_training_set(setup.space, setup.table, seed=seed)
        data = with_labels(whole, budget, seed)
        labels = data.label_budget
        surrogate = Surrogate(*train_surrogate(data, seed=seed, steps=STEPS))
        for column in data.quality:
            if split_column(column)[0] == setup.space.rank_metric:
                found.setdefault(column, []).append(ranked(data, surrogate, column, seed))
    columns = {
        column: {name: _mean_sd([one[name] for one in runs]) for name in runs[0]} for column, runs in found.items()
    }
    return {"labels": labels, "columns": columns}


def _mean_sd(values: list[float]) -> dict[str, float] | None:
    """Over the seeds in which there was anything to count; None where there was nothing."""
    there = [value for value in values if not np.isnan(value)]
    return common.mean_sd(there) if there else None


def main() -> None:
    """One space at a time."""
    options = common.parser(__doc__)
    options.set_defaults(seeds=2)
    given = options.parse_args()
    setup = common.load(given)
    torch.set_num_threads(1)
    result = {("all" if budget is None else str(budget)): measure(setup, budget, given.seeds) for budget in BUDGETS}
    facts = common.facts(seeds=given.seeds, steps=STEPS, label_budget=result["all"]["labels"])
    common.renew(given, facts, setup.space.name, {"budgets": result, "about": facts})


if __name__ == "__main__":
    main()
