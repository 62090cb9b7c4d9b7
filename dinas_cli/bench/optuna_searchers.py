"""Optuna's searches as rivals: its tree-structured Parzen estimator for one goal, its NSGA-II for a front."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.bench.problems import Ledger, Problem
from dinas_cli.errors import need_packages

if TYPE_CHECKING:
    from optuna.trial import Trial

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
        values = _proposed(trial, problem)
        good = problem.valid(values) and (there is None or problem.space.key(values) in there)
        trial.set_constraint("broken", float(not good))
        study.tell(trial, ledger.ask(values) if good else 0.0)


def nsga(problem: Problem, column: str, budget: int, seed: int) -> np.ndarray:
    """Optuna's NSGA-II for the ranked metric and the lowest table values of ``column``, ``budget`` different rows.

    Returns the architectures ``(k, V)`` that were looked up; what does not run is worse than everything that does.
    """
    asked: dict[int, tuple[int, ...]] = {}
    sampler = _optuna().samplers.NSGAIISampler(population_size=POPULATION, seed=seed)
    study = _optuna().create_study(directions=["minimize"] * 2, sampler=sampler)
    for _ in range(PROPOSALS * budget):
        trial = study.ask()
        values = _proposed(trial, problem)
        if not problem.valid(values):
            study.tell(trial, [WORST] * 2)
            continue
        row = np.array([values])
        keys = problem.keys(row)
        point = [-problem.sign * float(problem.look_up(row)[0]), float(problem.table.lookup(keys, column)[0])]
        study.tell(trial, [WORST if np.isnan(value) else value for value in point])
        asked.setdefault(int(keys[0]), tuple(values))
        if len(asked) == budget:
            break
    return np.array(list(asked.values()))


def _proposed(trial: Trial, problem: Problem) -> list[int]:
    choices = enumerate(problem.space.layout.choices)
    return [trial.suggest_categorical(f"v{place}", range(count)) for place, count in choices]


def _optuna() -> Any:
    need_packages("Optuna as a rival", "bench", {"optuna": "optuna"})
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
