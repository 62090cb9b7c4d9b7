"""Which columns a question is about, and their values with unit and source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.conditions import Request, check_dataset, find_metric
from dinas_cli.architectures.schema import Metric
from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.shared.hardware import OTHERS, check_device

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.spaces.shared.protocol import MetricSpec


@dataclass(frozen=True)
class Selection:
    """What to look up: metric names as users write them (None: the usual ones), and what they do not say."""

    metrics: tuple[str, ...] | None = None
    """``metric[/device][@dataset]``, for example ``acc``, ``latency/fpga@cifar10``."""
    dataset: str | None = None
    device: str | None = None


def checked(selection: Selection, oracles: Oracles) -> Selection:
    """The selection with devices by their own names.

    Raises :class:`UsageProblem` with a suggestion for a metric, dataset or device that does not exist here.
    """
    space = oracles.space
    general = selection.device
    if selection.dataset is not None:
        check_dataset(space, selection.dataset)
    if general is not None:
        general = _device(oracles, general, [spec.name for spec in space.metrics if spec.per_device])
    names = []
    for name in selection.metrics or ():
        metric, device, dataset = split_column(name)
        spec = find_metric(space, metric)
        if dataset is not None:
            check_dataset(space, dataset, oracles.own_datasets if metric == space.rank_metric else ())
        if device is not None and not spec.per_device:
            raise UsageProblem(f"{metric} does not depend on a device", f"write {metric} instead of {name}")
        if spec.per_device:
            chosen = device or general or space.default_device
            if chosen is None:
                known = ", ".join(oracles.devices(metric)) or "none"
                hint = f"write {metric}/NAME or add --device; devices: {known}; {OTHERS}"
                raise UsageProblem(f"{metric} needs a device", hint)
            found = _device(oracles, chosen, [metric])
            device = None if device is None else found
        names.append(column_key(metric, device, dataset))
    return Selection(None if selection.metrics is None else tuple(names), selection.dataset, general)


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
            if spec.on_request:
                continue
            if not spec.per_device and (spec.per_dataset or (spec.better and not space.datasets)):
                about = dataset if spec.name != space.rank_metric or selection.dataset else request.own or dataset
                wanted[spec.name, None, about] = spec.per_dataset or spec.name == space.rank_metric
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
            for row, marks in _marks(oracles.surrogate, values, column).items():
                if sources[row] == "surrogate":
                    found[column][row] = Metric(float(numbers[row]), unit, "surrogate", extras["surrogate"] | marks)
        if main == "surrogate":  # a measured value says more than a guess, where the benchmark has one
            tabled = oracles.tabled(values, column)
            for row in (tabled == tabled).nonzero()[0].tolist():
                found[column][row] = Metric(float(tabled[row]), unit, "table", about)
    return found


def _marks(surrogate: Surrogate, values: np.ndarray, column: str) -> dict[int, dict[str, Any]]:
    """What there is to say of single predictions, by the rows of ``values (B, V)``."""
    marks: dict[int, dict[str, Any]] = {}
    for row, bound in surrogate.bounds(values, column).items():
        marks.setdefault(row, {})["bound"] = bound
    for row in surrogate.outside(values, column).nonzero()[0].tolist():
        marks.setdefault(row, {})["outside_labels"] = True
    return marks


def _device(oracles: Oracles, device: str, metrics: Sequence[str]) -> str:
    """The device of that name or alias, of which one of the metrics is known."""
    known = dict.fromkeys(name for metric in metrics for name in oracles.devices(metric))
    if not known:
        raise oracles.missing(f"{' or '.join(metrics)} of any device")
    return check_device(oracles.space, device, list(known))


def _name(spec: MetricSpec, device: str | None, dataset: str | None) -> str:
    return column_key(spec.name, device, dataset if spec.per_dataset or spec.per_device else None)
