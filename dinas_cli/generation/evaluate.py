"""Evaluates records: which columns each of them is about, all look-ups in batches, and whether requests are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dinas_cli.architectures.conditions import Request, check_dataset, check_device, find_metric
from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.generation.judge import Judge
from dinas_cli.oracles.answers import Oracles

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import MetricSpec, Space


@dataclass(frozen=True)
class Selection:
    """What to look up: metric names as users write them (None: the usual ones), and what they do not say."""

    metrics: tuple[str, ...] | None = None
    """``metric[/device][@dataset]``, for example ``acc``, ``latency/fpga@cifar10``."""
    dataset: str | None = None
    device: str | None = None


@dataclass
class Evaluation:
    """Records with their metrics, in the order given, and what there is to say about them."""

    records: list[Record] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    """Records left out, each with its place and the reason."""
    missing: list[str] = field(default_factory=list)
    """Usual columns that no source at hand knows."""
    unjudged: list[str] = field(default_factory=list)
    """Why some requests could not be checked."""


def evaluate(records: Sequence[Record], oracles: Oracles, selection: Selection) -> Evaluation:
    """Look up what ``selection`` asks about records of one space, each batch of equal requests at once.

    Values replace what a record says of the same column; with ``selection.metrics`` nothing else is kept. A record
    with a request gets ``satisfies`` in its provenance. Raises :class:`UsageProblem` for an unknown metric, dataset or
    device, and :class:`NotFoundError` for a metric asked for by name that no source at hand has.
    """
    import numpy as np

    result = Evaluation()
    space = oracles.space
    check(selection, oracles)
    batches: dict[str, tuple[Request, list[int]]] = {}
    done: dict[int, Record] = {}
    for row, record in enumerate(records):
        signature = repr(record.request)
        if signature not in batches:
            try:
                batches[signature] = (_request(record, space), [])
            except UsageProblem as problem:
                result.problems.append(f"{record.origin or record.id}: {problem.message}")
                continue
        batches[signature][1].append(row)
    for request, rows in batches.values():
        values = np.array([records[row].values or space.encode(records[row].genotype) for row in rows], np.int64)
        columns, missing = columns_of(request, oracles, selection)
        result.missing += [column for column in missing if column not in result.missing]
        satisfied = None if request.empty else _judge(oracles, request, values, result)
        found = look_up(oracles, values, columns)
        for place, (row, cell) in enumerate(zip(rows, values.tolist(), strict=True)):
            record = records[row]
            metrics = {column: made[place] for column, made in found.items()}
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
                request=record.request,
                provenance=provenance,
                values=record.values,
                origin=record.origin,
            )
    result.records = [done[row] for row in sorted(done)]
    return result


def check(selection: Selection, oracles: Oracles) -> None:
    """Raise :class:`UsageProblem` with a suggestion for a metric, dataset or device that does not exist here."""
    space = oracles.space
    if selection.dataset is not None:
        check_dataset(space, selection.dataset)
    if selection.device is not None:
        _check_device(oracles, selection.device, [spec.name for spec in space.metrics if spec.per_device])
    for name in selection.metrics or ():
        metric, device, dataset = split_column(name)
        spec = find_metric(space, metric)
        if dataset is not None:
            check_dataset(space, dataset)
        if device is not None and not spec.per_device:
            raise UsageProblem(f"{metric} does not depend on a device", f"write {metric} instead of {name}")
        if spec.per_device:
            chosen = device or selection.device or space.default_device
            if chosen is None:
                known = ", ".join(oracles.devices(metric)) or "none"
                raise UsageProblem(f"{metric} needs a device", f"write {metric}/NAME or add --device; devices: {known}")
            _check_device(oracles, chosen, [metric])


def columns_of(request: Request, oracles: Oracles, selection: Selection) -> tuple[list[str], list[str]]:
    """Columns to look up for records with this request, and usual ones that no source at hand has."""
    space = oracles.space
    dataset = selection.dataset or request.dataset or next(iter(space.datasets), None)
    wanted: dict[tuple[str, str | None, str | None], bool] = {}
    """Metric, device, dataset -> whether its absence matters."""
    if selection.metrics is not None:
        for name in selection.metrics:
            metric, device, own = split_column(name)
            spec = find_metric(space, metric)
            chosen = device or selection.device or space.default_device
            wanted[metric, chosen if spec.per_device else None, own or dataset] = True
    else:
        device = selection.device or space.default_device
        for spec in space.metrics:
            if not spec.per_device and (spec.per_dataset or (spec.better and not space.datasets)):
                wanted[spec.name, None, dataset] = spec.per_dataset or spec.name == space.rank_metric
            elif spec.per_device and device is not None:
                # Not every device has every cost, so one of them may be missing.
                wanted[spec.name, device, dataset] = False
        for budget in request.budgets:
            wanted[budget.metric, budget.device, dataset] = True
    columns, missing = [], []
    for (metric, device, own), matters in wanted.items():
        column = oracles.find(metric, dataset=own, device=device)
        if column is not None:
            columns.append(column)
        elif matters:
            missing.append(_name(find_metric(space, metric), device, own))
    if selection.metrics is not None and missing:
        raise oracles.missing(missing[0])
    return list(dict.fromkeys(columns)), missing


def look_up(oracles: Oracles, values: np.ndarray, columns: Sequence[str]) -> Mapping[str, list[Metric]]:
    """A :class:`Metric` of every column for every architecture."""
    found = {}
    for column in columns:
        numbers, source = oracles.metric(values, column)
        answer = oracles.answer(column)
        unit = "" if answer is None else answer.unit
        _, device, dataset = split_column(column)
        facts = {"device": device, "dataset": dataset, "kendall_tau": None if answer is None else answer.kendall_tau}
        extra = {name: fact for name, fact in facts.items() if fact is not None}
        found[column] = [Metric(number, unit, source, extra) for number in numbers.tolist()]
        if source == "surrogate":  # a measured value says more than a guess, where the benchmark has one
            certain = {name: fact for name, fact in extra.items() if name != "kendall_tau"}
            tabled = oracles.tabled(values, column)
            for row in (tabled == tabled).nonzero()[0].tolist():
                found[column][row] = Metric(float(tabled[row]), unit, "table", certain)
    return found


def source_lines(records: Sequence[Record]) -> list[str]:
    """One line per source with its columns, for a surrogate with its held-out Kendall tau."""
    columns: dict[str, dict[str, float | None]] = {}
    for record in records:
        for column, metric in record.metrics.items():
            columns.setdefault(metric.source, {}).setdefault(column, metric.extra.get("kendall_tau"))
    lines = []
    for source, found in columns.items():
        names = [f"{name} (τ {tau:.3f})" if isinstance(tau, float) else name for name, tau in found.items()]
        note = ", τ: held-out Kendall rank correlation" if any(found.values()) else ""
        lines.append(f"from {source}{note}: {', '.join(names)}")
    return lines


def _request(record: Record, space: Space) -> Request:
    """The request of a record, an empty one where it has none; raises :class:`UsageProblem` if it makes no sense."""
    if not record.request:
        return Request(space.name)
    request = Request.from_dict(record.request)
    if request.space != space.name:
        raise UsageProblem(f"its request is for space {request.space!r}, not {space.name!r}")
    for part in (request.rank, request.floor, *request.budgets):
        if part is not None:
            find_metric(space, part.metric)
    if request.dataset is not None:
        check_dataset(space, request.dataset)
    return request


def _judge(oracles: Oracles, request: Request, values: np.ndarray, result: Evaluation) -> np.ndarray | None:
    try:
        return Judge(oracles, request).satisfied(values)
    except NotFoundError as error:
        if error.message not in result.unjudged:
            result.unjudged.append(error.message)
        return None


def _check_device(oracles: Oracles, device: str, metrics: Sequence[str]) -> None:
    known = dict.fromkeys(name for metric in metrics for name in oracles.devices(metric))
    if not known:
        raise oracles.missing(f"{' or '.join(metrics)} of any device")
    check_device(device, list(known))


def _name(spec: MetricSpec, device: str | None, dataset: str | None) -> str:
    return column_key(spec.name, device, dataset if spec.per_dataset or spec.per_device else None)
