"""Optuna's searches as rivals: its tree-structured Parzen estimator for one goal, its NSGA-II for a front."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.bench.problems import Ledger, Problem
from dinas_cli.errors import need_packages

if TYPE_CHECKING:
    from optuna.trial import Trial

    from dinas_cli.spaces.shared.protocol import Space

LookedUp = tuple[int, np.ndarray]
"""The key of an architecture, and its values ``(G,)``."""
POPULATION = 20
"""Of NSGA-II: with 200 look-ups ten generations."""
PROPOSALS = 20
"""Proposals per look-up at most: what was asked before or cannot be looked up costs none."""

WORST = 1e9
"""What NSGA-II, which minimises, is told of what breaks a rule or does not run."""


def parzen(ledger: Ledger, seed: int) -> None:
    """Optuna's tree-structured Parzen estimator (TPE) on the variables of the space.

    What breaks a rule or is not in the table is told by a constraint, and is no look-up; neither is a repetition.
    """
    study = _optuna().create_study(direction="maximize", sampler=_optuna().samplers.TPESampler(seed=seed))
    problem, there = ledger.problem, ledger.problem.pool_keys
    for _ in range(PROPOSALS * ledger.budget):
        trial = study.ask()
        values = _proposed(trial, problem.space)
        good = problem.valid(values) and (there is None or problem.space.key(values) in there)
        trial.set_constraint("broken", float(not good))
        study.tell(trial, ledger.ask(values) if good else 0.0)


def nsga(problem: Problem, column: str, budget: int, seed: int) -> np.ndarray:
    """Optuna's NSGA-II for the ranked metric and the lowest table values of ``column``, ``budget`` different rows.

    Returns the architectures ``(k, V)`` that were looked up; what does not run is worse than everything that does.
    """

    def ask(values: Sequence[int]) -> LookedUp | None:
        if not problem.valid(values):
            return None
        row = np.array([values])
        keys = problem.keys(row)
        accuracy, cost = problem.look_up(row)[0], problem.table.lookup(keys, column)[0]
        return int(keys[0]), np.array([-problem.sign * accuracy, cost])

    return np.array(list(nsga_look_ups(problem.space, ask, 2, budget, seed).values()))


def nsga_look_ups(
    space: Space, ask: Callable[[Sequence[int]], LookedUp | None], goals: int, budget: int, seed: int
) -> dict[int, tuple[int, ...]]:
    """The first ``budget`` different architectures that NSGA-II looks up, by their keys; all ``goals`` are minimised.

    ``ask`` looks up an architecture: None where it breaks a rule, NaN for what does not run.
    """
    looked_up: dict[int, tuple[int, ...]] = {}
    sampler = _optuna().samplers.NSGAIISampler(population_size=POPULATION, seed=seed)
    study = _optuna().create_study(directions=["minimize"] * goals, sampler=sampler)
    for _ in range(PROPOSALS * budget):
        trial = study.ask()
        values = _proposed(trial, space)
        found = ask(values)
        if found is None:
            study.tell(trial, [WORST] * goals)
            continue
        key, point = found
        study.tell(trial, np.where(np.isnan(point), WORST, point).tolist())
        looked_up.setdefault(key, tuple(values))
        if len(looked_up) == budget:
            break
    return looked_up


def _proposed(trial: Trial, space: Space) -> list[int]:
    return [trial.suggest_categorical(f"v{place}", range(count)) for place, count in enumerate(space.layout.choices)]


def _optuna() -> Any:
    need_packages("Optuna as a rival", "bench", {"optuna": "optuna"})
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
