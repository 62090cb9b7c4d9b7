"""A request in a generator's own terms, with the surrogate whose device descriptors that generator reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.errors import DinasError, NotFoundError

if TYPE_CHECKING:
    from dinas_cli.diffusion.model import Wishes
    from dinas_cli.generation.judge import Judge
    from dinas_cli.oracles.surrogate import Surrogate


def wishes_for(judge: Judge, about: Mapping[str, Any], path: Path) -> Wishes:
    """The judge's request: budgets with the surrogate's profiles, a floor as the rank it amounts to.

    ``about`` is the config of the generator in ``path``. Raises :class:`NotFoundError` without a surrogate for
    budgets, and :class:`DinasError` when it is not the one that the generator was trained with.
    """
    from dinas_cli.diffusion.model import Wishes

    request, oracles = judge.request, judge.oracles
    surrogate = oracles.surrogate
    if request.budgets and surrogate is not None:
        check_pair(surrogate, about, path)
    budgets = {}
    for budget, (column, limit, _) in zip(request.budgets, judge.limits, strict=False):
        if surrogate is None:
            raise NotFoundError(f"no surrogate for space {oracles.space.name!r}", "dinas checkpoints list")
        budgets[budget.metric] = (surrogate.profile(column), limit)
    top = None if request.rank is None else request.rank.top
    if request.floor is not None:
        within = np.ones(len(judge.reference_chance))
        for chance in judge.reference_chances[: len(request.budgets)]:
            within *= chance
        share = float(judge.reference_chance.sum()) / max(float(within.sum()), 1e-9)
        top = 100 * share if top is None else min(top, 100 * share)
    dataset = request.dataset or next(iter(oracles.space.datasets), None)
    return Wishes(dataset, None if top is None else min(max(top, 0.1), 100.0), budgets)


def check_pair(surrogate: Surrogate, about: Mapping[str, Any], path: Path) -> None:
    """Raise :class:`DinasError` when a generator was trained with another surrogate: their descriptors differ.

    ``about`` is the config of the generator in ``path``. A surrogate that was read from no file passes.
    """
    trained_with = about.get("surrogate_sha256")
    if trained_with is None or surrogate.sha256 in (None, trained_with):
        return
    raise DinasError(
        f"{path} was trained with another surrogate than the one in use ({str(trained_with)[:12]}…, not "
        f"{str(surrogate.sha256)[:12]}…), whose devices it cannot read",
        f"put the surrogate of the same training beside it, as {path.stem}-surrogate.safetensors",
    )
