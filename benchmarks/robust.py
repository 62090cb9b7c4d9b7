"""Accuracy, latency and accuracy under attack at once: how much of the true front a hundred look-ups find.

    python -m benchmarks.robust

NAS-Bench-201 on CIFAR-10 with the six devices of HW-NAS-Bench and accuracy under PGD at 1/255. The table is the judge;
nine tenths of its labels trained the models, which no rival but the ranking of the whole space had. A front's share is
its hypervolume in that of the true one, each objective scaled to the true front's extent.

* *dinas*: samples asked for accuracy under limits on latency and accuracy under attack, the look-ups chosen among them
  by what the surrogate predicts;
* *whole space, ranked*: the same choice among all architectures, without the generator;
* *NSGA-II* (Optuna) and *evolution* (the best of random weightings of ranks have offspring) ask the table alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.rival_methods import mutants
from dinas_cli.bench.fronts import front
from dinas_cli.bench.optuna_searchers import nsga_look_ups
from dinas_cli.bench.sampling import one_core
from dinas_cli.bench.suites.constraints import DEVICES
from dinas_cli.diffusion.generator import Conditioning, Limit
from dinas_cli.generation.fronts import share

LOOKUPS, ATTACK, DATASET = 100, "pgd1", "cifar10"
LATENCIES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1.0)
"""Quantiles of the space's latencies that samples are asked to keep to."""
RANKS = (0.3, 2.0, 10.0, 40.0, 100.0)
"""Percent of the best that they are asked to be among, by accuracy and under attack; 100: not asked."""
EACH = 16


@dataclass
class Task:
    """One device: what the table says of every architecture, as points of which less is better."""

    setup: common.Setup
    device: str

    def __post_init__(self) -> None:
        self.columns = f"acc@{DATASET}", f"latency/{self.device}@{DATASET}", ATTACK
        self.values = self.setup.space.reference()
        self.points = _points([self.setup.truth.reference(column) for column in self.columns])
        self.there = ~np.isnan(self.points).any(1)
        self.true = front(self.points[self.there])

    @cached_property
    def predicted(self) -> np.ndarray:
        """What the surrogate says of every architecture: ``(R, 3)``."""
        return _points([self.setup.guess.reference(column) for column in self.columns])

    def rows(self, values: np.ndarray) -> np.ndarray:
        """Places of architectures ``(B, V)`` in the space."""
        return self.setup.truth.keys(values)

    def reached(self, rows: list[int] | np.ndarray) -> float:
        """The share of the true front's hypervolume that looked up architectures have."""
        found = self.points[np.asarray(rows)]
        return share(found[~np.isnan(found).any(1)], self.true)


def _points(columns: list[np.ndarray]) -> np.ndarray:
    """Accuracies negated, latency as it is: ``(R, 3)``."""
    accuracy, latency, attacked = columns
    return np.stack([-accuracy, latency, -attacked], 1)


def chosen(task: Task, rows: np.ndarray) -> np.ndarray:
    """The look-ups among architectures: one by one the one that adds most hypervolume to those before, as predicted.

    Fronts of predictions end early; what is left goes to the next front, without what was taken.
    """
    import moocore

    rows = np.unique(rows)
    points = task.predicted[rows]
    best = points.min(0)
    points = (points - best) / np.where(np.ptp(points, 0) > 0, np.ptp(points, 0), 1.0)
    taken: list[int] = []
    left = np.arange(len(rows))
    while len(taken) < min(LOOKUPS, len(rows)):
        layer = left[moocore.is_nondominated(points[left])]
        gains = moocore.hv_contributions(points[layer], ref=np.full(3, 1.1))
        taken += layer[np.argsort(-gains, kind="stable")].tolist()
        left = np.setdiff1d(left, layer)
    return rows[taken[:LOOKUPS]]


def dinas(task: Task, seed: int) -> np.ndarray:
    """Samples along limits, then the choice."""
    setup = task.setup
    assert setup.guess.surrogate is not None
    profile = setup.guess.surrogate.profile(task.columns[1])
    found = []
    for quantile in LATENCIES:
        limit = float(np.nanquantile(task.predicted[:, 1], quantile))
        for top, robust in product(RANKS, RANKS):
            ranks = {} if robust == 100 else {ATTACK: robust}
            budgets = {} if quantile == 1 else {"latency": [Limit(profile, limit)]}
            asked = Conditioning(DATASET, None if top == 100 else top, budgets, ranks)
            found.append(setup.generator.sample(asked, EACH, seed=seed))
    return chosen(task, task.rows(np.concatenate(found)))


def whole(task: Task, seed: int) -> np.ndarray:
    """The choice among all."""
    return chosen(task, np.arange(len(task.values)))


def nsga(task: Task, seed: int) -> np.ndarray:
    """Optuna's NSGA-II."""

    def ask(values: Sequence[int]) -> tuple[int, np.ndarray]:
        row = int(task.rows(np.array([values]))[0])
        return row, task.points[row]

    return np.array(list(nsga_look_ups(task.setup.space, ask, 3, LOOKUPS, seed)))


def evolution(task: Task, seed: int) -> np.ndarray:
    """Mutants of the best of ten by a random weighting of the ranks; the oldest go."""
    rng = np.random.default_rng(seed)
    asked = rng.choice(len(task.values), 20, replace=False).tolist()
    while len(asked) < LOOKUPS:
        members = np.array(asked[-50:])
        points = np.nan_to_num(task.points[members], nan=1e6)
        ranks = points.argsort(0).argsort(0) @ rng.dirichlet(np.ones(3))
        few = rng.choice(len(members), 10, replace=False)
        parent = members[few[ranks[few].argmin()]]
        for child in mutants(task.setup.space, task.values[[parent]].astype(np.int64), rng):
            row = int(task.rows(child[None])[0])
            if row not in asked:
                asked.append(row)
    return np.array(asked[:LOOKUPS])


METHODS: dict[str, Callable[[Task, int], np.ndarray]] = {
    "dinas": dinas,
    "whole space, ranked": whole,
    "NSGA-II": nsga,
    "evolution": evolution,
}


def main() -> None:
    """All devices."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    results: dict[str, Any] = {}
    with one_core():
        for device in DEVICES:
            task = Task(setup, device)
            results[device] = {"front": len(task.true)}
            for name, method in METHODS.items():
                began = time.process_time()
                shares = [task.reached(method(task, seed)) for seed in range(options.seeds)]
                seconds = (time.process_time() - began) / options.seeds
                results[device][name] = {**common.mean_sd(shares), "cpu_seconds": round(seconds, 2)}
            print(device, {name: found["mean"] for name, found in list(results[device].items())[1:]}, file=sys.stderr)
    common.write(options, setup.about | {"lookups": LOOKUPS, "attack": ATTACK}, {"devices": results})


if __name__ == "__main__":
    main()
