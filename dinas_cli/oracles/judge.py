"""Whether architectures satisfy a request, by the oracles at hand."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dinas_cli.conditions import Request, find_metric
from dinas_cli.oracles import Oracles
from dinas_cli.schema import column_key

if TYPE_CHECKING:
    import numpy as np


RANK_CONFIDENCE = 0.5
"""How likely a rank must be where the surrogate answers it: ranks are a wish, limits are a promise."""


class Judge:
    """Checks one request; everything that depends on the request alone is worked out once.

    Values of a table or a closed form decide as they are. A surrogate's are uncertain: with ``confidence`` (a
    probability), a limit counts as met only when a measurement would meet it that likely, and ranks are taken among
    architectures weighted by how likely they are feasible. Without it, the surrogate's best guess decides.
    """

    def __init__(self, oracles: Oracles, request: Request, confidence: float | None = None) -> None:
        """Find the columns the request is about; raise :class:`NotFoundError` when no source at hand has one."""
        self.oracles = oracles
        self.request = request
        self.confidence = confidence
        self._limits: list[tuple[str, float, bool]] = []
        for budget in request.budgets:
            self._limits.append((self._column(budget.metric, budget.device), budget.limit, False))
        if request.floor is not None:
            self._limits.append(
                (self._column(request.floor.metric), request.floor.value, self._upwards(request.floor.metric))
            )
        self._ranked = None if request.rank is None else self._column(request.rank.metric)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that decide, budgets first."""
        names = [column for column, _, _ in self._limits]
        return tuple(dict.fromkeys(names if self._ranked is None else [*names, self._ranked]))

    @property
    def limits(self) -> tuple[tuple[str, float, bool], ...]:
        """Every limit as (column, limit, whether at least)."""
        return tuple(self._limits)

    def feasible(self, values: np.ndarray) -> np.ndarray:
        """Which of the architectures ``(B, V)`` meet everything but the rank: ``(B,)`` bool; unknown is no."""
        import numpy as np

        met = np.ones(len(values), bool)
        for column, limit, upwards in self._limits:
            met &= self._chance(values, column, limit, upwards) >= (self.confidence or 0.5)
        return met

    def satisfied(self, values: np.ndarray) -> np.ndarray:
        """Which of the architectures ``(B, V)`` satisfy the whole request: ``(B,)`` bool; unknown is no."""
        met = self.feasible(values)
        if self._ranked is None or self.request.rank is None:
            return met
        chance = self._chance(values, self._ranked, self.threshold, self._upwards(self.request.rank.metric))
        wanted = 0.5 if self.confidence is None else min(RANK_CONFIDENCE, self.confidence)
        better: np.ndarray = chance >= wanted
        return met & better

    @cached_property
    def reference_chance(self) -> np.ndarray:
        """How likely each reference architecture meets everything but the rank: ``(R,)`` in [0, 1]."""
        import numpy as np

        values = self.oracles.space.reference()
        chance = np.ones(len(values))
        for column, limit, upwards in self._limits:
            found = self._chance(values, column, limit, upwards)
            chance *= found >= 0.5 if self.confidence is None else found
        return chance

    @cached_property
    def threshold(self) -> float:
        """The value of the ranked metric from which on an architecture is in the top share of the feasible ones.

        At least one architecture is in the top share of any feasible set; NaN when nothing is feasible or no rank is
        asked for.
        """
        import numpy as np

        if self._ranked is None or self.request.rank is None:
            return float("nan")
        upwards = self._upwards(self.request.rank.metric)
        ranked = self.oracles.reference(self._ranked)
        chance = np.where(np.isnan(ranked), 0.0, self.reference_chance)
        order = np.argsort(-ranked if upwards else ranked, kind="stable")
        running = np.cumsum(chance[order])
        if not running[-1] > 0:
            return float("nan")
        # A hair more than the product, so that 5 % of 100 is 5 whatever rounding does.
        wanted = max(float(running[-1]) * self.request.rank.top / 100 + 1e-9, min(1.0, float(running[-1])))
        last = max(int(np.searchsorted(running, wanted + 1e-6, side="right")) - 1, int(np.argmax(running > 0)))
        feasible = order[: last + 1][chance[order[: last + 1]] > 0]
        return float(ranked[feasible[-1]])

    def _chance(self, values: np.ndarray, column: str, limit: float, upwards: bool) -> np.ndarray:
        """How likely architectures ``(B, V)`` keep to a limit: ``(B,)``, 0 or 1 where values are certain."""
        import numpy as np

        answer, surrogate = self.oracles.answer(column), self.oracles.surrogate
        if self.confidence is not None and answer is not None and answer.source == "surrogate" and surrogate:
            if upwards:
                return surrogate.probability_at_least(values, column, limit)
            return surrogate.probability_at_most(values, column, limit)
        found = self.oracles.metric(values, column)[0]
        return np.asarray(found >= limit if upwards else found <= limit, dtype=float)

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
