"""Conditions: what the model is asked for, parsed from options and checked against what a space has."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dinas_cli.architectures.limits import LIMITS, bounded, option_of, parse_limit, split_bound
from dinas_cli.architectures.members import read_list, read_number, read_object, read_text
from dinas_cli.errors import UsageProblem, find_name, suggest
from dinas_cli.files.columns import column_key
from dinas_cli.files.text import brief
from dinas_cli.spaces.shared.hardware import OTHERS, check_device
from dinas_cli.spaces.shared.protocol import MetricSpec, Space
from dinas_cli.units import parse_quantity

_TOP = re.compile(r"top\s*([0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})\s*%?", re.IGNORECASE)


@dataclass(frozen=True)
class Budget:
    """A limit in the metric's own unit, on one device where the metric has devices: an upper one, or a lower one where
    more is better."""

    metric: str
    limit: float
    device: str | None = None


@dataclass(frozen=True)
class Rank:
    """Among the best ``top`` percent, ``(0, 100]``, of the architectures that meet the other constraints."""

    metric: str
    top: float


@dataclass(frozen=True)
class Floor:
    """An absolute bound: at least ``value`` (at most, where a lower metric is better)."""

    metric: str
    value: float


@dataclass(frozen=True)
class Best:
    """The best that can be found among the architectures that meet the other constraints."""

    metric: str


@dataclass(frozen=True)
class Request:
    """Everything asked for at once; an empty one asks for any architecture of the space."""

    space: str
    dataset: str | None = None
    rank: Rank | None = None
    floor: Floor | None = None
    budgets: tuple[Budget, ...] = ()
    best: Best | None = None
    own: str | None = None
    """The user's data set that rank, floor and best are about; costs are those of ``dataset``, which it is like."""

    @property
    def judged(self) -> str | None:
        """The data set that rank, floor and best are about."""
        return self.dataset if self.own is None else self.own

    def to_dict(self) -> dict[str, Any]:
        """The JSON object kept in records; members that ask for nothing are left out."""
        data: dict[str, Any] = {"space": self.space}
        if self.dataset is not None:
            data["dataset"] = self.dataset
        if self.own is not None:
            data["own"] = self.own
        if self.rank is not None:
            data["rank"] = {"metric": self.rank.metric, "top": self.rank.top}
        if self.floor is not None:
            data["floor"] = {"metric": self.floor.metric, "value": self.floor.value}
        if self.best is not None:
            data["best"] = {"metric": self.best.metric}
        if self.budgets:
            data["budgets"] = [
                {"metric": budget.metric, "limit": budget.limit}
                | ({"device": budget.device} if budget.device is not None else {})
                for budget in self.budgets
            ]
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Request:
        """The inverse of :meth:`to_dict`; raises :class:`UsageProblem` naming the member that is wrong."""
        try:
            read_object(data, "it", ("space", "dataset", "own", "rank", "floor", "best", "budgets"))
            rank, floor, best = data.get("rank"), data.get("floor"), data.get("best")
            return cls(
                space=read_text(data["space"]),
                dataset=None if data.get("dataset") is None else read_text(data["dataset"]),
                rank=None if rank is None else _rank(read_object(rank, "'rank'", ("metric", "top"))),
                floor=None if floor is None else _floor(read_object(floor, "'floor'", ("metric", "value"))),
                best=None if best is None else Best(read_text(read_object(best, "'best'", ("metric",))["metric"])),
                own=None if data.get("own") is None else read_text(data["own"]),
                budgets=tuple(
                    _budget(read_object(item, f"number {place} of 'budgets'", ("metric", "limit", "device")))
                    for place, item in enumerate(read_list(data.get("budgets", ()), "'budgets'"), start=1)
                ),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            what = f"no member {error}" if isinstance(error, KeyError) else str(error)
            raise UsageProblem(f"a record's request cannot be read: {what}", "take 'request' out of it") from error

    @property
    def empty(self) -> bool:
        """Whether nothing at all is asked for."""
        return not (self.goals or self.budgets)

    @property
    def goals(self) -> tuple[Rank | Floor | Best, ...]:
        """What is asked of the ranked metric."""
        return tuple(goal for goal in (self.rank, self.floor, self.best) if goal is not None)

    def describe(self, space: Space) -> str:
        """One line for people: ``top 5 % acc@cifar10 with latency/fpga ≤ 2.00 ms``."""
        goals = []
        if self.rank is not None:
            goals.append(f"top {self.rank.top:g} % {column_key(self.rank.metric, None, self.judged)}")
        if self.floor is not None:
            key = column_key(self.floor.metric, None, self.judged)
            goals.append(bounded(find_metric(space, self.floor.metric), key, self.floor.value))
        if self.best is not None:
            goals.append(f"the best {column_key(self.best.metric, None, self.judged)}")
        limits = [
            bounded(find_metric(space, budget.metric), column_key(budget.metric, budget.device), budget.limit)
            for budget in self.budgets
        ]
        text = " and ".join(goals)
        if limits:
            text = f"{text} with {' and '.join(limits)}" if text else " and ".join(limits)
        return text or "any architecture"


def parse_request(
    space: Space,
    *,
    dataset: str | None = None,
    acc: str | None = None,
    latency: str | None = None,
    energy: str | None = None,
    params: str | None = None,
    macs: str | None = None,
    ntk: str | None = None,
    linear_regions: str | None = None,
    limits: Mapping[str, str] | None = None,
    device: str | None = None,
    devices: Sequence[str] | Mapping[str, Sequence[str]] = (),
    datasets: Mapping[str, str] | None = None,
) -> Request:
    """Turn option texts into a :class:`Request`, or raise :class:`UsageProblem` that says what the space has.

    ``acc`` is about the space's ranked metric: ``top5``, ``top0.5``, ``top5%`` or ``best`` (among those that meet the
    budgets), ``>=72``, ``>=72%``. Limits are upper, or lower ones where more is better, and may say so (``<=2ms``);
    ``limits`` are those of further metrics. ``devices`` are the known device names, for every
    metric or by metric name; where none is named, the space's default is meant. A device without a budget on it is
    allowed. ``datasets`` are the user's own, each with the known one that it is like.
    """
    own = dataset if dataset is not None and dataset in (datasets or {}) else None
    dataset = check_dataset(space, dataset if own is None else (datasets or {})[own], tuple(datasets or ()))
    goal = None if acc is None else _goal(space, acc)
    if device is not None:
        by_metric = devices.values() if isinstance(devices, Mapping) else [devices]
        device = check_device(space, device, list(dict.fromkeys(name for names in by_metric for name in names)))
    named = dict(zip(LIMITS, (latency, energy, params, macs, ntk, linear_regions), strict=True))
    asked = [(metric, text) for metric, text in named.items() if text is not None]
    budgets: dict[str, Budget] = {}
    for metric, text in (*asked, *(limits or {}).items()):
        spec, option = find_metric(space, metric), option_of(metric)
        if not spec.bound or metric == space.rank_metric:
            names = [s.name for s in space.metrics if s.bound and s.name != space.rank_metric]
            raise UsageProblem(f"{metric} has no upper limit", suggest(metric, names, "what can be limited"))
        if metric in budgets:
            raise UsageProblem(f"{metric} is limited twice", f"name it once: {option}")
        limit = parse_limit(spec, text)
        known = devices.get(metric, ()) if isinstance(devices, Mapping) else devices
        chosen = (device or space.default_device) if spec.per_device else None
        if spec.per_device and chosen is None:
            raise UsageProblem(f"{option} needs --device", f"devices: {', '.join(known) or 'none'}; {OTHERS}")
        if chosen is not None and chosen not in known:
            hint = f"{suggest(chosen, known, f'{metric} devices')}; {OTHERS}"
            raise UsageProblem(f"{metric} is not known on device {brief(chosen)}", hint)
        budgets[metric] = Budget(metric, limit, chosen)
    rank, floor = goal if isinstance(goal, Rank) else None, goal if isinstance(goal, Floor) else None
    best = goal if isinstance(goal, Best) else None
    return Request(space.name, dataset, rank, floor, tuple(budgets.values()), best, own)


def check_dataset(space: Space, dataset: str | None, own: Sequence[str] = ()) -> str | None:
    """``dataset`` if the space has it or it is one of the user's ``own``, the space's default for ``None``.

    Raises :class:`UsageProblem` with a suggestion.
    """
    if dataset is None:
        return space.datasets[0] if space.datasets else None
    return find_name(dataset, (*space.datasets, *own), "dataset", of=space.name)


def check_dialect(space: Space, dialect: str | None) -> None:
    """Raise :class:`UsageProblem` with a suggestion for a dialect that the space does not have; None is its default."""
    if dialect is not None:
        find_name(dialect, space.dialects, "dialect", of=space.name)


def find_metric(space: Space, name: str) -> MetricSpec:
    """The space's description of a metric; raises :class:`UsageProblem` listing what the space has."""
    for spec in space.metrics:
        if spec.name == name:
            return spec
    names = [spec.name for spec in space.metrics]
    raise UsageProblem(
        f"space {space.name!r} has no metric {brief(name)}", suggest(name, names, f"{space.name} metrics")
    )


def _goal(space: Space, text: str) -> Rank | Floor | Best:
    """What ``--acc`` asks of the ranked metric."""
    spec = find_metric(space, space.rank_metric)
    sign = ">=" if spec.better == "max" else "<="
    hint = f"accepted forms: top5, top0.5, top5%, best, {sign}72" + (f", {sign}72%" if spec.unit == "%" else "")
    if text.strip().lower() == "best":
        return Best(spec.name)
    if match := _TOP.fullmatch(text.strip()):
        top = float(match[1])
        if not 0 < top <= 100:
            raise UsageProblem(f"--acc: {brief(text)} is no share: more than 0 and at most 100 % are", hint)
        return Rank(spec.name, top)
    given, quantity = split_bound(text)
    if given != sign:
        raise UsageProblem(f"--acc: {brief(text)} is not understood", hint)
    try:
        return Floor(spec.name, parse_quantity(quantity, spec.unit, name="--acc"))
    except UsageProblem as problem:
        raise UsageProblem(problem.message, hint) from problem


def _rank(data: Mapping[str, Any]) -> Rank:
    return Rank(read_text(data["metric"]), read_number(data["top"], 100))


def _floor(data: Mapping[str, Any]) -> Floor:
    return Floor(read_text(data["metric"]), read_number(data["value"], least=-math.inf))


def _budget(data: Mapping[str, Any]) -> Budget:
    device = data.get("device")
    limit = read_number(data["limit"])
    return Budget(read_text(data["metric"]), limit, None if device is None else read_text(device))
