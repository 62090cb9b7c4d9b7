"""A data set nobody has seen: trainings until the best of a space is found, by what `dinas search` proposes and others.

    python -m benchmarks.own_data

Simulated: the table of one data set plays the trainer, whose clock is the number of trainings. Known to the proposals
are the tables of the space's other data sets alone; the bundled surrogates, which saw all of them, answer nothing.
Under a limit every method chooses among the same architectures: those that keep to it by the table. The file of results
is added to, data set by data set, and what is in it is not measured again.
"""

from __future__ import annotations

import json
import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import RESULTS, facts
from dinas_cli.architectures.conditions import Budget, Request
from dinas_cli.bench.optuna_searchers import parzen
from dinas_cli.bench.problems import Problem, open_problem
from dinas_cli.bench.searchers import evolution, random_search, search
from dinas_cli.files.columns import column_key
from dinas_cli.oracles.answers import Oracles
from dinas_cli.search.proposals.candidates import Pool
from dinas_cli.search.proposals.proposer import Proposals
from dinas_cli.search.simulated import SimulatedTrials
from dinas_cli.search.trials import Told
from dinas_cli.spaces.registry import get_space

SPACES = ("nasbench201", "transnas-micro", "transnas-macro", "nasbench-graph")
TRAININGS, ZERO = 48, 16
"""Trainings of a search, and of the order before any label."""
SHARES = (1.0, 0.1)
"""Percents of the space, the best of which are searched for."""
DEVICES = {"nasbench201": ("edgegpu", "pixel3", "fpga"), "nasbench-graph": ("gpu",)}
QUANTILE = 0.3
"""Share of the space that keeps to a limit."""
LOOKS = 4
"""Trainings between two questions whether it is enough."""


class Case:
    """One data set, all of it or what keeps to a limit, with the ranks of its architectures."""

    def __init__(self, problem: Problem, device: str | None) -> None:
        self.problem, self.device = problem, device
        space, dataset, table = problem.space, problem.dataset, problem.table
        budgets: tuple[Budget, ...] = ()
        pool = problem.listed
        if device is not None:
            costs = table.lookup(problem.keys(pool), column_key("latency", device, dataset))
            budgets = (Budget("latency", float(np.nanquantile(costs, QUANTILE)), device),)
            pool = pool[costs <= budgets[0].limit]
        self.problem = Problem(space, dataset, table, problem.surrogate, pool)
        self.values = np.sort(self.problem.sign * self.problem.look_up(pool))
        self.request = Request(space.name, dataset, budgets=budgets)
        self.trainer = SimulatedTrials(space, dataset, table)

    def ranks(self, labels: Sequence[float]) -> np.ndarray:
        """The percent of all architectures ``(n,)`` that are better than each of those with some labels."""
        return 100 * (1 - np.searchsorted(self.values, labels, "right") / len(self.values))

    def proposals(self, transfer: bool) -> Proposals:
        """The proposer that knows the other data sets' tables, or none."""
        space = self.problem.space
        found = Proposals(
            self.request,
            trials=TRAININGS,
            oracles=Oracles(space, self.problem.table),
            known=[name for name in space.datasets if name != self.problem.dataset],
            transfer=transfer,
        )
        pool = found.candidates.pool
        kept = np.flatnonzero(~np.isnan(self.problem.look_up(pool.values)))  # what the benchmark trained
        found.candidates.pool = Pool(pool.values[kept], [pool.ids[place] for place in kept.tolist()])
        return found

    def proposed(self, proposals: Proposals, seed: int, stop: bool) -> tuple[list[float], int | None]:
        """Labels of the trainings that are proposed, and after how many these are enough (asked with ``stop``)."""
        this = copy(proposals)
        this.seed = seed
        told: list[Told] = []
        enough = None
        while len(told) < TRAININGS and (trials := this.propose(told, [], 1)):
            result = self.trainer.run(trials[0], Path(), lambda: None)
            told.append(Told(trials[0].record, result.value, trials[0].source))
            if stop and enough is None and len(told) % LOOKS == 0 and this.enough(told):
                enough = len(told)
        return [each.value for each in told if each.value is not None], enough

    def before_labels(self, proposals: Proposals) -> float:
        """The rank of the best of the first :data:`ZERO` of the order."""
        first = proposals.candidates.pool.values[proposals.order[:ZERO]]
        return float(self.ranks(self.problem.look_up(first).tolist()).min())


def looked_up(case: Case, method: Any, seed: int) -> list[float]:
    """Labels in the order in which a search that looks up asked for them."""
    return search(case.problem, method, TRAININGS, seed).answers


def measure(case: Case, seeds: int) -> dict[str, Any]:
    """Every method with every seed: the best rank after each training."""
    found: dict[str, Any] = {"architectures": len(case.values), "methods": {}}
    stops: list[int | None] = []
    for name, transfer in (("dinas", True), ("without transfer", False)):
        proposals = case.proposals(transfer)
        if transfer:
            found["before labels"] = case.before_labels(proposals)
        runs = []
        for seed in range(seeds):
            labels, enough = case.proposed(proposals, seed, stop=transfer and case.device is None)
            runs.append(labels)
            stops += [enough] if transfer else []
        found["methods"][name] = summary(case, runs)
        if transfer:
            reached = [
                (case.ranks(labels[:stop]).min(), stop) for labels, stop in zip(runs, stops, strict=True) if stop
            ]
            found["enough"] = {"at": stops, "rank": [float(rank) for rank, _ in reached]}
    others = {"random": random_search, "evolution": evolution, "TPE": parzen}
    if case.device is not None:
        others = {"random": random_search, "TPE": parzen}  # mutants of evolution leave the limit and are not counted
    for name, method in others.items():
        found["methods"][name] = summary(case, [looked_up(case, method, seed) for seed in range(seeds)])
    return found


def summary(case: Case, runs: list[list[float]]) -> dict[str, Any]:
    """The first training within each of :data:`SHARES` by seed (None: not among these), and best ranks on the way."""
    best = [np.minimum.accumulate(case.ranks(labels)) for labels in runs]
    first = {
        f"{share:g}": [int(np.argmax(ranks <= share)) + 1 if ranks[-1] <= share else None for ranks in best]
        for share in SHARES
    }
    return {
        "first": first,
        "rank": {str(count): [round(float(ranks[:count][-1]), 4) for ranks in best] for count in (16, 24, 48)},
    }


def cases(spaces: Sequence[str], files: Sequence[Path]) -> Iterator[tuple[str, Problem, str | None]]:
    """All that is measured, by its key: every data set as a whole, then under limits."""
    found = []
    for name in spaces:
        for dataset in get_space(name).datasets:
            problem = open_problem(name, dataset, files)
            found += [(problem, device) for device in (None, *DEVICES.get(name, ()))]
    for problem, device in sorted(found, key=lambda case: case[1] is not None):
        yield problem.name + (f"/{device}" if device else ""), problem, device


def main() -> None:
    options = ArgumentParser(description=__doc__)
    options.add_argument("--space", action="append", choices=SPACES)
    options.add_argument("--data", type=Path, action="append", default=[], help="benchmark files (default: the tables)")
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--out", type=Path, default=RESULTS / "own_data.json")
    given = options.parse_args()
    kept = json.loads(given.out.read_text()) if given.out.is_file() else {"about": {"seeds": given.seeds}, "cases": {}}
    for key, problem, device in cases(given.space or SPACES, given.data):
        if key in kept["cases"]:
            continue
        started = time.process_time()
        kept["cases"][key] = measure(Case(problem, device), given.seeds)
        kept["cases"][key]["cpu_seconds"] = round(time.process_time() - started, 1)
        kept["about"] |= facts()
        partly = given.out.with_suffix(".part")
        partly.write_text(json.dumps(kept, indent=1) + "\n")
        os.replace(partly, given.out)
        print(key, kept["cases"][key]["cpu_seconds"], "s", flush=True)


if __name__ == "__main__":
    main()
