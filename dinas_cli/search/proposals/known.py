"""What the data sets that a space knows say of an architecture, and the order that they agree on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.files.columns import column_key
from dinas_cli.search.proposals.scores import deviates, positions

if TYPE_CHECKING:
    from dinas_cli.oracles.answers import Oracles


class Known:
    """The ranked metric on each of ``D`` known data sets, by the strongest source at hand.

    A space whose benchmark has one data set knows that one; a space that nothing here knows anything about has none.
    """

    def __init__(self, oracles: Oracles, datasets: Sequence[str | None] | None = None) -> None:
        """``datasets`` are those to learn from (None: all that a source at hand answers)."""
        space = oracles.space
        self.oracles = oracles
        named = datasets if datasets is not None else space.datasets or (None,)
        columns = [column_key(space.rank_metric, None, name) for name in named]
        self.columns = tuple(column for column in columns if oracles.answer(column) is not None)

    def __len__(self) -> int:
        return len(self.columns)

    def scores(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The transferred score ``(B,)`` of architectures ``(B, V)``, and by how much each data set departs ``(B, D)``.

        The transferred score is the normal score of the mean rank. What a data set has no value of gets its mean rank
        from the others.
        """
        ranks = self._ranks(values)
        mean = _mean(ranks)
        transferred = deviates(positions(mean, self._mean_ranks))
        return transferred, np.where(np.isnan(ranks), 0.0, deviates(ranks) - transferred).T

    def _ranks(self, values: np.ndarray | None) -> np.ndarray:
        """The rank ``(D, B)`` of architectures (None: the reference) in each data set, 1 for the best of all."""
        rows = len(self.oracles.space.reference() if values is None else values)
        found = np.zeros((len(self), rows))
        for place, (column, among) in enumerate(zip(self.columns, self._reference, strict=True)):
            found[place] = positions(self.oracles.ranking(values, column), among)
        return found

    @cached_property
    def _reference(self) -> list[np.ndarray]:
        return [np.sort(self.oracles.ranking(None, column)) for column in self.columns]

    @cached_property
    def _mean_ranks(self) -> np.ndarray:
        return np.sort(_mean(self._ranks(None)))


def _mean(ranks: np.ndarray) -> np.ndarray:
    """The mean ``(B,)`` of ranks ``(D, B)`` that are known; one half without any."""
    known = ~np.isnan(ranks)
    return np.asarray((np.where(known, ranks, 0.0).sum(0) + 0.5 * ~known.any(0)) / np.maximum(known.sum(0), 1))
