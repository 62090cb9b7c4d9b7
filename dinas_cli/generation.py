"""From a request to checked architectures: draw, keep what is valid, unique and satisfying, and count everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from dinas_cli import __version__
from dinas_cli.conditions import Request, find_metric
from dinas_cli.errors import NotFoundError, UnsatisfiedError
from dinas_cli.feasibility import check_feasible, enumerated
from dinas_cli.headers import read_config
from dinas_cli.oracles import Oracles
from dinas_cli.oracles.evaluate import Selection, columns_of, look_up
from dinas_cli.oracles.judge import Judge
from dinas_cli.schema import Record
from dinas_cli.search import PATIENCE, Search
from dinas_cli.spaces.base import Values, get_space
from dinas_cli.wishes import conditioning_for, oracles_for

CHUNK = 256
"""Most samples drawn at a time; results do not depend on it."""
FEWEST = 32
"""Fewest samples drawn at a time: fewer take as long."""
CONFIDENCE = 0.98
"""How likely a limit must be met where only the surrogate can tell."""


@dataclass
class Generated:
    """Architectures that satisfy a request, the best first, and what it took.

    The counts are about the samples up to the one that ended the search, in the order of their numbers.
    """

    records: list[Record] = field(default_factory=list)
    drawn: int = 0
    valid: int = 0
    unique: int = 0
    """Different architecture ids among the valid."""
    satisfying: int = 0
    """Those of them that passed the check."""
    source: str = ""
    """The weakest source that decided: ``surrogate``, ``table`` or ``computed``; empty when nothing was asked for."""
    interrupted: bool = False
    notes: list[str] = field(default_factory=list)
    """What the user should know although architectures were found."""


def generate(
    request: Request,
    count: int = 16,
    *,
    seed: int = 0,
    checkpoint: str | None = None,
    guidance: float | Mapping[str, float] = 2.0,
    steps: int | None = None,
    sampler: str | None = None,
    confidence: float = CONFIDENCE,
    oracles: Oracles | None = None,
    device: str | None = None,
    exclude: Sequence[Values] = (),
    progress: Callable[[int, int], None] = lambda _found, _drawn: None,
) -> Generated:
    """Draw until ``count`` different architectures satisfy ``request``, none is left to find, or patience ends.

    Every sample is checked by the strongest oracle at hand; what the surrogate decides must be likely enough
    (``confidence``). Samples are numbered from 0. Where a rank or floor is asked for, at least
    :data:`dinas_cli.search.POOL` are drawn and the ``count`` with the best ranked metric among those that satisfy are
    returned, otherwise the first ``count``; best first. ``device`` adds its metrics to the records; ``exclude`` are
    architectures that are known already. An interrupt returns what was found. ``progress`` is called with how many
    were found and drawn.

    Raises :class:`UnsatisfiedError` when nothing can or does satisfy the request, :class:`NotFoundError` without
    weights or surrogate, :class:`UsageProblem` for what the checkpoint cannot do, :class:`DinasError` when generator
    and surrogate do not belong together.
    """
    from dinas_cli.registry import resolve

    space = get_space(request.space)
    path = resolve(checkpoint, space.name, "generator")
    about = read_config(path)
    if about.get("space") != space.name:
        raise NotFoundError(
            f"{path} is a checkpoint of {about.get('space')}, not of {space.name}", "dinas checkpoints list"
        )
    if oracles is None:
        named = checkpoint is not None and Path(checkpoint).expanduser() == path
        oracles = oracles_for(space, path, about, named=named)
    judge = Judge(oracles, request, confidence)
    if enumerated(judge):
        check_feasible(judge)
    conditioning = conditioning_for(judge, about, path)

    from dinas_cli.diffusion.generator import Generator
    from dinas_cli.files import sha256_file

    model = Generator.load(path)
    search = Search(space, count, judge, exclude)
    result = Generated(source=_weakest(judge), notes=_without_effect(request, guidance))
    try:
        size = max(2 * count, FEWEST, search.least)
        while not search.finished:
            values = model.sample(
                conditioning,
                min(size, CHUNK),
                seed=seed,
                first=search.drawn,
                guidance=guidance,
                steps=steps,
                sampler=sampler,
            )
            search.take(values, judge.satisfied(values))
            progress(len(search.found), search.drawn)
            size = max(search.drawn // 2, FEWEST)
    except KeyboardInterrupt:
        result.interrupted = True
    result.drawn, result.valid, result.unique = search.drawn, search.valid, len(search.seen)
    result.satisfying = len(search.found)
    if not result.interrupted and len(search.found) < count:
        _explain_shortage(search, judge, result)
    provenance = {"checkpoint": path.name, "sha256": sha256_file(path), "seed": seed}
    # A space may have several encodings of one architecture: records hold the canonical one.
    found = [(index, name, space.encode(space.decode(values))) for index, name, values in search.found]
    result.records = _records(found, request, provenance, oracles, device)[:count]
    return result


def _without_effect(request: Request, guidance: float | Mapping[str, float]) -> list[str]:
    """A note for every weight on a condition that the request does not have."""
    goals = [goal.metric for goal in (request.rank, request.floor) if goal is not None]
    asked = {*goals, *(budget.metric for budget in request.budgets)}
    names = [name for name in guidance if name not in asked] if isinstance(guidance, Mapping) else []
    return [f"the guidance weight of {name} is without effect: the request does not limit it" for name in names]


def _explain_shortage(search: Search, judge: Judge, result: Generated) -> None:
    """Note why fewer were found than asked for; raise :class:`UnsatisfiedError` when none was."""
    if not enumerated(judge):
        exist = ""
    else:
        possible = search.count_possible() if search.possible is None else search.possible
        exist = f"; the space has {possible} that satisfy"
        if possible == 0:
            raise UnsatisfiedError(
                f"all that satisfies {judge.request.describe(judge.oracles.space)} is known already",
                "exclude less, or relax the rank or a limit",
            )
        if possible == len(search.found):
            result.notes.append(f"the space has only {possible} that satisfy")
            return
    if search.found:
        result.notes.append(f"the last {PATIENCE} samples held no further one{exist}")
        return
    check_feasible(judge)
    raise UnsatisfiedError(
        f"none of {search.drawn} samples satisfies {judge.request.describe(judge.oracles.space)}{exist}",
        "relax the rank or a limit, or try another --guidance or --seed",
    )


def _records(
    found: list[tuple[int, str, tuple[int, ...]]],
    request: Request,
    provenance: Mapping[str, object],
    oracles: Oracles,
    device: str | None,
) -> list[Record]:
    """Records with every metric that fits the request, best ranked metric first."""
    space = oracles.space
    if not found:
        return []
    devices = [budget.device for budget in request.budgets if budget.device]
    columns, _ = columns_of(request, oracles, Selection(None, None, device or next(iter(devices), None)))
    metrics = look_up(oracles, np.array([values for _, _, values in found], np.int64), columns)
    records = [
        Record(
            id=name,
            space=space.name,
            genotype=space.decode(values),
            metrics={column: known[place] for column, known in metrics.items()},
            request=request.to_dict(),
            provenance={**provenance, "index": index, "version": __version__},
            values=values,
        )
        for place, (index, name, values) in enumerate(found)
    ]
    ranked = oracles.find(space.rank_metric, dataset=request.dataset or next(iter(space.datasets), None))
    sign = -1 if find_metric(space, space.rank_metric).better == "max" else 1

    def order(record: Record) -> float:
        value = record.metrics[ranked].value if ranked in record.metrics else np.nan
        return float("inf") if np.isnan(value) else sign * value

    return sorted(records, key=order)


def _weakest(judge: Judge) -> str:
    answers = [judge.oracles.answer(column) for column in judge.columns]
    sources = {answer.source for answer in answers if answer is not None}
    return next((name for name in ("surrogate", "table", "computed") if name in sources), "")
