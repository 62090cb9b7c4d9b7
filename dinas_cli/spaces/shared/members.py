"""Whether an object has what a search space must have: every member of the protocol, of the type it should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dinas_cli.spaces.shared.hardware import Hardware
from dinas_cli.spaces.shared.protocol import Layout, MetricSpec, Space

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


def _name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _tuple_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, tuple) and all(map(fits, value))


def _text(value: Any) -> bool:
    return isinstance(value, str)


Rule = tuple[Callable[[Any], bool], str]
_NAMES: Rule = (_tuple_of(_name), "a tuple of names")
_PLAIN: Rule = (_name, "a name of letters, digits, '.', '_' and '-'")

ATTRIBUTES: Mapping[str, Rule] = {
    "name": _PLAIN,
    "aliases": _NAMES,
    "device_aliases": _NAMES,
    "title": (_text, "text"),
    "layout": (lambda value: isinstance(value, Layout), "a Layout"),
    "metrics": (lambda value: value and _tuple_of(lambda m: isinstance(m, MetricSpec))(value), "a tuple of MetricSpec"),
    "rank_metric": (_text, "the name of a metric"),
    "datasets": _NAMES,
    "dialects": (lambda value: value and _NAMES[0](value), "a tuple of names, at least one"),
    "table_rows": (lambda value: value is None or (type(value) is int and value > 0), "a number of rows or None"),
    "closed_forms": _NAMES,
    "default_device": (lambda value: value is None or _name(value), "a name or None"),
    "readers": (
        lambda value: isinstance(value, Mapping) and all(map(_text, [*value, *value.values()])),
        "a mapping from kinds of files to modules",
    ),
    "files": (_text, "text"),
}
"""What each attribute of :class:`Space` must be, as a test and in words."""

OPTIONAL: Mapping[str, Rule] = {
    "skeletons": (lambda value: isinstance(value, Mapping), "a mapping from names to options"),
    "counted": (_text, "text"),
    "compact": (_name, "the name of a dialect"),
    "own": (callable, "a method"),
    "setting": (callable, "a method"),
    "hardware": (
        lambda value: isinstance(value, Mapping) and all(isinstance(item, Hardware) for item in value.values()),
        "a mapping from names of devices to Hardware",
    ),
    "counts": (callable, "a method"),
    "isomorphic": (callable, "a method"),
    "written": (callable, "a method"),
    "official": (callable, "a method"),
    "counted_words": (lambda value: type(value) is int and value > 0, "a number of tokens"),
    "nested": (lambda value: type(value) is bool, "True or False"),
    "phases": (
        lambda value: isinstance(value, Mapping) and all(map(_text, [*value, *value.values()])),
        "a mapping from names of phases to words",
    ),
    "phase": (callable, "a method"),
    "checkpoints": (lambda value: value is None or isinstance(value, Path), "a Path or None"),
}
"""Members that a space may have besides those of the protocol."""

METHODS = tuple(name for name, member in vars(Space).items() if callable(member) and not name.startswith("_"))


def problem_of(space: Any) -> str | None:
    """What keeps an object from being a space, in a few words; None when nothing does. Calls none of its methods."""
    for name in (*ATTRIBUTES, *METHODS):
        if not hasattr(space, name):
            return f"it has no member {name!r}, see docs/new-space.md"
    for name in METHODS:
        if not callable(getattr(space, name)):
            return f"its member {name!r} is not a method"
    for name, (fits, words) in {**ATTRIBUTES, **OPTIONAL}.items():
        if hasattr(space, name) and not fits(getattr(space, name)):
            return f"its {name!r} is not {words}"
    metrics = {spec.name: spec for spec in space.metrics}
    for name in (space.rank_metric, *space.closed_forms):
        if name not in metrics:
            return f"{name!r} is not one of its metrics ({', '.join(metrics)})"
    if not metrics[space.rank_metric].better:
        return f"its rank_metric {space.rank_metric!r} does not say which direction is better"
    return None
