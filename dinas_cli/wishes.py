"""A request in a generator's own terms, with the surrogate whose device descriptors that generator reads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.errors import DinasError, NotFoundError
from dinas_cli.oracles import Oracles

if TYPE_CHECKING:
    from dinas_cli.diffusion.generator import Conditioning
    from dinas_cli.oracles.judge import Judge
    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.spaces.base import Space


def oracles_for(space: Space, path: Path, about: Mapping[str, Any], *, named: bool) -> Oracles:
    """What is at hand, with the surrogate of the training that made the generator in ``path``, if it is here.

    That is the one beside a file the user ``named``, as ``dinas train`` writes the two, or the one the registry knows
    by the hash that the generator's config ``about`` has kept; else the default of the space.
    """
    from dinas_cli.devices import load_surrogate
    from dinas_cli.registry import default_checkpoint, load_registry, obtain

    oracles = Oracles.at_hand(space)
    beside = path.with_name(f"{path.stem}-surrogate.safetensors")
    if named and beside.is_file():
        return Oracles(space, oracles.table, load_surrogate(beside, space.name))
    trained_with = about.get("surrogate_sha256")
    for entry in load_registry().values():
        if (entry.space, entry.kind, entry.sha256) == (space.name, "surrogate", trained_with):
            if entry != default_checkpoint(space.name, "surrogate"):
                return Oracles(space, oracles.table, load_surrogate(obtain(entry), space.name))
            break
    return oracles


def conditioning_for(judge: Judge, about: Mapping[str, Any], path: Path) -> Conditioning:
    """The judge's request: budgets with the surrogate's profiles, a floor as the rank it amounts to.

    ``about`` is the config of the generator in ``path``. Raises :class:`NotFoundError` without a surrogate for
    budgets, and :class:`DinasError` when it is not the one that the generator was trained with.
    """
    from dinas_cli.diffusion.generator import Conditioning

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
    return Conditioning(dataset, None if top is None else min(max(top, 0.1), 100.0), budgets)


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
