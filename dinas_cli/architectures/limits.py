"""Limits in words: the options that ask for them, on which side of one values have to be, and how people read it."""

from __future__ import annotations

import re
from collections.abc import Callable

from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief, visible
from dinas_cli.spaces.shared.protocol import MetricSpec
from dinas_cli.units import format_number, format_quantity, parse_quantity

LIMITS = ("latency", "energy", "params", "macs", "ntk", "linear_regions")
"""Metrics whose limits have an option of their own."""

MOST_TIMES = 100.0
"""Of a median, in a relative limit."""
_TIMES = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})\s*[xX×]\s*")
_BOUND = re.compile(r"\s*(>=|≥|<=|≤)?(.*)", re.DOTALL)


def option_of(metric: str) -> str:
    """The option that limits a metric, as far as its name is a part of it."""
    return f"--{metric.replace('_', '-')}" if metric in LIMITS else f"--limit {metric}"


def option_for(metric: str, text: str) -> str:
    """The option that limits a metric to the quantity ``text``."""
    option = option_of(metric)
    return f"{option}{'=' if ' ' in option else ' '}{text}"


Median = Callable[[], float]
"""Asked for the median that a relative limit is a multiple of."""


def parse_ends(spec: MetricSpec, text: str, median: Median) -> tuple[tuple[float, bool], ...]:
    """A limit ``2ms``, or both of a range ``2ms..3ms``, in the metric's unit, each with whether it is the other side.

    ``0.6x`` stands for 0.6 times the ``median``, in a range too. Raises :class:`UsageProblem` as :func:`parse_limit`,
    and for a range that is upside down.
    """
    first, dots, second = text.partition("..")
    if not dots:
        return ((parse_limit(spec, text, median), False),)
    option = option_of(spec.name)
    example = option_for(spec.name, _example(spec))
    if not first.strip() or not second.strip():
        raise UsageProblem(f"{option}: {brief(text)} lacks an end", f"write both: {example}")
    if split_bound(first)[0] or split_bound(second)[0]:
        raise UsageProblem(f"{option}: {brief(text)} is a range, which takes no sign", f"write {example}")
    low, high = (parse_limit(spec, end, median) for end in (first, second))
    if low > high:
        ends = " above ".join(format_quantity(end, spec.unit) for end in (low, high))
        raise UsageProblem(
            f"{option}: {brief(text)} is upside down: {ends}",
            f"write the lower end first: {option_for(spec.name, f'{second.strip()}..{first.strip()}')}",
        )
    return ((low, False), (high, True)) if spec.bound == ">=" else ((high, False), (low, True))


def parse_limit(spec: MetricSpec, text: str, median: Median) -> float:
    """The limit in the metric's unit; ``text`` may say on which side values have to be.

    Raises :class:`UsageProblem` for the other side, for no quantity or one that is out of range, and for one that has
    no logarithm where costs are logarithms.
    """
    option = option_of(spec.name)
    bound, quantity = split_bound(text)
    if bound not in ("", spec.bound):
        side, better = ("a lower", "more") if spec.bound == ">=" else ("an upper", "less")
        example = option_for(spec.name, f"'{spec.bound}{visible(quantity.strip()[:40])}'")
        raise UsageProblem(
            f"{option}: {spec.name} has {side} limit, for {better} of it is better",
            f"write {example}, or both ends: {_example(spec)}",
        )
    times = _TIMES.fullmatch(quantity)
    limit = parse_quantity(quantity, spec.unit, name=option) if times is None else _relative(spec, times[1], median)
    if spec.cost and limit <= 0:
        raise UsageProblem(f"{option}: {brief(quantity)} is not positive", f"it limits the {spec.title}")
    return limit


def _relative(spec: MetricSpec, factor: str, median: Median) -> float:
    """``factor`` times the median; raises :class:`UsageProblem` where that makes no sense."""
    option, times = option_of(spec.name), float(factor)
    if not 0 < times <= MOST_TIMES:
        raise UsageProblem(
            f"{option}: {brief(f'{factor}x')} is out of range",
            f"a multiple of the median is more than 0 and at most {MOST_TIMES:g}: {option_for(spec.name, '0.6x')}",
        )
    middle = median()
    if not middle > 0:
        raise UsageProblem(
            f"{option}: the median of {spec.name} is {format_number(middle, spec.unit)}, which has no multiples",
            "write the limit as a quantity",
        )
    return times * middle


def _example(spec: MetricSpec) -> str:
    """A range of the metric."""
    return {"ms": "2ms..3ms", "mJ": "2mJ..3mJ", "count": "1M..1.2M", "B": "200KB..300KB", "%": "40%..60%"}.get(
        spec.unit, "0.5x..0.8x"
    )


def split_bound(text: str) -> tuple[str, str]:
    """``">="``, ``"<="`` or nothing, as a text starts with, and the rest."""
    match = _BOUND.fullmatch(text)
    assert match is not None  # it may start with nothing and go on with anything
    return (match[1] or "").replace("≥", ">=").replace("≤", "<="), match[2]


def bounded(spec: MetricSpec, key: str, value: float, *, reverse: bool = False) -> str:
    """A bound on the column ``key`` for people: ``latency/fpga ≤ 2.00 ms``; ``reverse`` for the other side."""
    return f"{key} {'≥' if (spec.better == 'max') != reverse else '≤'} {format_quantity(value, spec.unit)}"
