"""Fronts of accuracy and latency on every device of HW-NAS-Bench: ours, baselines and the true one; limits of HELP."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from dinas_cli.bench import limited
from dinas_cli.bench.experiments import Experiment, Options, Results, Table, grouped, mean_sd
from dinas_cli.bench.fronts import front, pairs
from dinas_cli.bench.problems import Problem
from dinas_cli.bench.suites.paper import problem_of, training_labels
from dinas_cli.generation.fronts import MARGIN, share
from dinas_cli.spaces.registry import get_space

SPACE = "nasbench201"
DEVICES = ("edgegpu", "raspi4", "edgetpu", "pixel3", "eyeriss", "fpga")
LOOKUPS = 200
SLOW, SLOW_SEEDS = ("dinas", "guided search"), 10
"""Searches that take seconds, and how many seeds they get at most."""
HELP_DEVICE, HELP_DATASET, HELP_LIMITS, HELP_LOOKUPS = "fpga", "cifar100", (4.0, 5.0, 6.0), 16
HELP = {4.0: 70.2, 5.0: 71.8, 6.0: 73.5}
"""Accuracies that HELP with MetaD2A reports under these limits in ms, some of which its architectures exceed."""
KEPT = 60
"""Points of a front that go into the results at most."""


class ConstraintsSuite:
    """The suite ``constraints``."""

    name = "constraints"
    title = "Fronts of accuracy and latency"
    spaces: tuple[str, ...] = (SPACE,)
    seeds = 20
    quick = r".*@cifar10/(true front|.*/seed[01])|.*/at most .*/seed[01]"

    def experiments(self, options: Options) -> Iterator[Experiment]:
        """The true fronts, every method on every device and dataset, then single limits."""
        places = [(device, dataset) for dataset in get_space(SPACE).datasets for device in DEVICES]
        for device, dataset in places:
            yield Experiment(f"{device}@{dataset}/true front", partial(_true, options, device, dataset))
        for method, run in limited.METHODS.items():
            for device, dataset in places:
                for seed in range(min(options.seeds, SLOW_SEEDS) if method in SLOW else options.seeds):
                    work = partial(_search, options, device, dataset, method, run, seed)
                    yield Experiment(f"{device}@{dataset}/{method}/seed{seed}", work)
        for limit in HELP_LIMITS:
            for seed in range(options.seeds):
                yield Experiment(
                    f"{HELP_DEVICE}@{HELP_DATASET}/at most {limit:g} ms/seed{seed}",
                    partial(_one_limit, options, limit, seed),
                )

    def tables(self, results: Results) -> list[Table]:
        """Shares of the true hypervolume by device and dataset, then single limits."""
        groups = grouped(results)
        methods = [name for name in limited.METHODS if any(key.endswith(f"/{name}") for key in groups)]
        found = []
        for dataset in get_space(SPACE).datasets:
            runs = {
                device: [groups.get(f"{device}@{dataset}/{method}", []) for method in methods] for device in DEVICES
            }
            rows = [
                (device, *(mean_sd((100 * run["share"] for run in some), 2) for some in found_there))
                for device, found_there in runs.items()
                if any(found_there)
            ]
            if rows:
                labels = f"{training_labels(SPACE):,}"
                seeds = sorted({len(some) for found_there in runs.values() for some in found_there if some})
                found.append(
                    Table(
                        f"{dataset}: hypervolume in % of the true front's with {LOOKUPS} look-ups",
                        ("device", *methods),
                        tuple(rows),
                        f"Objectives scaled to the true front's extent, reference point {MARGIN:.0%} behind its "
                        f"worst values. The first three methods use models trained on {labels} labels; "
                        f"{' or '.join(map(str, seeds))} seeds. Baselines search under {len(limited.LIMITS)} limits "
                        "with an equal part of the look-ups each, NSGA-II for the front itself.",
                    )
                )
        return [*found, *_limits(groups)]


def _problem(options: Options, dataset: str) -> Problem:
    return problem_of(SPACE, dataset, options.files)


def _points(problem: Problem, values: np.ndarray, column: str) -> np.ndarray:
    return pairs(limited.cost_of(problem, values, column), problem.sign * problem.look_up(values))


def _true(options: Options, device: str, dataset: str) -> dict[str, Any]:
    return {"front": _kept(limited.true_front(_problem(options, dataset), f"latency/{device}@{dataset}"))}


def _search(
    options: Options, device: str, dataset: str, method: str, run: limited.FrontSearch, seed: int
) -> dict[str, Any]:
    problem, column = _problem(options, dataset), f"latency/{device}@{dataset}"
    values = run(problem, column, LOOKUPS, seed)
    found = _points(problem, values, column)
    true = limited.true_front(problem, column)
    result = {"share": round(share(found, true), 5), "looked_up": len(values)}
    return result | ({"front": _kept(front(found))} if seed == 0 else {})


def _one_limit(options: Options, limit: float, seed: int) -> dict[str, Any]:
    """The best of a few look-ups under one limit: validation decides, as always."""
    problem, column = _problem(options, HELP_DATASET), f"latency/{HELP_DEVICE}@{HELP_DATASET}"
    values = limited.under_one_limit(problem, column, limit, HELP_LOOKUPS, seed)
    costs, accuracy = limited.cost_of(problem, values, column), problem.look_up(values)
    within = costs <= limit
    chosen = int(np.argmax(np.where(within, accuracy, -np.inf)))
    test = problem.test(values)
    return {
        "looked_up": len(values),
        "violations": int((~within).sum()),
        "latency": float(costs[chosen]),
        "value": float(accuracy[chosen]),
        "test": None if test is None else float(test[chosen]),
    }


def _limits(groups: dict[str, list[Any]]) -> list[Table]:
    rows = []
    for limit in HELP_LIMITS:
        runs = groups.get(f"{HELP_DEVICE}@{HELP_DATASET}/at most {limit:g} ms", [])
        if runs:
            rows.append(
                (
                    f"{limit:g} ms",
                    str(len(runs)),
                    str(max(run["looked_up"] for run in runs)),
                    mean_sd(run["latency"] for run in runs),
                    mean_sd(run["value"] for run in runs),
                    mean_sd(run["test"] for run in runs),
                    str(sum(run["violations"] for run in runs)),
                    f"{HELP[limit]:.1f}",
                )
            )
    header = (
        *("limit", "seeds", "look-ups", "latency (ms)", "validation %", "test %"),
        *("looked up beyond the limit", "HELP + MetaD2A %"),
    )
    note = (
        "HELP's figures are accuracies of networks trained by its authors, some beyond the limit; ours are the table's."
    )
    title = f"{HELP_DEVICE}, {HELP_DATASET}: the best found under one limit"
    return [Table(title, header, tuple(rows), note)] if rows else []


def _kept(front: np.ndarray) -> list[list[float]]:
    """Points as ``[cost, quality]``, thinned where there are very many."""
    some = front[np.unique(np.linspace(0, len(front) - 1, KEPT).astype(int))] if len(front) > KEPT else front
    return [[round(float(cost), 4), round(float(-quality), 4)] for cost, quality in some]


SUITE = ConstraintsSuite()
