"""Conditions: what the model is asked for, as records keep it, and the names that a space knows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dinas_cli.architectures.limits import bounded
from dinas_cli.architectures.members import read_list, read_number, read_object, read_text
from dinas_cli.errors import UsageProblem, find_name, suggest
from dinas_cli.files.columns import column_key
from dinas_cli.files.text import brief
from dinas_cli.spaces.shared.protocol import MetricSpec, Space
from dinas_cli.units import format_quantity


@dataclass(frozen=True)
class Budget:
    """A limit in the metric's own unit, on one device where the metric has devices: an upper one, or a lower one where
    more is better."""

    metric: str
    limit: float
    device: str | None = None
    reverse: bool = False
    """Whether it is the other end of a range: at least so much of what is better the less, or the reverse."""


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
                | ({"reverse": True} if budget.reverse else {})
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
                    _budget(read_object(item, f"number {place} of 'budgets'", ("metric", "limit", "device", "reverse")))
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
        limits = described(space, self.budgets)
        text = " and ".join(goals)
        if limits:
            text = f"{text} with {' and '.join(limits)}" if text else " and ".join(limits)
        return text or "any architecture"


def described(space: Space, budgets: Sequence[Budget]) -> list[str]:
    """Limits for people, the two ends of a range as one: ``2.00 ms ≤ latency/fpga ≤ 3.00 ms``."""
    columns: dict[str, list[Budget]] = {}
    for budget in budgets:
        columns.setdefault(column_key(budget.metric, budget.device), []).append(budget)
    found = []
    for key, ends in columns.items():
        spec = find_metric(space, ends[0].metric)
        sides = [end.limit for end in sorted(ends, key=lambda end: end.limit)]
        if len(ends) == 2 and ends[0].reverse != ends[1].reverse:
            low, high = (format_quantity(side, spec.unit) for side in sides)
            found.append(f"{low} ≤ {key} ≤ {high}")
        else:
            found += [bounded(spec, key, end.limit, reverse=end.reverse) for end in ends]
    return found


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


def _rank(data: Mapping[str, Any]) -> Rank:
    return Rank(read_text(data["metric"]), read_number(data["top"], 100))


def _floor(data: Mapping[str, Any]) -> Floor:
    return Floor(read_text(data["metric"]), read_number(data["value"], least=-math.inf))


def _budget(data: Mapping[str, Any]) -> Budget:
    device, reverse = data.get("device"), data.get("reverse", False)
    if not isinstance(reverse, bool):
        raise ValueError(f"'reverse' is {brief(str(reverse))}, which is neither true nor false")
    limit = read_number(data["limit"])
    return Budget(read_text(data["metric"]), limit, None if device is None else read_text(device), reverse)
