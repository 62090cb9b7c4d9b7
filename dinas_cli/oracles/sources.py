"""Sources of one space: which of them answers a column, and what is asked of them by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.errors import NotFoundError
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.spaces.shared.settings import published

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.oracles.tables import Table
    from dinas_cli.spaces.shared.protocol import Space
    from dinas_cli.spaces.shared.settings import Setting


@dataclass(frozen=True)
class Answer:
    """How a column is answered: its unit, its source, and how well the source ranks unseen architectures."""

    unit: str
    source: str
    """``"table"``, ``"computed"`` or ``"surrogate"``."""
    kendall_tau: float | None = None
    """Held-out Kendall tau of a surrogate; None where values are exact."""


class Sources:
    """The sources of one space, strongest first: its table, closed forms (parameters, MACs), its surrogate."""

    def __init__(
        self,
        space: Space,
        table: Table | None = None,
        surrogate: Surrogate | Callable[[], Surrogate | None] | None = None,
        settings: Callable[[], Mapping[str, Setting]] = dict,
    ) -> None:
        """A ``surrogate`` that is a function is called when it is first needed, and so is ``settings``: what the costs
        of the user's devices are about, by column."""
        self.space = space
        self.table = table
        self._surrogate = surrogate
        self._settings = settings
        self._reference: dict[str, np.ndarray] = {}
        self._guessed: dict[str, np.ndarray] = {}
        self._keyed: tuple[np.ndarray, np.ndarray] | None = None

    @cached_property
    def surrogate(self) -> Surrogate | None:
        """The surrogate, or None when the space has none here."""
        return self._surrogate() if callable(self._surrogate) else self._surrogate

    def answer(self, column: str) -> Answer | None:
        """How a column is answered, or None when no source has it."""
        tabled = self.table is not None and column in self.table.columns
        if tabled and self._complete:
            return self._by_table(column)
        if column in self._closed_forms:
            return Answer(find_metric(self.space, split_column(column)[0]).unit, "computed")
        if self.surrogate is not None and column in self.surrogate.columns():
            return Answer(self.surrogate.columns()[column], "surrogate", self.surrogate.kendall_tau(column))
        return self._by_table(column) if tabled else None

    def tabled(self, values: np.ndarray, column: str) -> np.ndarray:
        """What the table knows of a column for architectures ``(B, V)``: ``(B,)`` float64, NaN elsewhere."""
        import numpy as np

        if self.table is None or column not in self.table.columns:
            return np.full(len(values), np.nan)
        return self.table.lookup(self.keys(values), column)

    def columns(self) -> dict[str, Answer]:
        """Every column that some source answers, those of the strongest source first."""
        answers = {name: self.answer(name) for name in self._names()}
        return {name: answer for name, answer in answers.items() if answer is not None}

    @property
    def own_datasets(self) -> tuple[str, ...]:
        """The user's data sets that are known here."""
        orders = {} if self.surrogate is None else self.surrogate.orders
        return tuple(order.dataset.name for order in orders.values())

    def tau(self, column: str) -> float | None:
        """Held-out Kendall tau of a column that the surrogate answers; None where values are exact."""
        answer = self.answer(column)
        return None if answer is None else answer.kendall_tau

    def devices(self, metric: str) -> tuple[str, ...]:
        """Devices for which some source answers ``metric``."""
        parts = [split_column(name) for name in self._names()]
        return tuple(dict.fromkeys(device for name, device, _ in parts if name == metric and device))

    def find(self, metric: str, *, dataset: str | None = None, device: str | None = None) -> str | None:
        """The column of a metric on a dataset and device, or None when no source has it.

        A device measured once for all datasets answers for any of them.
        """
        for key in dict.fromkeys((column_key(metric, device, dataset), column_key(metric, device))):
            if self.answer(key) is not None:
                return key
        return None

    def setting(self, column: str) -> Setting | None:
        """Which network the costs of a device's column are about; None where nobody said, and for other columns."""
        _, device, dataset = split_column(column)
        if device is None:
            return None
        return published(self.space, device, dataset) or self._own_settings.get(column)

    def keys(self, values: np.ndarray) -> np.ndarray:
        """Table keys ``(B,)`` int64 of architectures ``(B, V)``."""
        import numpy as np

        cells = np.asarray(values)
        # Column after column is asked about the same architectures, and keys cost more than the look-up.
        if self._keyed is None or not np.array_equal(self._keyed[0], cells):
            key = self.space.key
            keys = np.fromiter((key(row) for row in cells.tolist()), np.int64, len(cells))
            self._keyed = (cells.copy(), keys)
        return self._keyed[1]

    def missing(self, column: str) -> NotFoundError:
        """The error for a column that no source at hand has."""
        space = self.space.name
        metric, device, dataset = split_column(column)
        columns = [split_column(name) for name in self._names()]
        known = [other for name, named, other in columns if (name, named) == (metric, device) and other]
        hint = f"dinas tables import {space} FILE..."
        if metric == self.space.rank_metric and dataset is not None and dataset not in self.space.datasets:
            hint = "a data set of yours? see: dinas datasets list"
        if device is not None and dataset is not None and known:
            hint = f"choose --dataset {' or '.join(known)}, or: {hint}, or: dinas devices add {device} FILE"
        return NotFoundError(f"no source at hand knows {column} of {space}", hint)

    def _names(self) -> tuple[str, ...]:
        """Columns that some source has, those of the strongest source first."""
        names = list(self.table.columns) if self.table is not None else []
        names += self._closed_forms
        if self.surrogate is not None:
            names += self.surrogate.columns()
        return tuple(dict.fromkeys(names))

    @cached_property
    def _own_settings(self) -> Mapping[str, Setting]:
        return self._settings()

    @cached_property
    def _reference_values(self) -> np.ndarray:
        return self.space.reference()

    @cached_property
    def _closed_forms(self) -> tuple[str, ...]:
        """Columns with a closed form."""
        datasets = self.space.datasets or (None,)
        return tuple(column_key(name, None, dataset) for name in self.space.closed_forms for dataset in datasets)

    @cached_property
    def _complete(self) -> bool:
        """Whether the table stands for its space: it is small enough to be held, or held all the same."""
        table = self.table
        return table is not None and (table.architectures is None or table.rows == self.space.table_rows)

    def _by_table(self, column: str) -> Answer:
        assert self.table is not None
        return Answer(self.table.columns[column].unit, "table")
