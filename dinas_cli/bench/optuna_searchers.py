"""Optuna's searches as rivals: its tree-structured Parzen estimator for one goal, its NSGA-II for a front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.bench.problems import Ledger, Problem
from dinas_cli.errors import NotFoundError

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
    problem, there = ledger.problem, _there(ledger.problem)
    for _ in range(PROPOSALS * ledger.budget):
        trial = study.ask()
        values = _proposed(trial, problem)
        good = problem.valid(values) and (there is None or problem.space.key(values) in there)
        trial.set_constraint("broken", float(not good))
        study.tell(trial, ledger.ask(values) if good else 0.0)


def nsga(problem: Problem, columns: Sequence[str], budget: int, seed: int) -> np.ndarray:
    """Optuna's NSGA-II for the ranked metric and the lowest table values of ``columns``, ``budget`` different rows.

    Returns the architectures ``(k, V)`` that were looked up; what does not run is worse than everything that does.
    """
    asked: dict[int, tuple[int, ...]] = {}
    sampler = _optuna().samplers.NSGAIISampler(population_size=POPULATION, seed=seed)
    study = _optuna().create_study(directions=["minimize"] * (1 + len(columns)), sampler=sampler)
    for _ in range(PROPOSALS * budget):
        trial = study.ask()
        values = _proposed(trial, problem)
        if not problem.valid(values):
            study.tell(trial, [WORST] * (1 + len(columns)))
            continue
        row = np.array([values])
        keys = problem.keys(row)
        costs = [float(problem.table.lookup(keys, column)[0]) for column in columns]
        point = [-problem.sign * float(problem.look_up(row)[0]), *costs]
        study.tell(trial, [WORST if np.isnan(value) else value for value in point])
        asked.setdefault(int(keys[0]), tuple(values))
        if len(asked) == budget:
            break
    return np.array(list(asked.values()))


def _proposed(trial: Trial, problem: Problem) -> list[int]:
    choices = enumerate(problem.space.layout.choices)
    return [trial.suggest_categorical(f"v{place}", range(count)) for place, count in choices]


def _there(problem: Problem) -> set[int] | None:
    """Keys of what can be looked up; None where everything can."""
    return None if problem.pool is None else set(problem.keys(problem.pool).tolist())


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise NotFoundError("Optuna's searches need the package optuna", "pip install 'dinas[bench]'") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
