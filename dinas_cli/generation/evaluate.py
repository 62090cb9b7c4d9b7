"""Evaluates records: which columns each of them is about, all look-ups in batches, and whether requests are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.architectures.conditions import Request, check_dataset, find_metric
from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.errors import NotFoundError, UnsatisfiedError, UsageProblem
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.measured import COLUMN, Measured, Measurer, Measuring, beside
from dinas_cli.generation.records import with_probabilities
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.lookup import Selection, checked, columns_of, look_up, networks_of

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


@dataclass
class Evaluation:
    """Records with their metrics, in the order given, and what there is to say about them."""

    records: list[Record] = field(default_factory=list)
    problems: list[UsageProblem] = field(default_factory=list)
    """Records left out: messages with their places and the reasons."""
    missing: list[str] = field(default_factory=list)
    """Usual columns that no source at hand knows."""
    unjudged: list[str] = field(default_factory=list)
    """Why some requests could not be checked."""
    measured: list[Measured] = field(default_factory=list)
    """What was measured here, in the order of the records."""


def evaluate(
    records: Sequence[Record], oracles: Oracles, selection: Selection, measuring: Measuring | None = None
) -> Evaluation:
    """Look up what ``selection`` asks about records of one space, each batch of equal requests at once.

    Values replace what a record says of the same column; with ``selection.metrics`` nothing else is kept. With
    ``measuring`` every network is measured here too, in a column of its own. A record with a request gets ``satisfies``
    in its provenance, by the measurement where there is one of what is limited. Raises :class:`UsageProblem` for an
    unknown metric, dataset, device or network, and :class:`NotFoundError` for a metric asked for by name that no source
    at hand has.
    """
    result = Evaluation()
    space = oracles.space
    selection = checked(selection, oracles)
    measurer = None if measuring is None else Measurer(oracles, selection, measuring)
    batches: dict[str, tuple[Request, list[int]]] = {}
    done: dict[int, Record] = {}
    for row, record in enumerate(records):
        signature = repr(record.request)
        if signature not in batches:
            try:
                batches[signature] = (_request(record, space), [])
            except UsageProblem as problem:
                where = record.origin or record.id
                result.problems.append(UsageProblem(f"{where}: {problem.message}", problem.hint))
                continue
        batches[signature][1].append(row)
    for request, rows in batches.values():
        values = np.array([records[row].values or space.encode(records[row].genotype) for row in rows], np.int64)
        columns, missing = columns_of(request, oracles, selection)
        result.missing += [column for column in missing if column not in result.missing]
        found = look_up(oracles, values, columns)
        measured: list[Measured] = []
        if measurer is not None:
            for row, cell in zip(rows, values.tolist(), strict=True):
                measured.append(measurer.measure(records[row], request, tuple(cell)))
            found = beside(found, measured)
            result.measured += measured
        satisfied = None
        if not request.empty:
            found, satisfied = _judge(oracles, request, values, found, measured, result)
        networks = networks_of(oracles, columns)
        for place, (row, cell) in enumerate(zip(rows, values.tolist(), strict=True)):
            record = records[row]
            metrics = {column: made[place] for column, made in found.items()}
            here = {COLUMN: measured[place].setting.to_dict()} if measured else {}
            if selection.metrics is None:
                metrics |= {column: known for column, known in record.metrics.items() if column not in metrics}
            provenance = record.provenance
            if satisfied is not None:
                provenance = {**provenance, "satisfies": bool(satisfied[place])}
            done[row] = Record(
                id=space.canonical_id(cell),
                space=space.name,
                # A plain line may be in any dialect, or untidy; a record keeps its own.
                genotype=record.genotype if record.id else space.decode(cell),
                metrics=metrics,
                networks={**record.networks, **networks, **here},
                request=record.request,
                provenance=provenance,
                values=record.values,
                origin=record.origin,
            )
    result.records = [done[row] for row in sorted(done)]
    return result


def _request(record: Record, space: Space) -> Request:
    """The request of a record, an empty one where it has none; raises :class:`UsageProblem` if it makes no sense."""
    if not record.request:
        return Request(space.name)
    request = Request.from_dict(record.request)
    if request.space != space.name:
        raise UsageProblem(f"its request is for space {request.space!r}, not {space.name!r}")
    for part in (*request.goals, *request.budgets):
        find_metric(space, part.metric)
    if request.dataset is not None:
        check_dataset(space, request.dataset)
    return request


def _judge(
    oracles: Oracles,
    request: Request,
    values: np.ndarray,
    metrics: Mapping[str, list[Metric]],
    measured: Sequence[Measured],
    result: Evaluation,
) -> tuple[Mapping[str, list[Metric]], np.ndarray | None]:
    """The ``metrics`` with what is said of the request's limits, and which architectures satisfy it, if it is known."""
    try:
        judge = Judge(oracles, request)
        limits = measured[0].limits if measured else {}
        metrics = with_probabilities(metrics, judge, values)
        costs = {number: np.array([each.metric.value for each in measured]) for number in limits}
        return metrics, judge.satisfied_as_measured(values, costs) if costs else judge.satisfied(values)
    except (NotFoundError, UnsatisfiedError) as error:
        if error.message not in result.unjudged:
            result.unjudged.append(error.message)
        return metrics, None
