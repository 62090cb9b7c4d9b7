"""The file format ``dinas/architecture@1``: one architecture as one line of JSON."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dinas_cli.architectures.members import kind_of
from dinas_cli.files.text import brief

SCHEMA = "dinas/architecture@1"
DEEPEST = 64
"""Levels of lists and objects in a record; Python cannot write or show what is nested some hundred levels deep."""
_NESTING = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])')
RELATIONS = {"at least": "≥ ", "at most": "≤ "}
"""How people read a value whose ``bound`` says that the true one lies beyond."""
SOURCES = ("table", "surrogate", "computed", "measured")
"""Where a value can come from."""


@dataclass(frozen=True)
class Metric:
    """One value with its unit and source; ``extra`` (``kendall_tau``, ``device``, …) lies flat beside them in JSON.

    ``bound`` among them, one of :data:`RELATIONS`, says that the value is only the outermost one that was ever seen.
    """

    value: float
    unit: str
    source: str
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def relation(self) -> str:
        """What people read before the value: ``"≥ "``, ``"≤ "`` or nothing."""
        return RELATIONS.get(str(self.extra.get("bound")), "")

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; a missing value (NaN) is ``null``."""
        value = float(self.value)
        return {
            "value": value if math.isfinite(value) else None,
            "unit": self.unit,
            "source": self.source,
            **self.extra,
        }


@dataclass(frozen=True)
class Record:
    """One architecture with what is known about it.

    ``id`` is empty when the input line had none (a plain genotype): computing it is left to whoever needs it.
    ``values`` and ``origin`` are notes of the reader and not part of the file format.
    """

    id: str
    space: str
    genotype: str
    metrics: dict[str, Metric] = field(default_factory=dict)
    """By column key, for example ``acc@cifar10`` or ``latency/fpga@cifar10``."""
    request: dict[str, Any] = field(default_factory=dict)
    """What was asked for, see :meth:`dinas_cli.architectures.conditions.Request.to_dict`; empty when nothing was."""
    provenance: dict[str, Any] = field(default_factory=dict)
    networks: dict[str, Any] = field(default_factory=dict)
    """Which network costs and their limits are about, by column key; see :class:`.settings.Setting`."""
    values: tuple[int, ...] | None = field(default=None, compare=False)
    """The encoded genotype, once a reader has checked it."""
    origin: str = field(default="", compare=False)
    """Where the record was read, ``file:line``."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this record."""
        return {
            "schema": SCHEMA,
            "id": self.id,
            "space": self.space,
            "genotype": self.genotype,
            "metrics": {key: metric.to_dict() for key, metric in self.metrics.items()},
            **({"networks": self.networks} if self.networks else {}),
            "request": self.request,
            "provenance": self.provenance,
        }


class RecordError(ValueError):
    """A line is not a record; the message says why in one line."""


def to_json_line(record: Record) -> str:
    """The record as one line of JSON, without the line end."""
    return json.dumps(record.to_dict(), allow_nan=False, separators=(", ", ": "))


def from_json(text: str) -> Record:
    """Parse one line; raise :class:`RecordError` for anything but a complete record of the known schema."""
    return from_dict(loads(text))


def from_dict(data: Any) -> Record:
    """Build a record from a parsed JSON object; raise :class:`RecordError` naming the member that is wrong."""
    if not isinstance(data, dict):
        raise RecordError(f"a record is a JSON object, not {kind_of(data)}")
    if "schema" not in data:
        raise RecordError(f"no member 'schema' (expected {SCHEMA!r})")
    if data["schema"] != SCHEMA:
        raise RecordError(f"unknown schema {brief(data['schema'])} (this version reads {SCHEMA!r})")
    for name in ("space", "genotype"):
        if not data.get(name):
            raise RecordError(f"no member {name!r}")
    metrics = {key: _metric(key, value) for key, value in _member(data, "metrics", dict).items()}
    return Record(
        id=_member(data, "id", str),
        space=_member(data, "space", str),
        genotype=_member(data, "genotype", str),
        metrics={key: metric for key, metric in metrics.items() if metric is not None},
        networks=_member(data, "networks", dict),
        request=_member(data, "request", dict),
        provenance=_member(data, "provenance", dict),
    )


def loads(text: str) -> Any:
    """Strict JSON: no NaN or infinity, every failure a :class:`RecordError`."""

    def refuse(constant: str) -> None:
        raise RecordError(f"{constant} is not JSON")

    if text.count("{") + text.count("[") > DEEPEST and _depth(text) > DEEPEST:
        raise RecordError(f"nested more than {DEEPEST} levels deep")
    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise RecordError(f"not JSON: {error.msg} at column {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise RecordError(f"not JSON that can be read: {error}") from error


def _depth(text: str) -> int:
    """How deeply lists and objects are nested in JSON."""
    depth = deepest = 0
    for match in _NESTING.finditer(text):
        depth += bool(match[1]) - bool(match[2])
        deepest = max(deepest, depth)
    return deepest


def _member(data: Mapping[str, Any], name: str, kind: type) -> Any:
    value = data.get(name)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise RecordError(f"member {name!r} is {kind_of(value)}")
    return value


def _metric(key: str, data: Any) -> Metric | None:
    """A metric from its JSON object; ``None`` where the value is missing (``null``)."""
    if not isinstance(data, dict):
        raise RecordError(f"metric {brief(key)} is {kind_of(data)}, not an object")
    rest = dict(data)
    present = "value" in rest
    value, unit, source = rest.pop("value", None), rest.pop("unit", None), rest.pop("source", None)
    if value is None and present:
        return None
    if type(value) is not float:
        value = _as_float(key, value)
    if not isinstance(unit, str):
        raise RecordError(f"metric {brief(key)} has no 'unit'")
    if source not in SOURCES:
        raise RecordError(f"metric {brief(key)} has source {brief(source)}, not one of {', '.join(SOURCES)}")
    if not math.isfinite(value):
        raise RecordError(f"metric {brief(key)} is out of range")
    return Metric(value, unit, source, rest)


def _as_float(key: str, value: Any) -> float:
    if type(value) is not int:
        raise RecordError(f"metric {brief(key)} has no number as its 'value'")
    try:
        return float(value)
    except OverflowError as error:
        raise RecordError(f"metric {brief(key)} is out of range") from error
