"""A benchmark's table plays the trainer: searches without training, whose clock is the number of trainings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dinas_cli.architectures.conditions import check_dataset, find_metric
from dinas_cli.errors import NotFoundError
from dinas_cli.files.columns import column_key
from dinas_cli.oracles.tables import Table
from dinas_cli.search.trials import Beat, Result, Trial
from dinas_cli.spaces.shared.protocol import Space


class SimulatedTrials:
    """A back end (:class:`dinas_cli.search.trials.BackEnd`) that looks up what the benchmark trained.

    What needs images is left out: there are none.
    """

    def __init__(self, space: Space, dataset: str | None = None, table: Table | None = None) -> None:
        """``dataset`` is played (None: the space's first), by its imported table or by ``table``.

        Raises :class:`UsageProblem` for a data set that the space does not have, :class:`NotFoundError` without a table
        that knows it.
        """
        self.space, self.dataset = space, check_dataset(space, dataset)
        self.table = Table.open(space.name) if table is None else table
        self.column = column_key(space.rank_metric, None, self.dataset)
        if self.column not in self.table.columns:
            raise NotFoundError(
                f"the table of {space.name} has no column {self.column!r}", f"dinas tables list {space.name}"
            )
        self._spec = find_metric(space, space.rank_metric)

    @property
    def identity(self) -> Mapping[str, Any]:
        """What was looked up where."""
        return {"back_end": "table", "space": self.space.name, "column": self.column, "sources": self.table.sources}

    def run(self, trial: Trial, folder: Path, beat: Beat) -> Result:
        """The benchmark's own value; a trial that it has none of failed. Nothing is written to ``folder``."""
        values = trial.record.values or self.space.encode(trial.record.genotype)
        found = float(self.table.lookup(np.array([self.space.key(values)]), self.column)[0])
        beat()
        unit, better = self._spec.unit, self._spec.better
        if np.isnan(found):
            return Result(None, self.column, unit, better, failed=f"the table has no {self.column} of it")
        return Result(found, self.column, unit, better)
