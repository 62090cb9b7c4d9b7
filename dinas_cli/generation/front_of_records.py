"""The front of records that exist already: by the values they have, looked up where none of them has any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dinas_cli.architectures.conditions import Request, find_metric
from dinas_cli.architectures.schema import Record
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.errors import DinasError, NotFoundError, UnsatisfiedError, UsageProblem
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.generation import fronts
from dinas_cli.generation.front import Front, marked, points_of
from dinas_cli.generation.objectives import Objective, check_number, default_names, find_columns, objective_of
from dinas_cli.oracles.lookup import look_up
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space


def space_of(records: Sequence[Record]) -> Space:
    """The space of all records; :class:`UsageProblem` where there are several, :class:`DinasError` without any."""
    if not records:
        raise DinasError("no architectures in the input", "name files, genotypes, or - for standard input")
    counts = Counter(record.space for record in records)
    if len(counts) > 1:
        found = ", ".join(f"{count} of {name}" for name, count in counts.items())
        first = next(iter(counts))
        raise UsageProblem(
            f"a front is of one space, and these records are {found}", f"grep '\"{first}\"' FILE | dinas front -"
        )
    return get_space(records[0].space)


def front_of_records(
    records: Sequence[Record], names: Sequence[str], request: Request, devices: Sequence[str] = ()
) -> Front:
    """The front of given records in the metrics called ``names``, among those within the limits of ``request``.

    A metric that no record has is looked up for all of them; of one that some have, the others are left out.

    Raises what :func:`space_of` and :func:`.find_objectives` do, :class:`DinasError` where fewer than two records are
    left, and :class:`UnsatisfiedError` where none keeps to the limits.
    """
    space = space_of(records)
    if request.rank is not None or request.best is not None:
        raise UsageProblem("a rank is among a whole space, not among records", "use a bound: --acc '>=90'")
    objectives = [each for name in names for each in _objectives(space, records, name, request, devices)]
    check_number(objectives)
    limits = [
        (_objectives(space, records, column_key(each.metric, each.device), request)[0], each.limit, each.reverse)
        for each in request.budgets
    ]
    if request.floor is not None:
        floor = _objectives(space, records, request.floor.metric, request)[0]
        limits.append((floor, request.floor.value, False))
    full = completed(space, records, [*objectives, *(each for each, _, _ in limits)])
    return front_among(full, objectives, limits)


def front_among(
    records: Sequence[Record], objectives: Sequence[Objective], limits: Sequence[tuple[Objective, float, bool]] = ()
) -> Front:
    """The front of records by the values that they have; the others are :attr:`.Front.dominated`.

    A limit is a column, a value and whether it is the other end of a range.
    """
    points = points_of(objectives, records)
    known = ~np.isnan(points).any(1)
    kept = known.copy()
    for each, value, reverse in limits:
        cost = points_of([each], records)[:, 0]
        bound = -value if each.upwards else value
        kept &= (cost >= bound) if reverse else (cost <= bound)
    if not known.any():
        columns = ", ".join(each.column for each in objectives)
        raise NotFoundError(f"no record has values of all of {columns}", "look them up first: dinas eval FILE --json")
    if not kept.any():
        raise UnsatisfiedError(f"none of {len(records)} records keeps to the limits", "relax a limit")
    if kept.sum() < 2:
        raise DinasError(
            "a front needs at least two architectures, and here is one", "find more: dinas generate -n 100 --json"
        )
    rows = np.flatnonzero(kept)
    inside = rows[fronts.front(points[rows])]
    front = marked(objectives, [records[row] for row in inside.tolist()], [1] * len(inside), points[rows])
    front.compared = len(rows)
    front.dominated = [records[row] for row in rows.tolist() if row not in set(inside.tolist())]
    front.notes += _notes(records, objectives, int((~known).sum()), int((known & ~kept).sum()))
    return front


def completed(space: Space, records: Sequence[Record], objectives: Sequence[Objective]) -> list[Record]:
    """The records, with a column looked up for all of them where none has it."""
    absent = [each.column for each in objectives if not any(each.column in record.metrics for record in records)]
    if not absent:
        return list(records)
    values = np.array([record.values for record in records], np.int64)
    found = look_up(oracles_at_hand(space), values, list(dict.fromkeys(absent)))
    return [
        replace(record, metrics={**record.metrics, **{column: known[place] for column, known in found.items()}})
        for place, record in enumerate(records)
    ]


def _objectives(
    space: Space, records: Sequence[Record], name: str, request: Request, devices: Sequence[str] = ()
) -> list[Objective]:
    """The columns of the records that ``name`` means, on each of the ``devices``; else those that the oracles know.

    Raises :class:`UsageProblem` where it may mean several of them.
    """
    metric, on, dataset = split_column(name)
    spec = find_metric(space, metric)
    wanted: list[str | None] = [on] if on or not spec.per_device or not devices else [*devices]
    has = dict.fromkeys(column for record in records for column in record.metrics)
    found: list[Objective] = []
    for device in wanted:
        fitting = [column for column in has if _fits(column, metric, device, dataset)]
        about = (None, request.judged, request.dataset)
        fitting = [column for column in fitting if split_column(column)[2] in about] or fitting
        if len(fitting) > 1:
            problem = f"{metric} of the records may be {' or '.join(fitting)}"
            raise UsageProblem(problem, f"say which in --of: {fitting[0]}")
        if fitting:
            found.append(objective_of(space, fitting[0]))
        else:
            asked = () if device is None or device == on else (device,)
            found += find_columns(name, oracles_at_hand(space), request, asked)
    return found


def _fits(column: str, metric: str, device: str | None, dataset: str | None) -> bool:
    other, where, about = split_column(column)
    return other == metric and device in (None, where) and dataset in (None, about)


def _notes(records: Sequence[Record], objectives: Sequence[Objective], unknown: int, beyond: int) -> list[str]:
    notes = []
    if unknown:
        notes.append(
            f"{unknown} of {len(records)} records lack a value and take no part (dinas eval - --json looks them up)"
        )
    if beyond:
        notes.append(f"{beyond} of {len(records)} records are beyond a limit")
    for each in objectives:
        sources = Counter(record.metrics[each.column].source for record in records if each.column in record.metrics)
        if len(sources) > 1:
            found = ", ".join(f"{count} {source}" for source, count in sources.items())
            notes.append(f"values of {each.column} are of several sources: {found}")
    return notes


def columns_of_all(records: Sequence[Record]) -> list[str]:
    """The columns that every record has, in the order of the first one."""
    return [column for column in records[0].metrics if all(column in record.metrics for record in records)]


def default_of(space: Space, records: Sequence[Record], devices: Sequence[str]) -> tuple[str, ...]:
    """The ranked metric, and the latency on the ``devices``; without any, the first cost that all records have."""
    cheaper = {spec.name for spec in space.metrics if spec.better == "min" and spec.name != space.rank_metric}
    costs = [column for column in columns_of_all(records) if split_column(column)[0] in cheaper]
    return (space.rank_metric, costs[0]) if costs and not devices else default_names(space, devices)
