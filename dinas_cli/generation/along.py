"""Candidates for the front of a space that cannot be listed: samples along the limits, then changes of the best so far.

The generator draws for limits all over the range of every cost, a rank in each, as one batch of requests; the space's
reference, which is predicted anyway, comes beside them. Then, round after round, members of the front so far are
changed in one to three variables, each to any legal type, and what is not dominated stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dinas_cli.diffusion.generator import Limit
from dinas_cli.files.columns import split_column
from dinas_cli.generation.conditioning import conditioning_for
from dinas_cli.generation.fronts import front, useful
from dinas_cli.spaces.shared.protocol import is_valid

if TYPE_CHECKING:
    from dinas_cli.diffusion.generator import Conditioning, Generator
    from dinas_cli.generation.judge import Judge
    from dinas_cli.generation.models import Models
    from dinas_cli.generation.objectives import Objective

REQUESTS, SAMPLES = 8, 16
"""Limits along each cost, and samples of each."""
TOP = 1.0
"""Percent of the architectures within a limit that samples are asked to be among."""
CHANGED, FEW = 384, (1, 2, 3)
"""Changes per round, and how many variables of an architecture, round after round."""
ROUNDS, PATIENCE = 60, 6
"""Most rounds, and rounds in a row without a new member of the front after which they end."""

Costs = Callable[[np.ndarray | None], np.ndarray]
"""Architectures ``(B, V)`` (None: the space's reference) -> points ``(B, k)`` to be minimised, NaN for what breaks a
limit or is not known."""


class Candidates(NamedTuple):
    """What is dominated by nothing that was looked at."""

    values: np.ndarray
    """``(F, V)``."""
    seen: int
    """How many architectures were looked at."""
    interrupted: bool


def candidates(
    generator: Generator,
    models: Models,
    judge: Judge,
    objectives: Sequence[Objective],
    costs: Costs,
    seed: int,
    progress: Callable[[int, int], None],
) -> Candidates:
    """What :data:`Costs` say nothing dominates; it is to be asked for by what ``judge`` was asked for.

    ``progress`` is called with the size of the front and how many were looked at; an interrupt ends the rounds.
    """
    pool, interrupted = _Pool(judge, costs), False
    pool.add(judge.oracles.space.reference().astype(np.int64), costs(None))
    batch = requests(conditioning_for(judge, models), generator, judge, objectives)
    try:
        for number, conditioning in enumerate(batch):
            pool.add(generator.sample(conditioning, SAMPLES, seed=seed, first=number * SAMPLES))
            progress(len(pool.values), pool.seen)
        idle = 0
        for number in range(ROUNDS):
            if idle == PATIENCE or not len(pool.values):
                break
            parents = pool.values[np.arange(CHANGED) % len(pool.values)]
            few = FEW[number % len(FEW)]
            new = pool.add(generator.redraw(batch[0], parents, few, seed=f"{seed}/{number}", guidance=None))
            idle = 0 if new else idle + 1
            progress(len(pool.values), pool.seen)
    except KeyboardInterrupt:
        interrupted = True
    return Candidates(pool.values, pool.seen, interrupted)


def requests(
    base: Conditioning, generator: Generator, judge: Judge, objectives: Sequence[Objective]
) -> list[Conditioning]:
    """The request ``base`` with a rank, and one limit more each, all along every cost that the generator can be asked.

    A limit that the request has already is only made stricter.
    """
    surrogate = judge.oracles.surrogate
    batch = [replace(base, top=TOP)]
    known = {spec.name: spec.limits for spec in generator.specs if spec.kind == "budget"}
    for objective in objectives:
        metric, _, _ = split_column(objective.column)
        if metric not in known or surrogate is None or objective.column not in surrogate.columns():
            continue
        profile = surrogate.profile(objective.column)
        edges = profile.values(profile.edges)
        present = list(base.budgets.get(metric, ()))
        for share in np.linspace(1 / REQUESTS, 1, REQUESTS) ** 2:  # closer together where costs are low
            limit = Limit(profile, float(np.interp(share, np.linspace(0, 1, len(edges)), edges)))
            others = [each for each in present if each.profile is not profile or each.least]
            if len(others) < known[metric]:
                budgets = {**base.budgets, metric: [*others, limit]}
                batch.append(replace(base, top=TOP, budgets=budgets))
    return batch


class _Pool:
    """What is dominated by nothing so far."""

    def __init__(self, judge: Judge, costs: Costs) -> None:
        space = judge.oracles.space
        self._space, self._costs = space, costs
        self.values = np.empty((0, space.layout.size), np.int64)
        self.points = np.empty((0, 0))
        self.seen = 0

    def add(self, values: np.ndarray, points: np.ndarray | None = None) -> bool:
        """Look at architectures ``(B, V)``; whether one of them got onto the front. ``points`` are their costs."""
        self.seen += len(values)
        points = self._costs(values) if points is None else points
        known = ~np.isnan(points).any(1)
        values, points = values[known], points[known]
        if not len(values):
            return False
        before = len(self.values)
        both = np.concatenate([self.values, values])
        all_points = np.concatenate([self.points.reshape(before, points.shape[1]), points])
        best = front(all_points).tolist()
        valid = [row for row in best if row < before or is_valid(self._space, both[row].tolist())]
        rows = np.array(valid, np.int64)
        if not len(rows):
            return False
        # What hardly improves would be changed as often as what does.
        rows = rows[useful(all_points[rows])]
        self.values, self.points = both[rows], all_points[rows]
        return bool((rows >= before).any())
