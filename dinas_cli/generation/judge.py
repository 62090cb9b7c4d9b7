"""Whether architectures satisfy a request, by the oracles at hand."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.conditions import Request, find_metric
from dinas_cli.files.columns import column_key
from dinas_cli.oracles.answers import Oracles

if TYPE_CHECKING:
    from dinas_cli.oracles.surrogate import Surrogate


NEGLIGIBLE = 1e-6
"""Chance of being feasible below which an architecture plays no part in a rank."""


class Judge:
    """Checks one request; everything that depends on the request alone is worked out once.

    Values of a table or a closed form decide as they are. A surrogate's are uncertain: with ``confidence`` (a
    probability), a limit counts as met only when a measurement would meet it that likely. Limits are a promise, ranks
    a wish: the best guess decides whether a rank is reached, but then it must be reached among the architectures
    weighted by how likely they are feasible as well as among those that the best guess calls feasible. Whatever
    satisfies with a confidence therefore satisfies without one.
    """

    def __init__(self, oracles: Oracles, request: Request, confidence: float | None = None) -> None:
        """Find the columns the request is about; raise :class:`NotFoundError` when no source at hand has one."""
        self.oracles = oracles
        self.request = request
        self.confidence = confidence
        self._limits: list[tuple[str, float, bool]] = []
        for budget in request.budgets:
            column = self._column(budget.metric, budget.device)
            self._limits.append((column, budget.limit, self._upwards(budget.metric)))
        if request.floor is not None:
            column = self._column(request.floor.metric)
            self._limits.append((column, request.floor.value, self._upwards(request.floor.metric)))
        self._ranked = None if request.rank is None else self._column(request.rank.metric)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that decide, budgets first."""
        names = [column for column, _, _ in self._limits]
        return tuple(dict.fromkeys(names if self._ranked is None else [*names, self._ranked]))

    @property
    def limits(self) -> tuple[tuple[str, float, bool], ...]:
        """Every limit as (column, limit, whether at least), budgets first, then the floor."""
        return tuple(self._limits)

    @property
    def source(self) -> str:
        """The weakest source that decides: ``surrogate``, ``table`` or ``computed``; empty when nothing is asked."""
        answers = [self.oracles.answer(column) for column in self.columns]
        sources = {answer.source for answer in answers if answer is not None}
        return next((name for name in ("surrogate", "table", "computed") if name in sources), "")

    def count_satisfied(self) -> int:
        """How many architecture ids of the reference satisfy the whole request."""
        space = self.oracles.space
        return len({space.canonical_id(row) for row in self._reference[self.reference_satisfied].tolist()})

    def feasible(self, values: np.ndarray | None) -> np.ndarray:
        """Which of the architectures ``(B, V)`` (None: the reference) meet everything but the rank: ``(B,)`` bool.

        What no source has a value of does not meet a limit on it.
        """
        chances = self.reference_chances if values is None else [self._chance(values, *limit) for limit in self._limits]
        met = np.ones(len(self._reference if values is None else values), bool)
        for chance in chances:
            met &= chance >= (self.confidence or 0.5)
        return met

    def satisfied(self, values: np.ndarray) -> np.ndarray:
        """Which of the architectures ``(B, V)`` satisfy the whole request: ``(B,)`` bool; unknown is no."""
        surrogate = None if self._ranked is None else self._guesses(self._ranked)
        if surrogate is None:
            return self._satisfied(values)
        # The last digits of a prediction depend on which others are made with it. Next to a rank's threshold they
        # would decide, so every architecture of the reference is judged with all of it, however it comes here.
        rows = surrogate.rows(values)
        met: np.ndarray = self.reference_satisfied[rows]
        if (rows < 0).any():
            met = np.where(rows < 0, self._satisfied(values), met)
        return met

    @cached_property
    def reference_satisfied(self) -> np.ndarray:
        """Which reference architectures satisfy the whole request: ``(R,)`` bool."""
        return self._satisfied(None)

    @cached_property
    def reference_chances(self) -> list[np.ndarray]:
        """For every limit, how likely each reference architecture keeps to it: ``(R,)`` in [0, 1]."""
        return [self._chance(None, *limit) for limit in self._limits]

    @cached_property
    def reference_chance(self) -> np.ndarray:
        """How likely each reference architecture meets everything but the rank: ``(R,)`` in [0, 1]."""
        chance = np.ones(len(self._reference))
        for one in self.reference_chances:
            chance *= one
        return chance

    @cached_property
    def threshold(self) -> float:
        """What an architecture's :meth:`.Oracles.ranking` must reach to be in the top share of the feasible ones.

        At least one architecture is in the top share of any feasible set; NaN when nothing is feasible or no rank is
        asked for.
        """
        if self._ranked is None or self.request.rank is None:
            return float("nan")
        guess = np.ones(len(self._reference))
        for one in self.reference_chances:
            guess *= one >= 0.5
        found = self._threshold(guess)
        if self.confidence is None:
            return found
        return float(np.fmax(found, self._threshold(self.reference_chance)))

    def sure_limits(self, index: int) -> np.ndarray:
        """The strictest value limit number ``index`` could have for each reference architecture to meet it: ``(R,)``.

        NaN where no source has a value.
        """
        column = self._limits[index][0]
        surrogate = self._guesses(column)
        if surrogate is None or self.confidence is None:
            return self.oracles.reference(column)
        return surrogate.sure_limits(column, self.confidence)

    def _satisfied(self, values: np.ndarray | None) -> np.ndarray:
        met = self.feasible(values)
        if self._ranked is None or self.request.rank is None:
            return met
        ranked = self._reference_ranking if values is None else self.oracles.ranking(values, self._ranked)
        better: np.ndarray = ranked >= self.threshold
        return met & better

    def _threshold(self, chance: np.ndarray) -> float:
        """The threshold of the rank among reference architectures weighted by ``chance (R,)``."""
        if self._ranked is None or self.request.rank is None:
            return float("nan")
        ranked = self._reference_ranking
        chance = np.where(np.isnan(ranked), 0.0, chance)
        order = np.argsort(-ranked, kind="stable")
        running = np.cumsum(chance[order])
        if not running[-1] > 0:
            return float("nan")
        # A hair more than the product, so that 5 % of 100 is 5 whatever rounding does.
        wanted = max(float(running[-1]) * self.request.rank.top / 100 + 1e-9, min(1.0, float(running[-1])))
        last = max(int(np.searchsorted(running, wanted + 1e-6, side="right")) - 1, int(np.argmax(running > 0)))
        feasible = order[: last + 1][chance[order[: last + 1]] > 0]
        return float(ranked[feasible[-1]])

    def _chance(self, values: np.ndarray | None, column: str, limit: float, upwards: bool) -> np.ndarray:
        """How likely architectures ``(B, V)`` keep to a limit: ``(B,)``, 0 or 1 where values count as certain."""
        surrogate = self._guesses(column)
        if surrogate is not None and self.confidence is not None:
            return surrogate.probability(values, column, limit)
        found = self.oracles.reference(column) if values is None else self.oracles.metric(values, column)[0]
        return np.asarray(found >= limit if upwards else found <= limit, dtype=float)

    def _guesses(self, column: str) -> Surrogate | None:
        """The surrogate where it is what answers a column."""
        answer = self.oracles.answer(column)
        return self.oracles.surrogate if answer is not None and answer.source == "surrogate" else None

    @cached_property
    def _reference_ranking(self) -> np.ndarray:
        """What the reference architectures are ranked by: ``(R,)``, NaN where it plays no part."""
        assert self._ranked is not None
        return np.where(self.reference_chance > NEGLIGIBLE, self.oracles.ranking(None, self._ranked), np.nan)

    @cached_property
    def _reference(self) -> np.ndarray:
        return self.oracles.space.reference()

    def _column(self, metric: str, device: str | None = None) -> str:
        spec = find_metric(self.oracles.space, metric)
        # A cost per device may be measured per dataset too, so the dataset always takes part in the search.
        dataset = self.request.dataset or next(iter(self.oracles.space.datasets), None)
        column = self.oracles.find(metric, dataset=dataset, device=device)
        if column is None:
            named = dataset if spec.per_dataset or spec.per_device else None
            raise self.oracles.missing(column_key(metric, device, named))
        return column

    def _upwards(self, metric: str) -> bool:
        return find_metric(self.oracles.space, metric).better == "max"
