"""A benchmark as a search meets it: architectures to choose from, and a look-up that is counted."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.files.columns import column_key
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Values, enumerable, is_valid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.oracles.tables import Table
    from dinas_cli.spaces.shared.protocol import Space

MOST_REDRAWN = 3
"""Variables that a mutation draws anew at most where one alone may not change (two inputs per node, for example)."""


@dataclass(frozen=True, eq=False)  # one opened table is one problem: what is worked out about it can be kept
class Problem:
    """The ranked metric of one space on one dataset.

    ``pool (R, V)`` is everything that can be looked up; None where any architecture of the space can be.
    """

    space: Space
    dataset: str | None
    table: Table
    surrogate: Surrogate
    pool: np.ndarray | None

    @property
    def name(self) -> str:
        """``nasbench201@cifar10``, or the space alone where it has one dataset."""
        return column_key(self.space.name, None, self.dataset)

    @property
    def column(self) -> str:
        """The metric that is searched for."""
        return column_key(self.space.rank_metric, None, self.dataset)

    @property
    def source(self) -> str:
        """What answers a look-up: ``table``, or ``surrogate`` where no table has enough of the space."""
        return "surrogate" if self.pool is None else "table"

    @cached_property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if find_metric(self.space, self.space.rank_metric).better == "max" else -1.0

    def look_up(self, values: np.ndarray) -> np.ndarray:
        """The ranked metric ``(B,)`` of architectures ``(B, V)`` in its own unit; NaN where the table has none."""
        if self.pool is None:
            return self.surrogate.predict(values, self.column)
        return self.table.lookup(self.keys(values), self.column)

    def test(self, values: np.ndarray) -> np.ndarray | None:
        """What is reported of the architecture that look-ups chose: its test accuracy, where the table has one."""
        column = column_key("test_acc", None, self.dataset)
        return self.table.lookup(self.keys(values), column) if column in self.table.columns else None

    def predict(self, values: np.ndarray) -> np.ndarray:
        """The bundled surrogate's opinion ``(B,)``, larger is better."""
        return self.sign * self.surrogate.predict(values, self.column)

    def ranking(self, values: np.ndarray) -> np.ndarray:
        """What the bundled surrogate orders architectures by ``(B,)``, larger is better: :meth:`.Surrogate.ranking`."""
        return self.surrogate.ranking(values, self.column)

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Random architectures ``(count, V)``: of the pool without repetition, where there is one."""
        if self.pool is None:
            return self.space.draw(count, seed)
        rng = np.random.default_rng(seed)
        return self.pool[rng.choice(len(self.pool), min(count, len(self.pool)), replace=False)]

    def keys(self, values: np.ndarray) -> np.ndarray:
        """Table keys ``(B,)`` of architectures."""
        return np.fromiter((self.space.key(row) for row in values.tolist()), np.int64, len(values))

    def neighbours(self, values: Values) -> list[Values]:
        """Every valid architecture that differs in one variable."""
        found = []
        for place, choices in enumerate(self.space.layout.choices):
            for kind in range(choices):
                other = (*values[:place], kind, *values[place + 1 :])
                if kind != values[place] and self.valid(other):
                    found.append(other)
        return found

    def mutate(self, values: Values, rng: np.random.Generator) -> Values:
        """A random valid architecture nearby: one to three variables drawn anew from what is legal there."""
        layout = self.space.layout
        while True:
            row = np.array(values)
            places = rng.permutation(layout.size)[: rng.integers(1, MOST_REDRAWN + 1)]
            if layout.nodes_first:
                places = np.sort(places)
            row[places] = np.array(layout.choices)[places]
            for place in places.tolist():
                legal = self.space.legal(row[None], np.array([place]))
                kinds = np.arange(layout.choices[place])
                if legal is not None:
                    kinds = np.flatnonzero(legal[0, : layout.choices[place]])
                if not len(kinds):
                    break
                row[place] = rng.choice(kinds)
            mutant = tuple(row.tolist())
            if mutant != tuple(values) and self.valid(mutant):
                return mutant

    @cached_property
    def optimum(self) -> float | None:
        """The best value that there is to find; None where nobody knows."""
        if self.pool is None:
            return None
        return self.sign * float(np.nanmax(self.sign * self.look_up(self.pool)))

    @cached_property
    def pool_keys(self) -> frozenset[int] | None:
        """Table keys of what can be looked up; None where everything can."""
        return None if self.pool is None else frozenset(self.keys(self.pool).tolist())

    @property
    def reachable(self) -> int | None:
        """How many different architectures can be looked up; None where nobody can count them."""
        return None if self.pool_keys is None else len(self.pool_keys)

    @property
    def listed(self) -> np.ndarray:
        """The pool ``(R, V)``; raises :class:`ValueError` where there is none."""
        if self.pool is None:
            raise ValueError(f"{self.name} cannot be listed: no table has enough of it")
        return self.pool

    def different(self, values: np.ndarray) -> np.ndarray:
        """Each of the architectures ``(B, V)`` once, where it comes first."""
        _, first = np.unique(self.keys(values), return_index=True)
        return values[np.sort(first)]

    def valid(self, values: Sequence[int]) -> bool:
        """Whether an architecture keeps the rules of its space."""
        return is_valid(self.space, values)


class Spent(Exception):  # no error: how a search learns that it is over
    """All look-ups are used up."""


@dataclass
class Ledger:
    """Counts the look-ups of one search: each different architecture once, those that the table lacks not at all."""

    problem: Problem
    budget: int
    asked: list[Values] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    """Larger is better, whatever the metric."""
    _known: dict[int, float] = field(default_factory=dict)

    def ask(self, values: Sequence[int]) -> float:
        """Look one architecture up; NaN where the table lacks it. Raises :class:`Spent` when none is left."""
        cell = tuple(map(int, values))
        key = self.problem.space.key(cell)
        if key in self._known:
            return self._known[key]
        if len(self.asked) >= self.budget:
            raise Spent
        answer = self.judge(cell, self.problem.sign * float(self.problem.look_up(np.array([cell]))[0]))
        self._known[key] = answer
        if not np.isnan(answer):
            self.asked.append(cell)
            self.answers.append(answer)
        return answer

    @property
    def left(self) -> int:
        """How many look-ups are left to make: of the budget, and of what can be looked up at all."""
        reachable = self.problem.reachable
        return (self.budget if reachable is None else min(self.budget, reachable)) - len(self.asked)

    def judge(self, values: Sequence[int], answer: float) -> float:
        """What a search is told of an architecture whose ranked metric is ``answer``."""
        return answer

    def seen(self, values: Sequence[int]) -> bool:
        """Whether an architecture has been asked about."""
        return self.problem.space.key(tuple(map(int, values))) in self._known

    @property
    def values(self) -> np.ndarray:
        """What was looked up ``(k, V)``, in its order."""
        return np.array(self.asked)


def open_problem(name: str, dataset: str | None, files: Sequence[Path] = ()) -> Problem:
    """The problem of a space, from its imported table or from ``files``; raise :class:`NotFoundError` without one."""
    from dinas_cli.checkpoints.registry import resolve
    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.training.tables import open_table

    space = get_space(name)
    table, folder = open_table(space, files)
    surrogate = Surrogate.load(resolve(None, name, "surrogate"))
    problem = Problem(space, dataset, table, surrogate, _pool(space, dataset, table))
    if folder is not None:  # a table made of files lives in a temporary folder for as long as it can be asked
        weakref.finalize(problem, folder.cleanup)
    return problem


def _pool(space: Space, dataset: str | None, table: Table) -> np.ndarray | None:
    """What can be looked up: the whole space, or the table's part of it where that was drawn at random."""
    values = space.reference() if enumerable(space) else table.architectures
    if values is None or space.table_rows is None:
        return None
    truth = Oracles(space, table)
    known = truth.tabled(values, column_key(space.rank_metric, None, dataset))
    return values[~np.isnan(known)]
