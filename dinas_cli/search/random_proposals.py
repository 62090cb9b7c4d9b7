"""Networks drawn at random among those that keep the limits: what every way to choose them is to be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from dinas_cli.architectures.conditions import Request
from dinas_cli.architectures.schema import Record
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.errors import UnsatisfiedError
from dinas_cli.generation.confidence import CONFIDENCES, judge_for
from dinas_cli.generation.feasibility import check_feasible
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.records import make_records
from dinas_cli.generation.rejection import Found
from dinas_cli.search.trials import Told, Trial
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import enumerable

DRAWN = 2048
"""Architectures drawn at a time."""
ROUNDS = 16
"""Times in a row without any that is new and keeps the limits, after which there is no hope."""


class RandomProposals:
    """A :class:`~dinas_cli.search.trials.Proposer` that learns nothing; a function of the request and ``seed``."""

    def __init__(self, request: Request, seed: int, device: str | None = None) -> None:
        self.request, self.seed, self.devices = request, seed, (device,) if device else ()
        self._space = get_space(request.space)

    def propose(self, told: Sequence[Told], pending: Sequence[Record], count: int) -> list[Trial]:
        """Draw until ``count`` others than all that were tried are found, or none is left.

        Raises :class:`UnsatisfiedError` where nothing keeps the limits.
        """
        known = {trial.record.id for trial in told} | {record.id for record in pending}
        first = len(told) + len(pending)
        found: list[Found] = []
        for turn in range(ROUNDS):
            values = self._space.draw(DRAWN, hash_of(self.seed, first, turn))
            met = self._judge.satisfied(values)
            for number in np.flatnonzero(met).tolist():
                row = tuple(values[number].tolist())
                name = self._space.canonical_id(row)
                if name not in known:
                    known.add(name)
                    found.append(Found(turn * DRAWN + number, name, row))
                if len(found) == count:
                    break
            if len(found) == count:
                break
        if not found and not first:
            check_feasible(self._judge)
            raise UnsatisfiedError(
                f"none of {ROUNDS * DRAWN} random networks satisfies {self.request.describe(self._space)}",
                "relax the rank or a limit",
            )
        provenance = {"proposals": "random", "seed": self.seed}
        records = make_records(found, self._judge, provenance, self.devices)
        return [Trial(first + place, record, "random") for place, record in enumerate(records)]

    def enough(self, told: Sequence[Told]) -> str:
        """Never, of random ones."""
        return ""

    @cached_property
    def _judge(self) -> Judge:
        return judge_of(self.request)


def judge_of(request: Request) -> Judge:
    """Who says whether networks keep the limits, as sure as they can be.

    Raises :class:`UnsatisfiedError`, with what would do, where that can be told and nothing does.
    """
    oracles = oracles_at_hand(get_space(request.space))
    judge = judge_for(oracles, request, None)
    if enumerable(oracles.space):
        check_feasible(judge.at(CONFIDENCES[-1]))
    levels = [level for level in CONFIDENCES if (judge.reference_sureness >= level).any()]
    return judge.at(levels[0] if levels else CONFIDENCES[-1])


def hash_of(*numbers: int) -> int:
    """A seed that depends on all of the numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)
