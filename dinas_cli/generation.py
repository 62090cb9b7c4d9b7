"""From a request to checked architectures: draw, keep what is valid, unique and satisfying, and count everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli import __version__
from dinas_cli.conditions import Request, find_metric
from dinas_cli.errors import NotFoundError, UnsatisfiedError
from dinas_cli.oracles import Oracles
from dinas_cli.oracles.evaluate import Wish, evaluate
from dinas_cli.oracles.judge import Judge
from dinas_cli.schema import Record, split_column
from dinas_cli.spaces.base import get_space
from dinas_cli.units import format_quantity

if TYPE_CHECKING:
    from dinas_cli.diffusion.model import Wishes
    from dinas_cli.spaces.base import Space

CHUNK = 256
"""Samples per round; results do not depend on it."""
PATIENCE = 64
"""Samples drawn per architecture asked for before giving up, but never fewer than ``LEAST``."""
LEAST = 2048
CONFIDENCE = 0.98
"""How likely a limit must be met where only the surrogate can tell."""


@dataclass
class Generated:
    """Architectures that satisfy a request, the best first, and what it took."""

    records: list[Record] = field(default_factory=list)
    drawn: int = 0
    valid: int = 0
    unique: int = 0
    satisfying: int = 0
    """Unique ones that passed the check, before any was left out for exceeding the count."""
    source: str = ""
    """The weakest source that decided: ``table``, ``computed`` or ``surrogate``."""
    interrupted: bool = False
    notes: list[str] = field(default_factory=list)


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
    progress: Callable[[int, int], None] = lambda _found, _drawn: None,
) -> Generated:
    """Draw until ``count`` different architectures satisfy ``request`` or patience ends.

    Every sample is checked by the strongest oracle at hand; what the surrogate decides must be likely enough
    (``confidence``). Samples are numbered from 0 and the first ``count`` that satisfy are returned, best ranked metric
    first. ``device`` adds its metrics to the records. An interrupt returns what was found.

    Raises :class:`UnsatisfiedError` when nothing can or does satisfy the request, :class:`NotFoundError` without
    weights or surrogate, :class:`UsageProblem` for what the checkpoint cannot do.
    """
    space = get_space(request.space)
    oracles = Oracles.at_hand(space) if oracles is None else oracles
    judge = Judge(oracles, request, confidence)
    check_feasible(judge)
    wishes = _wishes(judge)

    from dinas_cli.diffusion.model import Generator
    from dinas_cli.files import sha256_file
    from dinas_cli.registry import resolve

    path = resolve(checkpoint, space.name, "generator")
    model = Generator.load(path)
    if model.space.name != space.name:
        raise NotFoundError(f"{path} is a checkpoint of {model.space.name}, not of {space.name}")
    provenance = {"checkpoint": path.name, "sha256": sha256_file(path), "seed": seed}

    result = Generated(source=_weakest(oracles, judge))
    found: list[tuple[int, tuple[int, ...]]] = []
    seen: set[str] = set()
    limit = max(LEAST, PATIENCE * count)
    try:
        while len(found) < count and result.drawn < limit:
            size = min(CHUNK, limit - result.drawn) if result.drawn else min(CHUNK, max(2 * count, 16))
            values = model.sample(
                wishes, size, seed=seed, first=result.drawn, guidance=guidance, steps=steps, sampler=sampler
            )
            met = judge.satisfied(values)
            _collect(space, values, met, result, found, seen)
            progress(min(len(found), count), result.drawn)
    except KeyboardInterrupt:
        result.interrupted = True
    result.satisfying = len(found)
    if not found and not result.interrupted:
        raise UnsatisfiedError(
            f"none of {result.drawn} samples surely satisfies {request.describe(space)}", _relax(judge, result.source)
        )
    if len(found) < count and not result.interrupted:
        result.notes.append(f"only {len(found)} of {count}: {result.drawn} samples held no more that satisfy")
    result.records = _records(space, found[:count], request, provenance, oracles, device)
    return result


def check_feasible(judge: Judge) -> None:
    """Raise :class:`UnsatisfiedError` when no architecture of the space meets the limits, naming what would be."""
    if judge.reference_chance.max() >= 0.5 or not judge.limits:
        return
    space, oracles = judge.oracles.space, judge.oracles
    alone = []
    for column, limit, upwards in judge.limits:
        best = float(np.nanmax(oracles.reference(column)) if upwards else np.nanmin(oracles.reference(column)))
        if (best < limit) if upwards else (best > limit):
            alone.append((column, limit, upwards, best))
    for column, limit, upwards, best in alone:
        unit = find_metric(space, split_column(column)[0]).unit
        sign, extreme = ("≥", "largest") if upwards else ("≤", "smallest")
        raise UnsatisfiedError(
            f"no architecture of {space.name} has {column} {sign} {format_quantity(limit, unit)}",
            f"the {extreme} is {format_quantity(best, unit)} ({_source(oracles, column)})",
        )
    raise UnsatisfiedError(
        f"no architecture of {space.name} meets all limits together: {judge.request.describe(space)}",
        _nearest(judge),
    )


def _nearest(judge: Judge) -> str:
    """For each limit, the value it would need if the others stay."""
    space, oracles = judge.oracles.space, judge.oracles
    values = {column: oracles.reference(column) for column, _, _ in judge.limits}
    offers = []
    for column, _, upwards in judge.limits:
        others = np.ones(len(values[column]), bool)
        for other, bound, rising in judge.limits:
            if other != column:
                others &= values[other] >= bound if rising else values[other] <= bound
        left = values[column][others & ~np.isnan(values[column])]
        if len(left):
            unit = find_metric(space, split_column(column)[0]).unit
            nearest = float(left.max() if upwards else left.min())
            offers.append(f"{column} {'≥' if upwards else '≤'} {format_quantity(nearest, unit)}")
    return "with the other limits as they are, feasible from " + " or ".join(offers) if offers else "relax every limit"


def _relax(judge: Judge, source: str) -> str:
    if source == "surrogate":
        return (
            "the surrogate is unsure near the limits: import the benchmark (dinas tables import), accept less with "
            "--confidence 0.8, or relax a limit or the rank"
        )
    return "relax a limit or the rank" if judge.limits else "relax the rank"


def _wishes(judge: Judge) -> Wishes:
    """The request in the generator's terms: profiles from the surrogate, a floor as the rank it amounts to."""
    from dinas_cli.diffusion.model import Wishes

    request, oracles = judge.request, judge.oracles
    surrogate = oracles.surrogate
    budgets = {}
    for budget, (column, limit, _) in zip(request.budgets, judge.limits, strict=False):
        if surrogate is None:
            raise NotFoundError(f"no surrogate for space {oracles.space.name!r}", "dinas checkpoints list")
        budgets[budget.metric] = (surrogate.profile(column), limit)
    top = None if request.rank is None else request.rank.top
    if request.floor is not None:
        column, limit, _ = judge.limits[-1]
        chance = Judge(oracles, Request(request.space, request.dataset, None, None, request.budgets)).reference_chance
        reached = judge.reference_chance
        top = 100 * float(reached.sum()) / max(float(chance.sum()), 1e-9)
    dataset = request.dataset or next(iter(oracles.space.datasets), None)
    return Wishes(dataset, None if top is None else min(max(top, 0.1), 100.0), budgets)


def _collect(
    space: Space,
    values: np.ndarray,
    met: np.ndarray,
    result: Generated,
    found: list[tuple[int, tuple[int, ...]]],
    seen: set[str],
) -> None:
    """Count one round of samples and keep the new ones that satisfy."""
    for offset, row in enumerate(values.tolist()):
        result.valid += 1
        name = space.canonical_id(row)
        if name in seen:
            continue
        seen.add(name)
        result.unique += 1
        if met[offset]:
            found.append((result.drawn + offset, tuple(row)))
    result.drawn += len(values)


def _records(
    space: Space,
    found: list[tuple[int, tuple[int, ...]]],
    request: Request,
    provenance: dict[str, object],
    oracles: Oracles,
    device: str | None,
) -> list[Record]:
    """Records with every metric that fits the request, best ranked metric first."""
    bare = [
        Record(
            id=space.canonical_id(values),
            space=space.name,
            genotype=space.decode(values),
            request=request.to_dict(),
            provenance={**provenance, "index": index, "version": __version__},
            values=values,
        )
        for index, values in found
    ]
    devices = [budget.device for budget in request.budgets if budget.device]
    records = evaluate(bare, oracles, Wish(None, None, device or next(iter(devices), None))).records
    metric = f"{space.rank_metric}@{request.dataset or space.datasets[0]}"
    better = 1 if find_metric(space, space.rank_metric).better == "max" else -1
    records.sort(key=lambda r: -better * r.metrics[metric].value if metric in r.metrics else 0.0)
    for record in records:
        record.provenance.pop("satisfies", None)  # returned at all means it does
    return records


def _weakest(oracles: Oracles, judge: Judge) -> str:
    sources = [_source(oracles, column) for column in judge.columns]
    order = ("surrogate", "table", "computed")
    return next((name for name in order if name in sources), "")


def _source(oracles: Oracles, column: str) -> str:
    answer = oracles.answer(column)
    return "" if answer is None else answer.source
