"""The best that can be found under a request's limits: samples, improved by drawing a few of their variables again.

A sample is already near the best. From there on, round after round, the best so far are changed in two ways: a few of
their variables are masked and drawn again by the guided model, which knows what goes together, and one or two are
replaced by any legal type, which needs no model. What keeps to the limits and ranks higher stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count as counting
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.errors import GenotypeError

if TYPE_CHECKING:
    from dinas_cli.diffusion.generator import Conditioning, Generator
    from dinas_cli.generation.judge import Judge

POOL = 64
"""Architectures that are changed in a round, at least as many as are wanted."""
DRAWN, REPLACED = 96, 384
"""Changes per round by the model, and by any legal type."""
FEW = (2, 3, 4, 6)
"""How many variables the model draws again, round after round."""
ONE_OR_TWO = (1, 2)
"""How many variables are replaced by any legal type, round after round."""
WEIGHT = 4.0
"""Guidance of what is drawn again: what it is put into is fixed, so that it can be asked for more."""
ROUNDS, PATIENCE = 40, 4
"""Most rounds, and rounds in a row without a better architecture among those wanted, after which they end."""


@dataclass(frozen=True)
class Polished:
    """One architecture that was found, and how."""

    index: int
    """Number of the sample that it comes from."""
    name: str
    """Architecture id."""
    values: tuple[int, ...]
    changes: int
    """How many times that sample was changed."""
    score: float
    """Its :meth:`.Oracles.ranking`."""


def polish(
    generator: Generator,
    conditioning: Conditioning,
    judge: Judge,
    found: Sequence[tuple[int, str, tuple[int, ...]]],
    wanted: int,
    *,
    column: str,
    seed: int = 0,
    known: Sequence[str] = (),
    progress: Callable[[int], None] = lambda _tried: None,
) -> list[Polished]:
    """The best architectures that changes of ``found`` (number, id, values) lead to, of different ids, best first.

    ``column`` is ranked; ``known`` ids are not returned. Ends after :data:`ROUNDS`, or when the best ``wanted`` stay
    the same for :data:`PATIENCE` of them; an interrupt ends it earlier. ``progress`` hears how many were tried.
    """
    search = _Search(judge, column, max(POOL, 2 * wanted), set(known))
    search.add(np.array([values for _, _, values in found]), [(index, 0) for index, _, _ in found])
    idle = tried = 0
    try:
        for number in counting():
            if number == ROUNDS or idle == PATIENCE or not search.pool:
                break
            best = [each.name for each in search.pool[:wanted]]
            for weight, size, few in ((WEIGHT, DRAWN, FEW), (None, REPLACED, ONE_OR_TWO)):
                parents = [search.pool[i % len(search.pool)] for i in range(size)]
                values = generator.redraw(
                    conditioning,
                    np.array([each.values for each in parents]),
                    few[number % len(few)],
                    seed=f"{seed}/{number}/{weight}",
                    guidance=weight,
                )
                search.add(values, [(each.index, each.changes + 1) for each in parents])
                tried += size
            progress(tried)
            idle = idle + 1 if best == [each.name for each in search.pool[:wanted]] else 0
    except KeyboardInterrupt:
        pass
    return search.pool


class _Search:
    """The best architectures so far."""

    def __init__(self, judge: Judge, column: str, size: int, seen: set[str]) -> None:
        self.judge, self.column, self.size, self.seen = judge, column, size, seen
        self.pool: list[Polished] = []
        """Best first."""

    def add(self, values: np.ndarray, origins: Sequence[tuple[int, int]]) -> None:
        """Take the new ones of ``values (B, V)`` that keep to the limits; ``origins`` are (number, changes) of each."""
        space, fresh = self.judge.oracles.space, []
        for place, row in enumerate(values.tolist()):
            try:
                name = space.canonical_id(row)
            except GenotypeError:
                continue
            if name not in self.seen:
                self.seen.add(name)
                fresh.append((place, name))
        if not fresh:
            return
        cells = values[[place for place, _ in fresh]]
        scores = self.judge.oracles.ranking(cells, self.column)
        met = self.judge.feasible(cells) & ~np.isnan(scores)
        for (place, name), row, score, keeps in zip(fresh, cells.tolist(), scores.tolist(), met.tolist(), strict=True):
            if keeps:
                self.pool.append(Polished(origins[place][0], name, tuple(row), origins[place][1], score))
        self.pool = sorted(self.pool, key=lambda each: -each.score)[: self.size]
