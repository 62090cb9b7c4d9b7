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
    budgets = {}
    for budget, (column, limit, _) in zip(request.budgets, judge.limits, strict=False):
        if find_metric(oracles.space, budget.metric).on_request:
            continue  # weights do not know it: samples are checked
        if surrogate is None:
            raise NotFoundError(f"no surrogate for space {oracles.space.name!r}", "dinas checkpoints list")
        budgets[budget.metric] = [Limit(surrogate.profile(column), limit)]
    top = None if request.rank is None else request.rank.top
    if request.best is not None:
        top = BEST
    if request.floor is not None:
        within = np.ones(len(judge.reference_chance))
        for chance in judge.reference_chances[: len(request.budgets)]:
            within *= chance
        share = float(judge.reference_chance.sum()) / max(float(within.sum()), 1e-9)
        top = 100 * share if top is None else min(top, 100 * share)
    dataset = request.dataset or next(iter(oracles.space.datasets), None)
    return Conditioning(dataset, None if top is None else min(max(top, 0.1), 100.0), budgets)
