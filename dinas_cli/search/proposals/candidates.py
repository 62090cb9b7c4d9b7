"""Architectures to choose from under all limits: the whole space where it can be listed, else what the generator draws.

Where a space cannot be listed, candidates are samples asked for several ranks, random architectures, and, as trials
are told, the best of these with a few of their variables drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dinas_cli.architectures.conditions import Rank, Request
from dinas_cli.diffusion.samplers import redraw, uniforms
from dinas_cli.diffusion.variables import Variables
from dinas_cli.errors import GenotypeError, NotFoundError, UnsatisfiedError
from dinas_cli.generation.confidence import CONFIDENCES, judge_for, within_reach
from dinas_cli.generation.feasibility import check_feasible
from dinas_cli.generation.generate import generate
from dinas_cli.spaces.shared.protocol import enumerable

if TYPE_CHECKING:
    from dinas_cli.generation.judge import Judge
    from dinas_cli.oracles.answers import Oracles

TOPS, SAMPLES = (0.5, 2.0, 10.0), 96
"""Percents that samples are asked to be among, and how many are taken of each."""
RANDOM = 1024
"""Random architectures that are drawn; those within the limits are candidates."""
FEW = (1, 2, 3)
"""How many variables of the best trials are drawn again."""
CHANGED = 128
"""Changes of each kind."""


class Pool(NamedTuple):
    """Different architectures."""

    values: np.ndarray
    """``(R, V)``."""
    ids: list[str]


class Candidates:
    """All that a search may try under the limits of a request; goals of the request (``acc``) do not count."""

    def __init__(self, request: Request, oracles: Oracles, seed: int, wanted: int) -> None:
        """``wanted`` trials should find enough that surely keep to the limits.

        Raises :class:`UnsatisfiedError` where nothing keeps to the limits, :class:`NotFoundError` where no source at
        hand knows a limited metric.
        """
        self.request = replace(request, rank=None, floor=None, best=None)
        self.oracles, self.seed = oracles, seed
        self.space = oracles.space
        self.listed = enumerable(self.space)
        judge = judge_for(oracles, self.request, None)
        check_feasible(judge.at(CONFIDENCES[-1]))
        self.judge: Judge = judge.at(within_reach(judge, CONFIDENCES, wanted, ())[0])
        self.pool = self._listed() if self.listed else self._drawn(wanted)

    def near(self, best: np.ndarray, number: int) -> Pool:
        """Candidates that differ from ``best (B, V)`` in few variables; ``number`` tells one call from another."""
        if self.listed or not len(best):
            return Pool(best[:0], [])
        variables = Variables(self.space.layout)
        even = np.where(variables.padding, -np.inf, 0.0).astype(np.float32)
        found = []
        for few in FEW:
            parents = best[np.arange(CHANGED) % len(best)]
            noise = uniforms(f"{self.seed}/near/{number}/{few}", 0, len(parents), 3 * variables.size)
            any_type = lambda states, wanted: np.broadcast_to(even, (len(states), *even.shape))  # noqa: E731
            found.append(redraw(variables, any_type, noise, parents, few, legal=self.space.legal))
        return self._within(np.concatenate(found))

    def _listed(self) -> Pool:
        return self._different(self.space.reference()[self.judge.feasible(None)])

    def _drawn(self, wanted: int) -> Pool:
        drawn = [self._within(self.space.draw(RANDOM, self.seed)).values]
        for top in TOPS:
            asked = replace(self.request, rank=Rank(self.space.rank_metric, top))
            # A space without weights, or limits under which no rank can be told, is left with random architectures.
            with suppress(NotFoundError, UnsatisfiedError):
                found = generate(asked, SAMPLES, seed=self.seed, confidence=self.judge.confidence).records
                drawn.append(np.array([record.values for record in found], np.int64))
        pool = self._different(np.concatenate(drawn))
        if not pool.ids:
            found = generate(self.request, max(wanted, SAMPLES), seed=self.seed).records
            pool = self._different(np.array([record.values for record in found], np.int64))
        return pool

    def _within(self, values: np.ndarray) -> Pool:
        pool = self._different(values)
        kept = self.judge.feasible(pool.values) if pool.ids else np.zeros(0, bool)
        return Pool(pool.values[kept], [name for name, keep in zip(pool.ids, kept.tolist(), strict=True) if keep])

    def _different(self, values: np.ndarray) -> Pool:
        """The valid ones of ``values (B, V)``, of each id the first."""
        first: dict[str, Sequence[int]] = {}
        for row in values.tolist():
            with suppress(GenotypeError):
                first.setdefault(self.space.canonical_id(row), row)
        return Pool(np.array(list(first.values()), np.int64).reshape(len(first), values.shape[1]), list(first))
