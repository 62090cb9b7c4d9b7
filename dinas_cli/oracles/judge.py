"""Whether architectures satisfy a request, by the oracles at hand."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dinas_cli.conditions import Request, find_metric
from dinas_cli.oracles import Oracles
from dinas_cli.schema import column_key

if TYPE_CHECKING:
    import numpy as np


class Judge:
    """Checks one request; everything that depends on the request alone is worked out once."""

    def __init__(self, oracles: Oracles, request: Request) -> None:
        """Find the columns the request is about; raise :class:`NotFoundError` when no source at hand has one."""
        self.oracles = oracles
        self.request = request
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

    def feasible(self, values: np.ndarray) -> np.ndarray:
        """Which of the architectures ``(B, V)`` meet everything but the rank: ``(B,)`` bool; unknown is no."""
        return self._within([self.oracles.metric(values, column)[0] for column, _, _ in self._limits], len(values))

    def satisfied(self, values: np.ndarray) -> np.ndarray:
        """Which of the architectures ``(B, V)`` satisfy the whole request: ``(B,)`` bool; unknown is no."""
        met = self.feasible(values)
        if self._ranked is None or self.request.rank is None:
            return met
        ranked = self.oracles.metric(values, self._ranked)[0]
        bound = self.threshold
        better: np.ndarray = ranked >= bound if self._upwards(self.request.rank.metric) else ranked <= bound
        return met & better

    @cached_property
    def reference_feasible(self) -> np.ndarray:
        """Which reference architectures meet everything but the rank: ``(R,)`` bool."""
        rows = len(self.oracles.space.reference())
        return self._within([self.oracles.reference(column) for column, _, _ in self._limits], rows)

    @cached_property
    def threshold(self) -> float:
        """The value of the ranked metric from which on an architecture is in the top share of the feasible ones.

        At least one architecture is in the top share of any feasible set; NaN when nothing is feasible or no rank is
        asked for.
        """
        import numpy as np

        if self._ranked is None or self.request.rank is None:
            return float("nan")
        known = self.oracles.reference(self._ranked)[self.reference_feasible]
        known = np.sort(known[~np.isnan(known)])
        if not len(known):
            return float("nan")
        # A hair more than the product, so that 5 % of 100 is 5 whatever rounding does.
        count = min(len(known), max(1, int(len(known) * self.request.rank.top / 100 + 1e-9)))
        return float(known[-count] if self._upwards(self.request.rank.metric) else known[count - 1])

    def _within(self, found: list[np.ndarray], rows: int) -> np.ndarray:
        """Whether values ``(rows,)`` of every limited column keep to the limit."""
        import numpy as np

        met = np.ones(rows, bool)
        for values, (_, limit, upwards) in zip(found, self._limits, strict=True):
            met &= values >= limit if upwards else values <= limit
        return met

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
