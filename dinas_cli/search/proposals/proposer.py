"""Says what to try next: first the best by the order of known data sets and some at random, then what a model hopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.conditions import Request
from dinas_cli.architectures.schema import Record
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.generation.records import make_records
from dinas_cli.generation.rejection import Found
from dinas_cli.search.proposals.candidates import Candidates, Pool
from dinas_cli.search.proposals.model import Labelled, Model
from dinas_cli.search.trials import Told, Trial
from dinas_cli.spaces.registry import get_space

if TYPE_CHECKING:
    from dinas_cli.oracles.answers import Oracles
    from dinas_cli.spaces.shared.protocol import Values

STARTS = 12
"""Trials before the model chooses: half of those planned, but not more than so many."""
RANDOM_EVERY = 3
"""Of these every third is random, so that labels can tell how far the order of known data sets is to be trusted."""
PARENTS = 8
"""Best trials whose neighbours become candidates, where the space cannot be listed."""


class Proposals:
    """The proposer of ``dinas search``; see :class:`dinas_cli.search.trials.Proposer`."""

    def __init__(
        self,
        request: Request,
        *,
        seed: int = 0,
        trials: int = 24,
        device: str | None = None,
        oracles: Oracles | None = None,
        known: Sequence[str] | None = None,
        transfer: bool = True,
    ) -> None:
        """``trials`` are planned; ``device`` adds its metrics to records; ``known`` are the data sets to learn from.

        With ``transfer`` off nothing is learnt from known data sets. Raises what
        :class:`dinas_cli.search.proposals.candidates.Candidates` raises.
        """
        space = get_space(request.space)
        self.oracles = oracles_at_hand(space) if oracles is None else oracles
        self.request, self.seed, self.trials = request, seed, trials
        self.devices = (device,) if device else ()
        self.space, self.starts = space, min(trials // 2, STARTS)
        self.candidates = Candidates(request, self.oracles, seed, trials)
        self.model = Model(self.oracles, request.dataset, known if transfer else ())

    def propose(self, told: Sequence[Told], pending: Sequence[Record], count: int) -> list[Trial]:
        """The next ``count`` trials; fewer where there are no more candidates."""
        labelled = self._labelled(told)
        ahead = [self._encoded(record) for record in pending]
        taken = {
            self.space.canonical_id(values) for values in (*map(self._encoded, [each.record for each in told]), *ahead)
        }
        found: list[Trial] = []
        for number in range(len(told) + len(pending), len(told) + len(pending) + count):
            free = np.array([name not in taken for name in self.pool.ids])
            if number < self.starts or len(labelled) < 2:
                chosen = self._start(number, free)
            else:
                chosen = self._hoped(number, labelled, ahead, taken, free)
            if chosen is None:
                break
            name, values, source = chosen
            taken.add(name)
            ahead.append(values)
            found.append(Trial(number, self.record(values, number, {"proposed": source}), source))
        return found

    def record(self, values: Values, number: int, provenance: Mapping[str, object]) -> Record:
        """The record of an architecture, with every metric that fits the request, as trial ``number``.

        Raises :class:`GenotypeError` for values that break a rule of the space.
        """
        found = Found(number, self.space.canonical_id(values), values)
        (record,) = make_records([found], self.candidates.judge, {**provenance, "seed": self.seed}, self.devices)
        return record

    def enough(self, told: Sequence[Told]) -> str:
        """Why further trials would teach nothing; empty: they would."""
        from dinas_cli.search.proposals.enough import enough

        return enough(self.model, self._labelled(told), self.starts)

    @property
    def pool(self) -> Pool:
        """Candidates that do not depend on trials."""
        return self.candidates.pool

    def _start(self, number: int, free: np.ndarray) -> tuple[str, Values, str] | None:
        """The best by the transferred order, or one at random: id, values and why."""
        if not free.any():
            return None
        if len(self.model.known) and number % RANDOM_EVERY != RANDOM_EVERY - 1:
            place, source = int(self.order[free[self.order]][0]), "transfer"
        else:
            rng = np.random.default_rng((self.seed, number))
            place, source = int(rng.choice(np.flatnonzero(free))), "random"
        return self.pool.ids[place], tuple(self.pool.values[place].tolist()), source

    def _hoped(
        self, number: int, labelled: Labelled, ahead: list[Values], taken: set[str], free: np.ndarray
    ) -> tuple[str, Values, str] | None:
        """The candidate with the highest upper confidence bound: id, values and why."""
        near = self.candidates.near(labelled.best(PARENTS), number)
        new = np.array([name not in taken for name in near.ids], bool)
        bounds = np.concatenate(
            [
                np.where(free, self.model.upper(self.pool.values, labelled, ahead, kept=True), -np.inf),
                np.where(new, self.model.upper(near.values, labelled, ahead), -np.inf) if len(new) else np.zeros(0),
            ]
        )
        if not np.isfinite(bounds).any():
            return None
        place = int(_steady(bounds).argmax())
        pool, place = (self.pool, place) if place < len(free) else (near, place - len(free))
        return pool.ids[place], tuple(pool.values[place].tolist()), "model"

    @cached_property
    def order(self) -> np.ndarray:
        """Places of candidates in the transferred order, the best first."""
        return np.argsort(-_steady(self.model.points(self.pool.values, kept=True).transferred), kind="stable")

    def _labelled(self, told: Sequence[Told]) -> Labelled:
        labels = [float("nan") if each.value is None else each.value for each in told]
        return Labelled.of([self._encoded(each.record) for each in told], labels)

    def _encoded(self, record: Record) -> Values:
        return self.space.encode(record.genotype) if record.values is None else record.values


def _steady(scores: np.ndarray) -> np.ndarray:
    """Scores ``(B,)`` without their last digits, which depend on processor, threads and memory."""
    known = scores[np.isfinite(scores)]
    step = 1e-5 * max(float(np.ptp(known)) if len(known) else 0.0, 1e-12)
    return np.asarray(np.round(scores / step))
