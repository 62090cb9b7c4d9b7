"""The whole front instead of one threshold: what nothing dominates in two or three metrics, under any limits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dinas_cli.architectures.conditions import Request
from dinas_cli.architectures.schema import Record
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.diffusion.generator import Generator
from dinas_cli.errors import UnsatisfiedError, UsageProblem
from dinas_cli.files.atomic import sha256_file
from dinas_cli.files.columns import split_column
from dinas_cli.generation import fronts
from dinas_cli.generation.along import candidates
from dinas_cli.generation.confidence import CONFIDENCES, judge_for
from dinas_cli.generation.feasibility import check_feasible
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.models import resolve_models
from dinas_cli.generation.objectives import Objective, find_objectives
from dinas_cli.generation.records import make_records
from dinas_cli.generation.rejection import Found, Progress
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import enumerable

CLOUD = 1500
"""Architectures beside the front that are kept as points, at most."""


@dataclass
class Front:
    """Architectures that nothing dominates, in the order of the first metric of which less is better."""

    objectives: list[Objective]
    records: list[Record]
    """Of the front, and of the layers behind it where more were asked for; ``layer`` (1: the front) and ``knee`` are in
    their provenance."""
    hypervolume: float
    """Of the front: the part of the box from its best values to :data:`.fronts.MARGIN` behind its worst ones."""
    compared: int
    """How many architectures were looked at."""
    left_out: int = 0
    """Members of the front that hardly improve on one that is here, see :func:`.fronts.useful`."""
    confidence: float | None = None
    """The probability with which each keeps the limits, where only the surrogate can tell."""
    notes: list[str] = field(default_factory=list)
    interrupted: bool = False
    cloud: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))
    """Some of what was compared, as values ``(C, k)`` of the objectives."""
    dominated: list[Record] = field(default_factory=list)
    """Given records that are dominated."""

    @property
    def knee(self) -> Record | None:
        """The member from which on little is gained for much."""
        return next((record for record in self.records if record.provenance.get("knee")), None)


def front_of_space(
    request: Request,
    names: Sequence[str],
    *,
    count: int | None = None,
    seed: int = 0,
    checkpoint: str | None = None,
    confidence: float | None = None,
    devices: Sequence[str] = (),
    oracles: Oracles | None = None,
    progress: Progress = lambda _found, _seen: None,
) -> Front:
    """The front of a space in the metrics called ``names``, among what satisfies ``request``.

    A space that can be listed is looked at as a whole; in others the generator samples along the limits and what it
    finds is improved (:mod:`.along`). ``count`` asks for so many architectures, layer behind layer, to look up or
    measure for example; without it, for those members of the front that are usefully different.

    Raises what :func:`.find_objectives` does, :class:`UnsatisfiedError` when nothing satisfies the request, and
    :class:`NotFoundError` without the weights that are needed.
    """
    if request.best is not None:
        raise UsageProblem(
            f"the best {request.best.metric} is one end of the front", "leave it out, or ask for it with dinas generate"
        )
    space = get_space(request.space)
    listed = enumerable(space)
    models = None if listed and checkpoint is None else resolve_models(space, checkpoint, oracles)
    oracles = oracles_at_hand(space) if models is None and oracles is None else (models.oracles if models else oracles)
    assert oracles is not None
    objectives = find_objectives(names, oracles, request, devices)
    judge = _surest(judge_for(oracles, request, confidence), CONFIDENCES if confidence is None else (confidence,))
    provenance: dict[str, Any] = {}
    interrupted = False
    if listed:
        values = space.reference()
        points = _reference_points(oracles, objectives)
        points[~judge.reference_satisfied] = np.nan
        compared = len(values)
    else:
        assert models is not None
        generator = Generator.load(models.path)
        found = candidates(generator, models, judge, objectives, _costs(judge, objectives), seed, progress)
        values, compared, interrupted = found.values, found.seen, found.interrupted
        points = np.stack([each.cost(oracles.metric(values, each.column)[0]) for each in objectives], 1)
        provenance = {"checkpoint": models.path.name, "sha256": sha256_file(models.path), "seed": seed}
    rows = np.flatnonzero(~np.isnan(points).any(1))
    if not len(rows):
        raise UnsatisfiedError(
            f"nothing that satisfies {request.describe(space)} has values of all of "
            + ", ".join(each.column for each in objectives),
            "relax a limit, or choose other metrics with --of",
        )
    members, left_out = _members(space.canonical_id, values, points, rows, count)
    numbered = [Found(row, name, tuple(values[row].tolist())) for row, name, _ in members]
    columns = [each.column for each in objectives]
    made = {
        record.provenance["index"]: record for record in make_records(numbered, judge, provenance, devices, columns)
    }
    records = [made[row] for row, *_ in members]
    front = marked(objectives, records, [layer for *_, layer in members], points[rows])
    front.compared, front.left_out, front.interrupted = compared, left_out, interrupted
    uncertain = bool(request.budgets or request.floor) and judge.source == "surrogate"
    front.confidence = judge.confidence if uncertain else None
    some = rows[:: max(1, len(rows) // CLOUD)]
    front.cloud = points[some] * np.where([each.upwards for each in objectives], -1.0, 1.0)
    if uncertain and confidence is None and judge.level < CONFIDENCES[0]:
        front.notes.append(
            f"nothing keeps the limits with probability {CONFIDENCES[0]:g}: {judge.level:g} is enough here"
        )
    return front


def marked(
    objectives: Sequence[Objective], records: Sequence[Record], layer: Sequence[int], compared: np.ndarray
) -> Front:
    """A front of ``records`` that have values of all ``objectives``, in their order within each layer.

    The knee is taken among what is good at its task: no worse than the median of what was ``compared (B, k)``.
    """
    points = points_of(objectives, records)
    first = next((place for place, each in enumerate(objectives) if not each.upwards), 0)
    order = sorted(range(len(records)), key=lambda row: (layer[row], points[row, first], points[row].tolist()))
    ahead = [row for row in order if layer[row] == 1]
    ranked = np.array([each.ranked for each in objectives])
    turn = fronts.knee(points[ahead], np.where(ranked, np.median(compared, 0), np.inf))
    middle = None if turn is None else ahead[turn]
    found = [
        replace(records[row], provenance={**records[row].provenance, "layer": layer[row], "knee": row == middle})
        for row in order
    ]
    front = Front(list(objectives), found, fronts.reached(points[ahead]), len(records))
    if len(ahead) == 1:
        front.notes.append("one architecture is the best in all of them: there is no trade-off")
    return front


def points_of(objectives: Sequence[Objective], records: Sequence[Record]) -> np.ndarray:
    """Points ``(B, k)`` to be minimised; NaN where a record has no value."""
    nothing = float("nan")
    found = [[_value(record.metrics.get(each.column), nothing) for each in objectives] for record in records]
    values = np.array(found, float).reshape(len(records), len(objectives))
    return values * np.where([each.upwards for each in objectives], -1.0, 1.0)


def _value(metric: Any, nothing: float) -> float:
    return nothing if metric is None else float(metric.value)


def _surest(judge: Judge, levels: Sequence[float]) -> Judge:
    """The judge at the first of the confidences at which something satisfies; raises :class:`UnsatisfiedError`."""
    for level in levels:
        if (judge.reference_sureness >= level).any():
            return judge.at(level)
    check_feasible(judge.at(levels[-1]))
    return judge.at(levels[-1])


def _reference_points(oracles: Oracles, objectives: Sequence[Objective]) -> np.ndarray:
    return np.stack([each.cost(oracles.reference(each.column)) for each in objectives], 1).astype(float)


def _costs(judge: Judge, objectives: Sequence[Objective]) -> Callable[[np.ndarray | None], np.ndarray]:
    """What candidates are compared by: values, and of ranked metrics what the surrogate is sure of, lest candidates
    are sought where it only goes on with a trend."""
    oracles = judge.oracles
    ranked = {spec.name for spec in oracles.space.metrics if spec.ranked} | {oracles.space.rank_metric}

    def costs(values: np.ndarray | None) -> np.ndarray:
        found = []
        for each in objectives:
            if split_column(each.column)[0] in ranked:
                found.append(-oracles.ranking(values, each.column))
            else:
                known = oracles.reference(each.column) if values is None else oracles.metric(values, each.column)[0]
                found.append(each.cost(known))
        points = np.stack(found, 1).astype(float)
        points[~(judge.reference_satisfied if values is None else judge.satisfied(values))] = np.nan
        return points

    return costs


def _members(
    name: Callable[[Sequence[int]], str], values: np.ndarray, points: np.ndarray, rows: np.ndarray, count: int | None
) -> tuple[list[tuple[int, str, int]], int]:
    """Row, architecture id and layer of what is returned, and how many were left out of the front.

    Cells of one id may cost differently where a device runs what is dead in them; those that do not are one.
    """
    ahead = fronts.layers(points[rows], 1)
    best, size = fronts.extent(points[rows][ahead[0]])
    step = np.round((points - best) / (size * fronts.EPSILON))

    def each_once(layers: Sequence[np.ndarray]) -> list[tuple[int, str, int]]:
        found: dict[tuple[object, ...], tuple[int, str, int]] = {}
        for layer, inside in enumerate(layers, start=1):
            for row in inside.tolist():
                identity = name(values[row].tolist())
                found.setdefault((identity, *step[row].tolist()), (row, identity, layer))
        return list(found.values())

    if count is None:
        kept = fronts.useful(points[rows][ahead[0]])
        return each_once([rows[ahead[0][kept]]]), len(ahead[0]) - len(kept)
    wanted = count
    while True:
        ahead = fronts.layers(points[rows], wanted)
        members = each_once([rows[inside] for inside in ahead])
        if len(members) >= count or sum(map(len, ahead)) == len(rows):
            break
        wanted *= 2
    whole = [member for member in members if member[2] < members[min(count, len(members)) - 1][2]]
    last = [member for member in members[len(whole) :] if member[2] == members[len(whole)][2]]
    # Of a layer that is too long, some of all its length.
    places = np.linspace(0, len(last) - 1, min(len(last), count - len(whole))).round().astype(int)
    return [*whole, *(last[place] for place in places.tolist())], 0


def describe(front: Front) -> str:
    """One line for people on what the front is and how much it reaches."""
    names = [each.column for each in front.objectives]
    ahead = sum(record.provenance["layer"] == 1 for record in front.records)
    return (
        f"front of {', '.join(names[:-1])} and {names[-1]}: {ahead} of {front.compared:,} architectures"
        + (f" (and {front.left_out} that hardly differ from one of them)" if front.left_out else "")
        + f", hypervolume {front.hypervolume:.3f} of the box that ends {fronts.MARGIN:.0%} behind its worst values"
    )
