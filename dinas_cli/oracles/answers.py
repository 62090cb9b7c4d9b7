"""Oracles: what answers the metrics of an architecture, from the strongest source at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.oracles.sources import Answer, Sources

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Answer", "Oracles"]


class Oracles(Sources):
    """Values of the strongest source that has a column.

    A column is answered by the strongest source that has it. What a table does not hold of it (a partial import, a row
    it never measured) is filled in by the next source, which :meth:`sources` tells value by value; where a device could
    not run an architecture, the answer is NaN, never a guess. A table that can only hold a part of the space answers
    only what nothing else does; what it knows besides is at hand with :meth:`tabled`.
    """

    def metric(self, values: np.ndarray, column: str) -> tuple[np.ndarray, str]:
        """Values ``(B,)`` float64 of a column for architectures ``(B, V)``, NaN where missing, and the source of most.

        Which of them are another's says :meth:`sources`. Raises :class:`NotFoundError` when no source at hand has the
        column.
        """
        answer = self.answer(column)
        if answer is None:
            raise self.missing(column)
        found = self._known(values, column, answer)
        holes = self._holes(found, values, column, answer)
        if holes.any():
            found = found.copy()
            found[holes] = self._filled(values[holes], column)
        return found, answer.source

    def column(self, metric: str, *, dataset: str | None = None, device: str | None = None) -> str:
        """The column of a metric, on the space's default dataset where none is named, as :meth:`find` looks for it.

        Raises :class:`NotFoundError` when no source at hand has it.
        """
        spec = find_metric(self.space, metric)
        # A cost per device may be measured per dataset too, so the dataset always takes part in the search.
        dataset = dataset or next(iter(self.space.datasets), None)
        found = self.find(metric, dataset=dataset, device=device)
        if found is None:
            raise self.missing(column_key(metric, device, dataset if spec.per_dataset or spec.per_device else None))
        return found

    def reference(self, column: str) -> np.ndarray:
        """Values ``(R,)`` of a column over the space's reference architectures, kept for the next call."""
        if column not in self._reference:
            answer = self.answer(column)
            if answer is not None and answer.source == "surrogate" and self.surrogate is not None:
                self._reference[column] = self.surrogate.reference(column)
            else:
                self._reference[column] = self.metric(self._reference_values, column)[0]
        return self._reference[column]

    def guessed(self, values: np.ndarray | None, column: str) -> np.ndarray:
        """Which architectures ``(B, V)`` the surrogate answers in a column: ``(B,)`` bool.

        None stands for the reference, whose answer is kept for the next call.
        """
        import numpy as np

        if values is None:
            if column not in self._guessed:
                self._guessed[column] = self.guessed(self._reference_values, column)
            return self._guessed[column]
        answer = self.answer(column)
        if answer is None or answer.source != "table":
            return np.full(len(values), answer is not None and answer.source == "surrogate")
        if column in self._closed_forms:
            return np.zeros(len(values), bool)
        return self._holes(self._known(values, column, answer), values, column, answer)

    def sources(self, values: np.ndarray, column: str) -> list[str]:
        """Which source each value ``(B,)`` of :meth:`metric` is from."""
        answer = self.answer(column)
        if answer is None:
            raise self.missing(column)
        if answer.source != "table":  # nothing fills in for the others
            return [answer.source] * len(values)
        holes = self._holes(self._known(values, column, answer), values, column, answer)
        other = "computed" if column in self._closed_forms else "surrogate"
        return [other if hole else answer.source for hole in holes.tolist()]

    def ranking(self, values: np.ndarray | None, column: str) -> np.ndarray:
        """What architectures ``(B, V)`` (None: the reference) are ranked by in a column: ``(B,)``, more is better.

        Values that are known with their sign; of a surrogate what it is sure of (:meth:`.Surrogate.ranking`). NaN where
        nothing is known; the numbers compare with each other alone.
        """
        guessed = self.guessed(values, column)
        if guessed.any() and self.surrogate is not None:
            ranking = self.surrogate.ranking(values, column)
            if not guessed.all():  # what the table knows, on the scale of the guesses beside it
                found = self.reference(column) if values is None else self.metric(values, column)[0]
                ranking[~guessed] = self.surrogate.ranking_of(found[~guessed], column)
            return ranking
        found = self.reference(column) if values is None else self.metric(values, column)[0]
        return found if find_metric(self.space, split_column(column)[0]).better == "max" else -found

    def _known(self, values: np.ndarray, column: str, answer: Answer) -> np.ndarray:
        """Values ``(B,)`` float64 of a column as the source of its ``answer`` has them, NaN where it has none."""
        import numpy as np

        if answer.source == "table" and self.table is not None:
            return self.table.lookup(self.keys(values), column)
        if answer.source == "surrogate" and self.surrogate is not None:
            return np.asarray(self.surrogate.predict(np.asarray(values), column), np.float64)
        return self._computed(values, column)

    def _holes(self, known: np.ndarray, values: np.ndarray, column: str, answer: Answer) -> np.ndarray:
        """Which of the ``known (B,)`` values a table lacks although another source has them: ``(B,)`` bool."""
        import numpy as np

        holes = np.isnan(known)
        if answer.source != "table" or self.table is None or not holes.any():
            return np.zeros(len(holes), bool)
        if column in self._closed_forms:
            return holes
        if find_metric(self.space, split_column(column)[0]).absent == "worst":
            holes &= ~self.table.measured(self.keys(values), column)
        if holes.any() and (self.surrogate is None or column not in self.surrogate.columns()):
            return np.zeros(len(holes), bool)
        return holes

    def _filled(self, values: np.ndarray, column: str) -> np.ndarray:
        """What the next source says ``(B,)`` of architectures ``(B, V)`` that a table does not know in a column."""
        import numpy as np

        if column in self._closed_forms or self.surrogate is None:
            return self._computed(values, column)
        return np.asarray(self.surrogate.predict(values, column), np.float64)

    def _computed(self, values: np.ndarray, column: str) -> np.ndarray:
        import numpy as np

        metric, _, dataset = split_column(column)
        return np.asarray(self.space.closed_form(metric, np.asarray(values), dataset), np.float64)
