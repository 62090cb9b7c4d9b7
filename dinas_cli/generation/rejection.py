"""Goes through samples one by one: what is valid, new and satisfies, how many there were, and when to stop drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.errors import GenotypeError
from dinas_cli.generation.feasibility import enumerated, known_to_satisfy
from dinas_cli.generation.judge import Judge
from dinas_cli.spaces.shared.protocol import Values

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

POOL = 256
"""Samples drawn at least where a ranked metric is asked for: the best of what satisfies among them are returned."""
PATIENCE = 4096
"""Samples in a row without a new architecture that satisfies, after which drawing ends."""
COUNTED = 512
"""Samples after which it is worth counting how many architectures satisfy at all."""


class Search:
    """Takes samples in the order of their numbers, so that nothing depends on how many are drawn at a time."""

    def __init__(self, space: Space, count: int, judge: Judge, exclude: Sequence[Values] = ()) -> None:
        self.wanted, self.drawn, self.valid = count, 0, 0
        ranked = judge.request.rank is not None or judge.request.floor is not None
        self.least = POOL if ranked else 0
        """Samples to draw even when enough were found."""
        self.found: list[tuple[int, str, tuple[int, ...]]] = []
        """Number, architecture id and values of the samples that passed the check, of each id the first."""
        self.seen: set[str] = set()
        self.possible: int | None = None
        """How many architecture ids satisfy at all, once that was counted and if it can be known."""
        self._space, self._judge = space, judge
        known = {space.canonical_id(values): values for values in exclude}
        self._kept: set[str] = set(known)
        self._known = np.array(list(known.values()), np.int64).reshape(len(known), space.layout.size)
        self._last = 0
        """Samples drawn when the last one was found."""

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to find, or no hope of finding it."""
        enough = len(self.found) >= self.wanted and self.drawn >= self.least
        return enough or self.drawn - self._last >= PATIENCE

    def take(self, values: np.ndarray, met: np.ndarray) -> None:
        """Count the samples ``values (B, V)`` in their order and keep the new ones that satisfy (``met (B,)``)."""
        for row, satisfies in zip(values.tolist(), met.tolist(), strict=True):
            if self.finished:
                return
            self._take(row, satisfies)
            self.drawn += 1
            if self.drawn == COUNTED and enumerated(self._judge):
                self.possible = self.count_possible()
                self.wanted = min(self.wanted, self.possible)

    def count_possible(self) -> int:
        """How many architecture ids satisfy and are not to be left out."""
        return known_to_satisfy(self._judge) - int(self._judge.satisfied(self._known).sum() if len(self._known) else 0)

    def _take(self, row: list[int], satisfies: bool) -> None:
        try:
            name = self._space.canonical_id(row)
        except GenotypeError:
            return
        self.valid += 1
        self.seen.add(name)
        # Cells with one id are measured apart: that one of them fails says nothing about the next.
        if satisfies and name not in self._kept:
            self._kept.add(name)
            self.found.append((self.drawn, name, tuple(row)))
            self._last = self.drawn + 1
