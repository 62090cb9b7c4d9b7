"""Searches for the whole front of accuracy and latency, all with the same number of look-ups of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np

from dinas_cli.bench.fronts import front, order, pairs
from dinas_cli.bench.optuna_searchers import nsga
from dinas_cli.bench.problems import Ledger, Problem, Spent
from dinas_cli.bench.searchers import BASELINES, Search
from dinas_cli.bench.trained import bundled
from dinas_cli.diffusion.generator import Conditioning, Limit
from dinas_cli.generation.generate import CONFIDENCE
from dinas_cli.oracles.answers import Oracles

LIMITS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Quantiles of the latency at which baselines search, with an equal part of the look-ups each."""
QUANTILES = tuple(np.round(np.linspace(0.02, 1.0, 25), 4).tolist())
DRAWN, TOPS = 64, (1.0, 5.0, 20.0)
"""Samples per quantile and rank asked for, and those ranks in percent."""
LOWEST = 0.1
"""Percent that samples are asked to be among where one limit matters."""
RANDOM = 10_000

FrontSearch = Callable[[Problem, str, int, int], np.ndarray]
"""Problem, latency column, look-ups and seed -> the architectures ``(k, V)`` that were looked up."""


@dataclass
class LimitedLedger(Ledger):
    """A ledger under a limit: what exceeds it counts as worse than all that does not, by how much it does."""

    column: str = ""
    limit: float = np.inf
    _worst: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        values = self.problem.sign * self.problem.look_up(self.problem.draw(1000, 0))
        self._worst = float(np.nanmin(values)) - float(np.nanmax(values) - np.nanmin(values))

    def judge(self, values: Sequence[int], answer: float) -> float:
        """The answer where the limit is kept."""
        cost = float(cost_of(self.problem, np.array([values]), self.column)[0])
        if np.isnan(cost):  # it does not run there
            return self._worst - 1e3
        return answer if cost <= self.limit else self._worst - (cost / self.limit - 1)


def cost_of(problem: Problem, values: np.ndarray, column: str) -> np.ndarray:
    """The table's latencies ``(B,)``; NaN where it has none."""
    return problem.table.lookup(problem.keys(values), column)


@cache
def cost_of_all(problem: Problem, column: str) -> np.ndarray:
    """The latencies ``(R,)`` of everything that can be looked up."""
    return cost_of(problem, problem.listed, column)


@cache
def true_front(problem: Problem, column: str) -> np.ndarray:
    """The points ``(F, 2)`` that nothing in the pool dominates."""
    return front(pairs(cost_of_all(problem, column), problem.sign * problem.look_up(problem.listed)))


def random_front(problem: Problem, column: str, budget: int, seed: int) -> np.ndarray:
    """Random architectures."""
    return problem.draw(budget, seed)


def by_limits(method: Search, problem: Problem, column: str, budget: int, seed: int) -> np.ndarray:
    """A search in its constrained form: once for each of :data:`LIMITS`."""
    costs = cost_of_all(problem, column)
    found = []
    for number, quantile in enumerate(LIMITS):
        limit = float(np.nanquantile(costs, quantile))
        ledger = LimitedLedger(problem, budget // len(LIMITS), column=column, limit=limit)
        with suppress(Spent):
            method(ledger, seed * len(LIMITS) + number)
        found.append(ledger.values)
    return np.concatenate(found)


def generated(problem: Problem, column: str, budget: int, seed: int) -> np.ndarray:
    """The tool's own: samples for limits all over the range, looked up in the order of the fronts they should form."""
    profile = problem.surrogate.profile(column)
    model = bundled(problem.space.name)
    drawn = []
    for number, quantile in enumerate(QUANTILES):
        limit = float(np.interp(quantile, np.linspace(0, 1, len(profile.edges)), profile.edges))
        for top in TOPS:
            conditioning = Conditioning(problem.dataset, top, {"latency": [Limit(profile, limit)]})
            drawn.append(model.sample(conditioning, DRAWN, seed=seed, first=number * DRAWN))
    return promising(problem, column, np.concatenate(drawn), budget)


def under_one_limit(problem: Problem, column: str, limit: float, budget: int, seed: int) -> np.ndarray:
    """Samples for one limit that surely keep to it by the surrogate, its favourites first: ``(budget, V)`` at most."""
    profile = problem.surrogate.profile(column)
    conditioning = Conditioning(problem.dataset, LOWEST, {"latency": [Limit(profile, limit)]})
    different = problem.different(bundled(problem.space.name).sample(conditioning, 256, seed=seed))
    sure = different[problem.surrogate.probability(different, column, limit) >= CONFIDENCE]
    return np.asarray(sure[np.argsort(-problem.predict(sure), kind="stable")][:budget])


def ranked_random(problem: Problem, column: str, budget: int, seed: int) -> np.ndarray:
    """10,000 random architectures by the same surrogate, without a generator."""
    return promising(problem, column, problem.draw(RANDOM, seed), budget)


def ranked_space(problem: Problem, column: str, budget: int, seed: int) -> np.ndarray:
    """Everything by the same surrogate, without a generator and without randomness."""
    return promising(problem, column, problem.listed, budget)


def promising(problem: Problem, column: str, values: np.ndarray, count: int) -> np.ndarray:
    """``count`` different ones of ``(B, V)`` in the order of the fronts that the surrogate expects them to form."""
    different = problem.different(values)
    guess = Oracles(problem.space, None, problem.surrogate)
    cost = guess.metric(different, column)[0]
    return np.asarray(different[order(pairs(cost, problem.predict(different)), count)])


METHODS: dict[str, FrontSearch] = {
    "dinas": generated,
    "10,000 random, ranked by the surrogate": ranked_random,
    "whole space, ranked by the surrogate": ranked_space,
    "random search": random_front,
    **{name: partial(by_limits, method) for name, method in BASELINES.items() if name != "random search"},
    "NSGA-II": nsga,
}
