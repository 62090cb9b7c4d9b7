"""Which columns a question is about, and their values with unit and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.by_device import ALL, devices_named, or_default
from dinas_cli.architectures.conditions import Request, check_dataset, find_metric
from dinas_cli.architectures.schema import Metric
from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.shared.hardware import OTHERS, check_device
from dinas_cli.units import significant

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.spaces.shared.protocol import MetricSpec

DIGITS = 6
"""Significant digits of predictions, which are good for three or four: enough that none of them tie by rounding."""


@dataclass(frozen=True)
class Selection:
    """What to look up: metric names as users write them (None: the usual ones), and what they do not say."""

    metrics: tuple[str, ...] | None = None
    """``metric[/device][@dataset]``, for example ``acc``, ``latency/fpga@cifar10``."""
    dataset: str | None = None
    devices: tuple[str, ...] = ()


def checked(selection: Selection, oracles: Oracles) -> Selection:
    """The selection with devices by their own names.

    Raises :class:`UsageProblem` with a suggestion for a metric, dataset or device that does not exist here.
    """
    space = oracles.space
    costs = {spec.name: oracles.devices(spec.name) for spec in space.metrics if spec.per_device}
    if selection.dataset is not None:
        check_dataset(space, selection.dataset)
    if selection.devices and not any(costs.values()):
        raise oracles.missing(f"{' or '.join(costs)} of any device")
    general = devices_named(space, selection.devices, costs)
    names = []
    for name in selection.metrics or ():
        metric, device, dataset = split_column(name)
        spec = find_metric(space, metric)
        if dataset is not None:
            check_dataset(space, dataset, oracles.own_datasets if metric == space.rank_metric else ())
        if device is not None and not spec.per_device:
            raise UsageProblem(f"{metric} does not depend on a device", f"write {metric} instead of {name}")
        chosen = _devices(oracles, spec, device, general, every=ALL in selection.devices)
        names += [column_key(metric, each, dataset) for each in chosen]
    return Selection(None if selection.metrics is None else tuple(names), selection.dataset, general)


def columns_of(request: Request, oracles: Oracles, selection: Selection) -> tuple[list[str], list[str]]:
    """Columns to look up for records with this request, and usual ones that no source at hand has.

    The ``selection`` is a :func:`checked` one.
    """
    space = oracles.space
    dataset = selection.dataset or request.dataset or next(iter(space.datasets), None)
    wanted: dict[tuple[str, str | None, str | None], bool] = {}
    """Metric, device, dataset -> whether its absence matters."""
    if selection.metrics is not None:
        for name in selection.metrics:
            metric, device, own = split_column(name)
            wanted[metric, device, own or dataset] = True
    else:
        devices = or_default(space, selection.devices)
        for spec in space.metrics:
            if spec.on_request:
                continue
            if not spec.per_device and (spec.per_dataset or (spec.better and not space.datasets)):
                about = dataset if spec.name != space.rank_metric or selection.dataset else request.own or dataset
                wanted[spec.name, None, about] = spec.per_dataset or spec.name == space.rank_metric
            elif spec.per_device:
                # Not every device has every cost, so one of them may be missing.
                wanted |= {(spec.name, device, dataset): False for device in devices}
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


def networks_of(oracles: Oracles, columns: Sequence[str]) -> dict[str, Any]:
    """What the costs among ``columns`` are about, by column, as records keep it."""
    found = {column: oracles.setting(column) for column in columns}
    return {column: setting.to_dict() for column, setting in found.items() if setting is not None}


def look_up(oracles: Oracles, values: np.ndarray, columns: Sequence[str]) -> Mapping[str, list[Metric]]:
    """A :class:`Metric` of every column for every architecture, each with the source that it is from."""
    found = {}
    for column in columns:
        numbers, main = oracles.metric(values, column)
        sources = oracles.sources(values, column)
        answer = oracles.answer(column)
        unit = "" if answer is None else answer.unit
        metric, device, dataset = split_column(column)
        labels = find_metric(oracles.space, metric).labels or None
        facts = (("device", device), ("dataset", dataset), ("labels", labels))
        about = {name: fact for name, fact in facts if fact is not None}
        extras: dict[str, dict[str, Any]] = dict.fromkeys(sources, about)
        if "surrogate" in extras and oracles.surrogate is not None:
            tau = oracles.surrogate.kendall_tau(column)
            extras["surrogate"] = about if tau is None else about | {"kendall_tau": tau}
        found[column] = [
            Metric(number, unit, source, extras[source])
            for number, source in zip(numbers.tolist(), sources, strict=True)
        ]
        if "surrogate" in extras and oracles.surrogate is not None:
            for row, marks in enumerate(_marks(oracles.surrogate, values, column)):
                if sources[row] == "surrogate":
                    number = significant(float(numbers[row]), DIGITS)
                    found[column][row] = Metric(number, unit, "surrogate", extras["surrogate"] | marks)
        if main == "surrogate":  # a measured value says more than a guess, where the benchmark has one
            tabled = oracles.tabled(values, column)
            for row in (tabled == tabled).nonzero()[0].tolist():
                found[column][row] = Metric(float(tabled[row]), unit, "table", about)
    return found


def _marks(surrogate: Surrogate, values: np.ndarray, column: str) -> list[dict[str, Any]]:
    """What there is to say of each prediction for ``values (B, V)``: how uncertain it is, or that it is a bound."""
    marks = [{"uncertainty": significant(each, 3)} for each in surrogate.deviation(values, column).tolist()]
    bounds: dict[int, dict[str, Any]] = {row: {"bound": side} for row, side in surrogate.bounds(values, column).items()}
    found: list[dict[str, Any]] = [bounds.get(row, mark) for row, mark in enumerate(marks)]
    for row in surrogate.outside(values, column).nonzero()[0].tolist():
        found[row] = found[row] | {"outside_labels": True}
    return found


def _devices(
    oracles: Oracles, spec: MetricSpec, device: str | None, general: Sequence[str], *, every: bool
) -> Sequence[str | None]:
    """Whose columns of a metric are meant: its own ``device``, else the ``general`` ones, else the space's default.

    With ``every``, those of the general ones that have the metric.
    """
    if not spec.per_device:
        return (None,)
    space, known = oracles.space, oracles.devices(spec.name)
    chosen = (device,) if device else or_default(space, general)
    if not chosen:
        hint = f"write {spec.name}/NAME or add --device; devices: {', '.join(known) or 'none'}; {OTHERS}"
        raise UsageProblem(f"{spec.name} needs a device", hint)
    if not known:
        raise oracles.missing(f"{spec.name} of any device")
    if every and not device:
        chosen = tuple(name for name in chosen if name in known)
    return [check_device(space, name, known) for name in chosen]


def _name(spec: MetricSpec, device: str | None, dataset: str | None) -> str:
    return column_key(spec.name, device, dataset if spec.per_dataset or spec.per_device else None)
