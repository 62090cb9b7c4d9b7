"""Rejection sampling: samples one by one, what is valid, new and satisfies kept, until there are enough or no hope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from dinas_cli.errors import GenotypeError
from dinas_cli.generation.judge import Judge
from dinas_cli.spaces.shared.protocol import Values, enumerable

POOL = 256
"""Samples drawn at least where a ranked metric is asked for: the best of what satisfies among them are returned."""
PATIENCE = 4096
"""Samples in a row without a new architecture that satisfies, after which drawing ends."""
COUNTED = 512
"""Samples after which it is worth counting how many architectures satisfy at all."""
CHUNK = 256
"""Most samples drawn at a time; results do not depend on it."""
FEWEST = 32
"""Fewest samples drawn at a time: fewer take as long."""

Judged = Callable[[int, int], tuple[np.ndarray, np.ndarray]]
"""Called with ``first`` and ``count``: the samples ``first .. first + count - 1``, ``(count, V)``, and how surely each
satisfies, ``(count,)`` as :meth:`.Judge.sureness` says."""
Progress = Callable[[int, int], None]
"""Called with how many satisfying architectures were found and how many samples were drawn."""


class Found(NamedTuple):
    """One architecture that satisfies."""

    number: int
    """Number of the sample that it is, or comes from."""
    name: str
    """Architecture id."""
    values: tuple[int, ...]
    changes: int = 0
    """How many times the sample was changed."""


class Samples:
    """Takes samples in the order of their numbers, so that nothing depends on how many are drawn at a time.

    The counts are about the samples up to the one that ended the search.
    """

    def __init__(self, judge: Judge, count: int, exclude: Sequence[Values] = (), least: int = 0) -> None:
        self.judge, self.count, self.wanted, self.drawn, self.valid = judge, count, count, 0, 0
        self.least = max(least, POOL if judge.request.goals else 0)
        """Samples to draw even when enough were found."""
        self.found: list[Found] = []
        """Samples that passed the check, of each id the first."""
        self.seen: set[str] = set()
        """Architecture ids of the valid samples."""
        self.possible: int | None = None
        """How many architecture ids satisfy at all, once that was counted and if it can be known."""
        self.interrupted = False
        self.patience = PATIENCE
        self._space = judge.oracles.space
        known = {self._space.canonical_id(values): values for values in exclude}
        self._kept: set[str] = set(known)
        self._known = np.array(list(known.values()), np.int64).reshape(len(known), self._space.layout.size)
        self._last = 0
        """Samples drawn when the last one was found."""

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to find, or no hope of finding it."""
        enough = len(self.found) >= self.wanted and self.drawn >= self.least
        return enough or self.drawn - self._last >= self.patience

    def take(self, values: np.ndarray, met: np.ndarray) -> None:
        """Count the samples ``values (B, V)`` in their order and keep the new ones that satisfy (``met (B,)``)."""
        for row, satisfies in zip(values.tolist(), met.tolist(), strict=True):
            if self.finished:
                return
            self._take(row, satisfies)
            self.drawn += 1
            if self.drawn == COUNTED and enumerable(self._space):
                self.possible = self.count_possible()
                self.wanted = min(self.wanted, self.possible)

    def count_possible(self) -> int:
        """How many architecture ids satisfy and are not to be left out."""
        excluded = int(self.judge.satisfied(self._known).sum()) if len(self._known) else 0
        return self.judge.count_satisfied() - excluded

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
            self.found.append(Found(self.drawn, name, tuple(row)))
            self._last = self.drawn + 1


def rejection_sample(
    judged: Judged,
    judge: Judge,
    count: int,
    exclude: Sequence[Values] = (),
    progress: Progress = lambda _found, _drawn: None,
    least: int = 0,
) -> Samples:
    """Draw until ``count`` different architectures satisfy the judge's request, none is left, or patience ends.

    At least ``least`` samples are drawn. ``exclude`` are architectures that are known already. An interrupt ends the
    drawing and leaves what was found.
    """
    samples = Samples(judge, count, exclude, least)
    size = max(2 * count, FEWEST, samples.least)
    try:
        while not samples.finished:
            values, sureness = judged(samples.drawn, min(size, CHUNK))
            samples.take(values, sureness >= judge.level)
            progress(len(samples.found), samples.drawn)
            size = max(samples.drawn // 2, FEWEST)
    except KeyboardInterrupt:
        samples.interrupted = True
    return samples
