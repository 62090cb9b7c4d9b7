"""Whether architectures satisfy a request, by the oracles at hand."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.conditions import Request, find_metric
from dinas_cli.generation import chances
from dinas_cli.generation.ranks import NEGLIGIBLE, Field, fine_enough
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.shared.protocol import enumerable

if TYPE_CHECKING:
    from dinas_cli.oracles.surrogate import Surrogate


class Judge:
    """Checks one request; everything that depends on the request alone is worked out once.

    Values of a table or a closed form decide as they are. A surrogate's are uncertain: with ``confidence`` (a
    probability), a limit counts as met only when a measurement would meet it that likely. Limits are a promise, ranks
    a wish: the best guess decides whether a rank is reached, but then it must be reached among the architectures
    weighted by how likely they are feasible as well as among those that the best guess calls feasible. Whatever
    satisfies with a confidence therefore satisfies without one.
    """

    def __init__(
        self, oracles: Oracles, request: Request, confidence: float | None = None, *, lenient: bool = False
    ) -> None:
        """Find the columns the request is about; raise :class:`NotFoundError` when no source at hand has one.

        With ``lenient`` a rank is taken among what the best guess calls feasible alone.
        """
        self.oracles = oracles
        self.request = request
        self.confidence = confidence
        self.lenient = lenient
        self._chance = chances.best_guess if confidence is None else chances.probability
        self._limits: list[chances.Bound] = []
        for budget in request.budgets:
            column = self._column(budget.metric, budget.device)
            self._limits.append((column, budget.limit, self._upwards(budget.metric) != budget.reverse))
        if request.floor is not None:
            column = self._column(request.floor.metric, dataset=request.judged)
            self._limits.append((column, request.floor.value, self._upwards(request.floor.metric)))
        self._ranked = None if request.rank is None else self._column(request.rank.metric, dataset=request.judged)
        self.best = None if request.best is None else self._column(request.best.metric, dataset=request.judged)
        """The column whose best is asked for; it decides nothing."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the request is about, budgets first."""
        names = [*(column for column, _, _ in self._limits), self._ranked, self.best]
        return tuple(dict.fromkeys(name for name in names if name is not None))

    @property
    def limits(self) -> tuple[chances.Bound, ...]:
        """Every limit as (column, limit, whether at least), budgets first, then the floor."""
        return tuple(self._limits)

    @property
    def source(self) -> str:
        """The weakest source that decides: ``surrogate``, ``table`` or ``computed``; empty when nothing is asked."""
        answers = [self.oracles.answer(column) for column in self.columns]
        sources = {answer.source for answer in answers if answer is not None}
        sources |= {"surrogate" for column in self.columns if self._guesses(column) is not None}
        return next((name for name in ("surrogate", "table", "computed") if name in sources), "")

    def at(self, confidence: float) -> Judge:
        """The same judge with another confidence; what does not depend on it is not worked out again."""
        if self.confidence is None:
            return Judge(self.oracles, self.request, confidence, lenient=self.lenient)
        other = copy(self)
        other.confidence = confidence
        return other

    def count_satisfied(self) -> int:
        """How many architecture ids of the reference satisfy the whole request."""
        space = self.oracles.space
        return len({space.canonical_id(row) for row in self._reference[self.reference_satisfied].tolist()})

    def feasible(self, values: np.ndarray | None) -> np.ndarray:
        """Which of the architectures ``(B, V)`` (None: the reference) meet everything but the rank: ``(B,)`` bool.

        What no source has a value of does not meet a limit on it.
        """
        return chances.least(self._chances(values)) >= self.level

    def satisfied(self, values: np.ndarray) -> np.ndarray:
        """Which of the architectures ``(B, V)`` satisfy the whole request: ``(B,)`` bool; unknown is no."""
        return self.sureness(values) >= self.level

    def satisfied_as_measured(self, values: np.ndarray, measured: Mapping[int, np.ndarray]) -> np.ndarray:
        """The same by costs ``(B,)`` measured of some limits, by number; ranks stay among what is predicted to fit."""
        met = np.ones(len(values), bool)
        for number, limit in enumerate(self._limits):
            if number in measured:
                met &= chances.keeps(measured[number], limit)
            else:
                met &= self._chance(self.oracles, values, limit) >= self.level
        if self._ranked is None:
            return met
        reached = self.oracles.ranking(values, self._ranked) >= self.threshold
        surrogate = self._guesses(self._ranked)
        if surrogate is not None:  # the last digits must not decide, see sureness
            rows, known = surrogate.among.rows(values), self.oracles.ranking(None, self._ranked) >= self.threshold
            reached = np.where(rows < 0, reached, known[rows])
        return met & reached

    def sureness(self, values: np.ndarray) -> np.ndarray:
        """The highest confidence with which each of the architectures ``(B, V)`` satisfies: ``(B,)``, 0 for never.

        Without a confidence, 1 for what satisfies by the best guess.
        """
        surrogate = None if self._ranked is None else self._guesses(self._ranked)
        if surrogate is None:
            return self._sureness(values)
        # The last digits of a prediction depend on which others are made with it. Next to a rank's threshold they
        # would decide, so every architecture of the reference is judged with all of it, however it comes here.
        rows = surrogate.among.rows(values)
        found: np.ndarray = self.reference_sureness[rows]
        if (rows < 0).any():
            found = np.where(rows < 0, self._sureness(values), found)
        return found

    def probabilities(self, values: np.ndarray) -> dict[str, np.ndarray]:
        """The probability ``(B,)`` by column that architectures ``(B, V)`` keep to its limits; NaN where certain."""
        likely = [chances.probability(self.oracles, values, limit) for limit in self._limits]
        kept = zip(
            dict.fromkeys(limit[0] for limit in self._limits), chances.by_column(self._limits, likely), strict=True
        )
        return {column: np.where(self.oracles.guessed(values, column), chance, np.nan) for column, chance in kept}

    @property
    def reference_satisfied(self) -> np.ndarray:
        """Which reference architectures satisfy the whole request: ``(R,)`` bool."""
        return self.reference_sureness >= self.level

    @cached_property
    def reference_sureness(self) -> np.ndarray:
        """The :meth:`sureness` of the reference architectures: ``(R,)``."""
        return self._sureness(None)

    @cached_property
    def reference_chances(self) -> list[np.ndarray]:
        """For every limit, how likely each reference architecture keeps to it: ``(R,)`` in [0, 1]."""
        return [self._chance(self.oracles, None, limit) for limit in self._limits]

    @cached_property
    def reference_chance(self) -> np.ndarray:
        """How likely each reference architecture meets everything but the rank: ``(R,)`` in [0, 1]."""
        return chances.product(self._chances(None))

    @cached_property
    def field(self) -> Field:
        """The architectures among which the rank is taken: the reference, or a larger sample where that is too coarse.

        Raises :class:`UnsatisfiedError` for a rank that no sample of bearable size can tell.
        """
        assert self._ranked is not None
        assert self.request.rank is not None
        column, chance = self._ranked, self.reference_chance
        ranking = np.where(chance > NEGLIGIBLE, self.oracles.ranking(None, column), np.nan)
        found = Field(ranking, chance, chances.least(self._chances(None)) >= 0.5)
        if enumerable(self.oracles.space):
            return found

        def more(values: np.ndarray) -> Field:
            found = self._chances(values)
            chance = chances.product(found)
            kept = chance > NEGLIGIBLE
            ranking = self.oracles.ranking(values[kept], column) if kept.any() else np.empty(0)
            return Field(ranking, chance[kept], chances.least(found)[kept] >= 0.5)

        return fine_enough(found, self.request.rank, self.oracles.space, more)

    @cached_property
    def threshold(self) -> float:
        """What an architecture's :meth:`.Oracles.ranking` must reach to be in the top share of the feasible ones.

        At least one architecture is in the top share of any feasible set; NaN when nothing is feasible or no rank is
        asked for.
        """
        if self._ranked is None or self.request.rank is None:
            return float("nan")
        return self.field.threshold(self.request.rank.top, lenient=self.lenient)

    def sure_limits(self, index: int) -> np.ndarray:
        """The strictest value limit number ``index`` could have for each reference architecture to meet it: ``(R,)``.

        NaN where no source has a value.
        """
        column = self._limits[index][0]
        found = self.oracles.reference(column)
        surrogate = self._guesses(column)
        if surrogate is None or self.confidence is None:
            return found
        opposite = chances.reversed_side(self.oracles, self._limits[index])
        sure = surrogate.sure_limits(column, 1 - self.confidence if opposite else self.confidence)
        return np.where(self.oracles.guessed(None, column), sure, found)

    @property
    def level(self) -> float:
        """The least chance that counts as met; without a confidence chances are 0 or 1."""
        return 0.5 if self.confidence is None else self.confidence

    def _chances(self, values: np.ndarray | None) -> np.ndarray:
        """How likely the limits on each column are kept ``(columns, B)``: 0 or 1 where values count as certain."""
        if values is None:
            found = self.reference_chances
        else:
            found = [self._chance(self.oracles, values, limit) for limit in self._limits]
        by_column = chances.by_column(self._limits, found)
        return by_column.reshape(len(by_column), len(self._reference if values is None else values))

    def _sureness(self, values: np.ndarray | None) -> np.ndarray:
        least = chances.least(self._chances(values))
        if self._ranked is None:
            return least
        reached: np.ndarray = self.oracles.ranking(values, self._ranked) >= self.threshold
        return np.where(reached, least, 0.0)

    def _guesses(self, column: str) -> Surrogate | None:
        """The surrogate where it answers a column, or what a table lacks of it."""
        return self.oracles.surrogate if self.oracles.guessed(None, column).any() else None

    @cached_property
    def _reference(self) -> np.ndarray:
        return self.oracles.space.reference()

    def _column(self, metric: str, device: str | None = None, dataset: str | None = None) -> str:
        return self.oracles.column(metric, dataset=dataset or self.request.dataset, device=device)

    def _upwards(self, metric: str) -> bool:
        return find_metric(self.oracles.space, metric).better == "max"
