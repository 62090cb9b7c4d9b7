"""A request in a generator's own terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.diffusion.generator import Conditioning, Limit
from dinas_cli.errors import NotFoundError

if TYPE_CHECKING:
    from dinas_cli.generation.judge import Judge
    from dinas_cli.generation.models import Models


BEST = 0.5
"""Percent that samples are asked for when the best is wanted: a start, not too narrow, for what is then improved."""


def conditioning_for(judge: Judge, models: Models) -> Conditioning:
    """The judge's request: budgets with the surrogate's profiles, a floor as the rank it amounts to.

    Raises :class:`NotFoundError` without a surrogate for budgets, and :class:`DinasError` when it is not the one that
    the generator was trained with.
    """
    request, oracles = judge.request, judge.oracles
    surrogate = oracles.surrogate
    if request.budgets:
        models.check_pair()
    budgets: dict[str, list[Limit]] = {}
    ranks: dict[str, float] = {}
    for number, (budget, (column, limit, _)) in enumerate(zip(request.budgets, judge.limits, strict=False)):
        spec = find_metric(oracles.space, budget.metric)
        if spec.on_request:
            continue  # weights do not know it: samples are checked
        if spec.ranked:
            if not budget.reverse:  # no rank asks for less: samples are checked
                ranks[budget.metric] = _share(judge, number)
            continue
        if surrogate is None:
            raise NotFoundError(f"no surrogate for space {oracles.space.name!r}", "dinas checkpoints list")
        budgets.setdefault(budget.metric, []).append(Limit(surrogate.profile(column), limit, budget.reverse))
    top = None if request.rank is None else request.rank.top
    if request.best is not None:
        top = BEST
    if request.floor is not None:
        share = _share(judge, len(request.budgets))
        top = share if top is None else min(top, share)
    dataset = request.dataset or next(iter(oracles.space.datasets), None)
    descriptor = None
    if request.own is not None and surrogate is not None:
        asked = oracles.find(oracles.space.rank_metric, dataset=request.own)
        descriptor = surrogate.orders[asked].order.descriptor if asked in surrogate.orders else None
    top = None if top is None else min(max(top, 0.1), 100.0)
    return Conditioning(dataset, top, budgets, ranks, descriptor)


def _share(judge: Judge, number: int) -> float:
    """What limit ``number`` amounts to as a rank: the percent of the reference that keep it of those within the others.

    A floor is the last of all limits.
    """
    chances = judge.reference_chances
    others = np.ones(len(judge.reference_chance))
    for place, chance in enumerate(chances):
        if place != number and place < len(judge.request.budgets):
            others = others * chance
    kept = float((others * chances[number]).sum())
    return min(max(100 * kept / max(float(others.sum()), 1e-9), 0.1), 100.0)
