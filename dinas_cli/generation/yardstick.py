"""What relative limits are relative to, by the oracles at hand, which are read when the first one is asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.conditions import Request, find_metric
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.errors import UnsatisfiedError
from dinas_cli.generation.judge import Judge

if TYPE_CHECKING:
    from dinas_cli.oracles.answers import Oracles
    from dinas_cli.spaces.shared.protocol import Space


class Reference:
    """The :class:`.parsing.Yardstick` of a space: its reference architectures."""

    def __init__(self, space: Space, oracles: Oracles | None = None) -> None:
        self.space = space
        self._given = oracles

    @cached_property
    def oracles(self) -> Oracles:
        """Table and surrogate."""
        return self._given or oracles_at_hand(self.space)

    def median(self, metric: str, device: str | None, dataset: str | None) -> float:
        """The median of a metric over the reference, in its unit; :class:`NotFoundError` where no source has it."""
        column = self.oracles.column(metric, dataset=dataset, device=device)
        return float(np.nanmedian(self.oracles.reference(column)))

    def reached(self, request: Request, metric: str, top: float) -> float:
        """What the best ``top`` percent by a metric reach, of the reference architectures that meet the ``request``.

        Raises :class:`UnsatisfiedError` where none does.
        """
        values = self.oracles.reference(self.oracles.column(metric, dataset=request.dataset))
        values = values[Judge(self.oracles, request).feasible(None) & ~np.isnan(values)]
        if not len(values):
            raise UnsatisfiedError(
                f"no architecture of {self.space.name} meets {request.describe(self.space)}", "relax a limit"
            )
        upwards = find_metric(self.space, metric).better == "max"
        return float(np.quantile(values, 1 - top / 100 if upwards else top / 100))
