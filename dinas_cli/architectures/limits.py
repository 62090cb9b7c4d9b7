"""Limits in words: the options that ask for them, on which side of one values have to be, and how people read it."""

from __future__ import annotations

import re

from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief, visible
from dinas_cli.spaces.shared.protocol import MetricSpec
from dinas_cli.units import format_quantity, parse_quantity

LIMITS = ("latency", "energy", "params", "macs", "ntk", "linear_regions")
"""Metrics whose limits have an option of their own."""

_BOUND = re.compile(r"\s*(>=|≥|<=|≤)?(.*)", re.DOTALL)


def option_of(metric: str) -> str:
    """The option that limits a metric, as far as its name is a part of it."""
    return f"--{metric.replace('_', '-')}" if metric in LIMITS else f"--limit {metric}"


def option_for(metric: str, text: str) -> str:
    """The option that limits a metric to the quantity ``text``."""
    option = option_of(metric)
    return f"{option}{'=' if ' ' in option else ' '}{text}"


def parse_limit(spec: MetricSpec, text: str) -> float:
    """The limit in the metric's unit; ``text`` may say on which side values have to be.

    Raises :class:`UsageProblem` for the other side, for no quantity, and for one that has no logarithm where costs are
    logarithms.
    """
    option = option_of(spec.name)
    bound, quantity = split_bound(text)
    if bound not in ("", spec.bound):
        side, better = ("a lower", "more") if spec.bound == ">=" else ("an upper", "less")
        example = option_for(spec.name, f"'{spec.bound}{visible(quantity.strip()[:40])}'")
        raise UsageProblem(f"{option}: {spec.name} has {side} limit, for {better} of it is better", f"write {example}")
    limit = parse_quantity(quantity, spec.unit, name=option)
    if spec.cost and limit <= 0:
        raise UsageProblem(f"{option}: {brief(quantity)} is not positive", f"it limits the {spec.title}")
    return limit


def split_bound(text: str) -> tuple[str, str]:
    """``">="``, ``"<="`` or nothing, as a text starts with, and the rest."""
    match = _BOUND.fullmatch(text)
    assert match is not None  # it may start with nothing and go on with anything
    return (match[1] or "").replace("≥", ">=").replace("≤", "<="), match[2]


def bounded(spec: MetricSpec, key: str, value: float) -> str:
    """A bound on the column ``key`` for people: ``latency/fpga ≤ 2.00 ms``."""
    return f"{key} {'≥' if spec.better == 'max' else '≤'} {format_quantity(value, spec.unit)}"
