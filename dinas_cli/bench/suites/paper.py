"""Best of k look-ups, by the paper's protocol and by an honest one in which labels count, with baselines beside both.

* (P) the paper's: the bundled models, whose training saw nine tenths of the table's labels (the paper's sees 99 %),
  then k look-ups. (H) honest: every label that training sees is a look-up; the rest of the space is unlabelled.
* Validation decides; where the benchmark has a test accuracy, that of the chosen architecture is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from dinas_cli.bench.experiments import Experiment, Options, Results, Table
from dinas_cli.bench.optuna_searchers import parzen
from dinas_cli.bench.problems import Ledger, Problem, open_problem
from dinas_cli.bench.searchers import BASELINES, Search, search
from dinas_cli.bench.suites import paper_tables
from dinas_cli.files.columns import column_key
from dinas_cli.spaces.registry import get_space

SPACES = ("nasbench201", "nasbench101", "darts", "nlp", "nasbench-graph", "transnas-micro", "transnas-macro")
LOOKUPS = {"nasbench201": 192, "nasbench101": 150}
"""Look-ups of protocol P where the paper states how many; elsewhere :data:`MOST`."""
MOST = 100
HONEST = 200
"""Look-ups of protocol H, labels included."""
AFTER = 32
"""Look-ups after training on a fixed number of labels."""
LABELS = ("64", "128", "256", "512", "1000", "5%", "7%", "20%")
"""How many labels a generator is trained on at once; 7 % is the share that DGPO pre-trains on."""
SLOW_SEEDS, BUDGET_SEEDS = 10, 5
"""Seeds of what trains a model in every run: of searches, and for each number of labels."""
FEWER_SEEDS = {"nasbench101": 5, "nlp": 5}
"""Seeds of protocol P where a search draws for long."""
DATASETS = 3
"""Datasets looked at where a benchmark has more: its first ones."""
SHOWN = (1, 2, 4, 8, 16, 24, 32, 48, 64, 80, 100, 128, 150, 192, 200)
"""Look-ups at which curves are kept."""
RIVALS: dict[str, Search] = {**BASELINES, "TPE": parzen}
"""Searches of protocol H without models of ours."""
FULL = ("nasbench201", "nasbench-graph", "transnas-micro", "transnas-macro")
"""Spaces whose tables have every architecture: those of protocol H."""


class PaperSuite:
    """The suite ``paper``."""

    name = "paper"
    title = "Best of k look-ups, with and without counting labels"
    spaces: tuple[str, ...] = SPACES
    seeds = 20
    quick = (
        r"(nasbench201@cifar10|darts|nasbench-graph@cora|transnas-(micro|macro)@class_scene)"
        r"/[PH] (?!.* labels/).*/seed[01]"
        r"|(nasbench101|nlp)/P .*/seed0|nasbench201@cifar10/(H .* labels|half split)/seed0"
    )

    def experiments(self, options: Options) -> Iterator[Experiment]:
        """Protocol P of every space, then protocol H, quick methods first."""
        from dinas_cli.bench.few_labels import in_rounds, whole_space

        names = [(name, dataset) for name in options.spaces for dataset in _datasets(name)]
        for name, dataset in names:
            budget = LOOKUPS.get(name, MOST)
            seeds = min(options.seeds, FEWER_SEEDS.get(name, options.seeds))
            for method, run in _trained(name).items():
                yield from _runs(options, name, dataset, f"P {method}", run, budget, seeds, training_labels(name))
            if name not in FULL:  # those of full tables run in protocol H, with the same look-ups and more
                for method, run in BASELINES.items():
                    yield from _runs(options, name, dataset, f"P {method}", run, budget, seeds)
        full = [(name, dataset) for name, dataset in names if name in FULL]
        slow = min(options.seeds, SLOW_SEEDS)
        for name, dataset in full:
            for method, run in RIVALS.items():
                yield from _runs(options, name, dataset, f"H {method}", run, HONEST, options.seeds)
            yield from _runs(options, name, dataset, "H predictor on the whole space", whole_space, HONEST, slow)
        for name, dataset in full:
            yield from _runs(options, name, dataset, "H dinas", in_rounds, HONEST, slow)
        for name, dataset in full:
            if dataset == _datasets(name)[0]:
                for labels in LABELS:
                    yield from _label_budgets(options, name, dataset, labels, min(options.seeds, BUDGET_SEEDS))
        if SPACES[0] in options.spaces:
            for seed in range(slow):
                yield Experiment(f"{SPACES[0]}/half split/seed{seed}", partial(_half_split, options, seed))

    def tables(self, results: Results) -> list[Table]:
        """One table per protocol and space, and one by label budget."""
        return paper_tables.tables(results)


def curve(ledger: Ledger, labels: int) -> dict[str, Any]:
    """The best so far by look-ups, in the metric's own unit, and the test accuracy of the last best.

    A search that ended early has no values of look-ups that it did not make. ``found`` is the number of look-ups that
    reached the best there is, None if they did not.
    """
    problem = ledger.problem
    best = np.maximum.accumulate(ledger.answers)
    shown = [k for k in SHOWN if k <= len(best)]
    places = [k - 1 for k in shown]
    first = [int(np.argmax(best >= best[place])) for place in places]
    tests = problem.test(ledger.values[first])
    optimum = problem.optimum
    reached = None if optimum is None else np.flatnonzero(best >= problem.sign * optimum - 1e-9)
    return {
        "queries": shown,
        "value": [round(float(problem.sign * best[place]), 4) for place in places],
        "test": None if tests is None else [round(float(test), 4) for test in tests],
        "looked_up": len(best),
        "labels": labels,
        "source": problem.source,
        "pool": None if problem.pool is None else len(problem.pool),
        "optimum": optimum,
        "found": None if reached is None or not len(reached) else int(reached[0]) + 1,
    }


@cache
def problem_of(name: str, dataset: str | None, files: tuple[Path, ...]) -> Problem:
    """The problem of a space and dataset, opened once."""
    return open_problem(name, dataset, files)


def _runs(
    options: Options, name: str, dataset: str | None, method: str, run: Search, budget: int, seeds: int, labels: int = 0
) -> Iterator[Experiment]:
    def work(seed: int) -> dict[str, Any]:
        return curve(search(problem_of(name, dataset, options.files), run, budget, seed), labels)

    for seed in range(seeds):
        yield Experiment(f"{column_key(name, None, dataset)}/{method}/seed{seed}", partial(work, seed))


def _label_budgets(options: Options, name: str, dataset: str | None, labels: str, seeds: int) -> Iterator[Experiment]:
    from dinas_cli.bench.few_labels import at_once

    def work(seed: int) -> dict[str, Any]:
        problem = problem_of(name, dataset, options.files)
        share = labels.removesuffix("%")
        number = int(labels) if share == labels else round(float(share) / 100 * len(problem.listed))
        ledger = search(problem, partial(at_once, labels=number), number + AFTER, seed)
        best = np.maximum.accumulate(ledger.answers)
        return {
            "labels": number,
            "looked_up": len(best),
            "best_label": round(float(problem.sign * best[number - 1]), 4),
            "value": round(float(problem.sign * best[-1]), 4),
            "optimum": problem.optimum,
        }

    for seed in range(seeds):
        yield Experiment(f"{column_key(name, None, dataset)}/H {labels} labels/seed{seed}", partial(work, seed))


def _half_split(options: Options, seed: int) -> dict[str, Any]:
    from dinas_cli.bench.half_split import measure

    return measure(problem_of(SPACES[0], _datasets(SPACES[0])[0], options.files), options.work, seed)


def _trained(name: str) -> dict[str, Search]:
    """What uses the bundled models."""
    from dinas_cli.bench import trained

    methods: dict[str, Search] = {
        "dinas": trained.ranked_samples,
        "dinas, samples as they come": trained.plain_samples,
        "10,000 random, ranked by the surrogate": trained.ranked_random,
    }
    if get_space(name).table_rows is not None:
        methods["all of the table, ranked by the surrogate"] = trained.ranked_space
    return methods


def training_labels(name: str) -> int:
    """How many labels the training of a space's bundled models saw."""
    from dinas_cli.checkpoints.registry import default_checkpoint

    return default_checkpoint(name, "generator").label_budget


def _datasets(name: str) -> tuple[str | None, ...]:
    return get_space(name).datasets[:DATASETS] or (None,)


SUITE = PaperSuite()
