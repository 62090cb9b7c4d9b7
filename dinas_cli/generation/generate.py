"""From a request to checked architectures, in one direction: resolve, judge, sample, check, write records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dinas_cli.architectures.conditions import Request
from dinas_cli.architectures.schema import Record
from dinas_cli.diffusion.generator import Generator
from dinas_cli.diffusion.guidance import WEIGHT
from dinas_cli.files.atomic import sha256_file
from dinas_cli.generation.conditioning import conditioning_for
from dinas_cli.generation.confidence import CONFIDENCES, judge_for, sample_surely, within_reach
from dinas_cli.generation.feasibility import check_feasible, explain_shortage
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.models import resolve_models
from dinas_cli.generation.polish import best_of_all, polish
from dinas_cli.generation.records import make_records
from dinas_cli.generation.rejection import POOL, Progress, Samples
from dinas_cli.generation.spread import SPREAD, chosen
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Values, enumerable

CONFIDENCE = CONFIDENCES[0]
"""How likely a limit must be met where only the surrogate can tell, as long as there are enough that do."""


@dataclass
class Generated:
    """Architectures that satisfy a request, the best first, and what it took.

    The counts are about the samples up to the one that ended the search, in the order of their numbers; nothing was
    drawn where the best was asked for of a space that can be listed.
    """

    records: list[Record] = field(default_factory=list)
    drawn: int = 0
    valid: int = 0
    unique: int = 0
    """Different architecture ids among the valid."""
    satisfying: int = 0
    """Those of them that passed the check."""
    confidence: float = CONFIDENCE
    """The probability with which each meets every limit, at least, where only the surrogate can tell."""
    source: str = ""
    """The weakest source that decided: ``surrogate``, ``table`` or ``computed``; empty when nothing was asked for."""
    changed: int = 0
    """Records that were samples improved by changes, where the best was asked for."""
    interrupted: bool = False
    notes: list[str] = field(default_factory=list)
    """What the user should know although architectures were found."""


def generate(
    request: Request,
    count: int = 16,
    *,
    seed: int = 0,
    checkpoint: str | None = None,
    guidance: float | Mapping[str, float] = WEIGHT,
    steps: int | None = None,
    sampler: str | None = None,
    confidence: float | None = None,
    oracles: Oracles | None = None,
    devices: Sequence[str] = (),
    exclude: Sequence[Values] = (),
    diverse: bool = False,
    progress: Progress = lambda _found, _drawn: None,
) -> Generated:
    """Draw until ``count`` different architectures satisfy ``request``, none is left to find, or patience ends.

    Every sample is checked by the strongest oracle at hand; what the surrogate decides must be likely enough:
    ``confidence``, or else the first of :data:`.confidence.CONFIDENCES` with which ``count`` are found. Samples are
    numbered from 0. Where a rank or floor is asked for, at least :data:`.rejection.POOL` are drawn and the ``count``
    with the best ranked metric among those that satisfy are returned, otherwise the first ``count``; best first. Where
    the best is asked for, what was found is polished (:mod:`.polish`), or all of the space is looked at if it can be
    listed. ``diverse`` chooses among the best of what was found those that differ most (:mod:`.spread`).
    ``devices`` add their metrics to the records; ``exclude`` are architectures that are known already. An interrupt
    returns what was found.

    Raises :class:`UnsatisfiedError` when nothing can or does satisfy the request, :class:`NotFoundError` without
    weights or surrogate, :class:`UsageProblem` for what the checkpoint cannot do, :class:`DinasError` when generator
    and surrogate do not belong together.
    """
    space = get_space(request.space)
    models = resolve_models(space, checkpoint, oracles)
    levels: Sequence[float] = CONFIDENCES if confidence is None else (confidence,)
    judge = judge_for(models.oracles, request, confidence)
    if enumerable(space):
        check_feasible(judge.at(levels[-1]))
        levels = within_reach(judge, levels, count, exclude)
    conditioning = conditioning_for(judge, models)
    generator = Generator.load(models.path)

    def draw(first: int, size: int) -> np.ndarray:
        return generator.sample(
            conditioning, size, seed=seed, first=first, guidance=guidance, steps=steps, sampler=sampler
        )

    known = [space.canonical_id(values) for values in exclude]
    provenance = {"checkpoint": models.path.name, "sha256": sha256_file(models.path), "seed": seed}
    if judge.best is not None and enumerable(space):
        listed = best_of_all(judge.at(levels[0]), judge.best, known, SPREAD * count)
        records = chosen(make_records(listed, judge, provenance, devices), count, diverse)
        return Generated(records, satisfying=len(listed), confidence=levels[0], source=judge.source)
    samples = sample_surely(draw, judge, levels, count, exclude, progress, POOL if diverse else 0)
    notes = without_effect(request, guidance) + how_told(judge) + how_sure(samples, confidence)
    notes += [
        f"{count} of the limits on {name}, the widest, are checked only: the generator heeds no more at once"
        for name, count in generator.passed_over(conditioning).items()
    ]
    found = samples.found
    if judge.best is not None:
        found = polish(generator, conditioning, samples.judge, judge.best, found, count, seed=seed, known=known)
    if not samples.interrupted and len(found) < count:
        notes += explain_shortage(samples)
    records = chosen(make_records(found, judge, provenance, devices), count, diverse)
    return Generated(
        records=records,
        confidence=samples.judge.level,
        drawn=samples.drawn,
        valid=samples.valid,
        unique=len(samples.seen),
        satisfying=len(samples.found),
        source=judge.source,
        changed=sum(record.provenance.get("changes", 0) > 0 for record in records),
        interrupted=samples.interrupted,
        notes=notes,
    )


def without_effect(request: Request, guidance: float | Mapping[str, float]) -> list[str]:
    """A note for every weight on a condition that the request does not have."""
    asked = {part.metric for part in (*request.goals, *request.budgets)}
    names = [name for name in guidance if name not in asked] if isinstance(guidance, Mapping) else []
    return [f"the guidance weight of {name} is without effect: the request does not limit it" for name in names]


def how_sure(samples: Samples, confidence: float | None) -> list[str]:
    """A note where too few were as sure as they are meant to be and less sure ones are returned too."""
    level = samples.judge.level
    if confidence is not None or samples.interrupted or not samples.found:
        return []
    if samples.judge.lenient:
        return [
            "what keeps to the limits by luck may be better than all that surely does: the rank is among what is "
            f"expected to keep to them, which these do with probability {level:g}"
        ]
    if level == CONFIDENCE:
        return []
    return [
        f"fewer than {samples.count} keep the limits with probability {CONFIDENCE:g}, so {level:g} is enough here "
        f"(records say how likely each is; --confidence {CONFIDENCE:g} for the surest alone)"
    ]


def how_told(judge: Judge) -> list[str]:
    """A note on the resolution of a rank that the reference of the space is too small for."""
    rank = judge.request.rank
    return [judge.field.describe(rank.top)] if rank is not None and judge.field.drawn else []
