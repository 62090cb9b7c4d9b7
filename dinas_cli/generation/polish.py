"""The best that can be found under a request's limits: samples, improved by drawing a few of their variables again.

A sample is already near the best. From there on, round after round, the best so far are changed in two ways: a few of
their variables are masked and drawn again by the guided model, which knows what goes together, and one or two are
replaced by any legal type, which needs no model. What keeps to the limits and ranks higher stays. Before that, what no
sample has is sought (:mod:`.missed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.errors import GenotypeError
from dinas_cli.generation.missed import sought
from dinas_cli.generation.rejection import Found
from dinas_cli.generation.spread import SPREAD

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


def polish(
    generator: Generator,
    conditioning: Conditioning,
    judge: Judge,
    column: str,
    found: Sequence[Found],
    wanted: int,
    *,
    seed: int = 0,
    known: Sequence[str] = (),
) -> list[Found]:
    """The best architectures by ``column`` that changes of the ``found`` lead to, best first.

    More than ``wanted``, of different ids, none of them ``known``. Ends after :data:`ROUNDS`, or when the best
    ``wanted`` stay the same for :data:`PATIENCE` of them; an interrupt ends it earlier.
    """
    search = _Search(judge, column, max(POOL, SPREAD * wanted), set(known))
    search.add(list(found))
    idle = 0
    try:
        if judge.limits and search.best:
            search.add(sought(generator, conditioning, judge, column, search.best, seed))
        for number in range(ROUNDS):
            if idle == PATIENCE or not search.best:
                break
            before = search.best[:wanted]
            for weight, size, few in ((WEIGHT, DRAWN, FEW), (None, REPLACED, ONE_OR_TWO)):
                parents = [search.best[i % len(search.best)] for i in range(size)]
                values = generator.redraw(
                    conditioning,
                    np.array([parent.values for parent in parents]),
                    few[number % len(few)],
                    seed=f"{seed}/{number}/{weight}",
                    guidance=weight,
                )
                changed = zip(parents, values.tolist(), strict=True)
                search.add([Found(one.number, "", tuple(row), one.changes + 1) for one, row in changed])
            idle = idle + 1 if before == search.best[:wanted] else 0
    except KeyboardInterrupt:
        pass
    return search.best


def best_of_all(judge: Judge, column: str, known: Sequence[str], wanted: int) -> list[Found]:
    """The ``wanted`` best by ``column`` of a space that can be listed, of different ids, none of them ``known``."""
    space, seen, best = judge.oracles.space, set(known), []
    reference, ranking = space.reference(), judge.oracles.ranking(None, column)
    rows = np.flatnonzero(judge.feasible(None) & ~np.isnan(ranking))
    for row in rows[np.argsort(-ranking[rows], kind="stable")].tolist():
        values = tuple(reference[row].tolist())
        name = space.canonical_id(values)
        if name not in seen:
            seen.add(name)
            best.append(Found(row, name, values))
            if len(best) == wanted:
                break
    return best


class _Search:
    """The best architectures so far."""

    def __init__(self, judge: Judge, column: str, size: int, seen: set[str]) -> None:
        self.judge, self.column, self.size, self.seen = judge, column, size, seen
        self.best: list[Found] = []
        """Best first."""
        self._scores: list[float] = []

    def add(self, found: Sequence[Found]) -> None:
        """Keep what is valid, new, within the limits and among the best; ids are worked out here."""
        if not found:
            return
        values = np.array([each.values for each in found])
        scores = self.judge.oracles.ranking(values, self.column)
        for place in np.flatnonzero(self.judge.feasible(values) & ~np.isnan(scores)).tolist():
            try:
                name = self.judge.oracles.space.canonical_id(found[place].values)
            except GenotypeError:
                continue
            if name not in self.seen:
                self.seen.add(name)
                self.best.append(found[place]._replace(name=name))
                self._scores.append(float(scores[place]))
        order = sorted(range(len(self.best)), key=lambda place: -self._scores[place])[: self.size]
        self.best, self._scores = [self.best[i] for i in order], [self._scores[i] for i in order]
