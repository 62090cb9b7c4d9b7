"""Requests from the words of options, checked against what a space has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from dinas_cli.architectures.by_device import ALL, Texts, devices_named, limits_by_device, texts_of
from dinas_cli.architectures.conditions import Best, Budget, Floor, Rank, Request, check_dataset, find_metric
from dinas_cli.architectures.limits import LIMITS, option_of, parse_ends, split_bound
from dinas_cli.errors import UsageProblem, suggest
from dinas_cli.files.text import brief
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.units import parse_quantity

_TOP = re.compile(r"top\s*([0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})\s*%?", re.IGNORECASE)


class Yardstick(Protocol):
    """What relative limits are relative to: the values of the space's architectures, by what is known here."""

    def median(self, metric: str, device: str | None, dataset: str | None) -> float:
        """The median of a metric over the space, in its unit."""

    def reached(self, request: Request, metric: str, top: float) -> float:
        """What the best ``top`` percent by a metric reach of the architectures that meet the ``request``."""


def parse_request(
    space: Space,
    *,
    dataset: str | None = None,
    acc: str | None = None,
    ppl: str | None = None,
    latency: Texts | None = None,
    energy: Texts | None = None,
    params: str | None = None,
    macs: str | None = None,
    ntk: str | None = None,
    linear_regions: str | None = None,
    limits: Mapping[str, Texts] | None = None,
    device: Texts | None = None,
    devices: Sequence[str] | Mapping[str, Sequence[str]] = (),
    datasets: Mapping[str, str] | None = None,
    yardstick: Yardstick,
) -> Request:
    """Turn option texts into a :class:`Request`, or raise :class:`UsageProblem` that says what the space has.

    ``acc`` (or ``ppl``) is about the space's ranked metric: ``top5``, ``top0.5``, ``top5%`` or ``best`` (among those
    that meet the budgets), ``>=72``, ``>=72%``. Limits are upper, or lower ones where more is better, and may say so
    (``<=2ms``), or ranges (``2ms..3ms``); ``0.6x`` is that many times the ``yardstick``'s median, and ``top20`` of a
    further ranked metric what the best 20 % reach among those that meet the other limits. ``limits`` are those of
    further metrics. ``devices`` are the known device names, for every metric or by metric name; where none is named,
    the space's default is meant. A device without a budget on it is allowed. ``datasets`` are the user's own, each with
    the known one that it is like.
    """
    own = dataset if dataset is not None and dataset in (datasets or {}) else None
    dataset = check_dataset(space, dataset if own is None else (datasets or {})[own], tuple(datasets or ()))
    goal = _goal(space, acc, ppl)
    by_metric = devices if isinstance(devices, Mapping) else {spec.name: devices for spec in space.metrics}
    asked_about = texts_of(device)
    chosen = devices_named(space, asked_about, by_metric)
    named = dict(zip(LIMITS, (latency, energy, params, macs, ntk, linear_regions), strict=True))
    asked = [(metric, text) for metric, text in named.items() if texts_of(text)]
    budgets: dict[str, list[Budget]] = {}
    shares: dict[str, float] = {}
    for metric, texts in (*asked, *(limits or {}).items()):
        spec, option = find_metric(space, metric), option_of(metric)
        if not spec.bound or metric == space.rank_metric:
            names = [s.name for s in space.metrics if s.bound and s.name != space.rank_metric]
            raise UsageProblem(f"{metric} has no upper limit", suggest(metric, names, "what can be limited"))
        if metric in budgets or metric in shares:
            raise UsageProblem(f"{metric} is limited twice", f"name it once: {option}")
        if spec.ranked and (match := _TOP.fullmatch(" ".join(texts_of(texts)).strip())):
            shares[metric] = _share(match[1], option, match[0], f"for example: {option}=top20")
            continue
        known = by_metric.get(metric, ())
        parts = limits_by_device(space, spec, texts_of(texts), chosen, known, every=ALL in asked_about)
        budgets[metric] = [
            Budget(metric, limit, name, reverse)
            for name, text in parts.items()
            for limit, reverse in parse_ends(spec, text, partial(yardstick.median, metric, name, dataset))
        ]
    limited = tuple(budget for ends in budgets.values() for budget in ends)
    request = Request(space.name, dataset, budgets=limited, own=own)
    for metric, top in shares.items():
        budget = Budget(metric, yardstick.reached(request, metric, top))
        request = replace(request, budgets=(*request.budgets, budget))
    rank, floor = goal if isinstance(goal, Rank) else None, goal if isinstance(goal, Floor) else None
    return replace(request, rank=rank, floor=floor, best=goal if isinstance(goal, Best) else None)


def _goal(space: Space, acc: str | None, ppl: str | None) -> Rank | Floor | Best | None:
    """What ``--acc`` asks of the ranked metric, or ``--ppl`` where that is a perplexity."""
    if ppl is not None and space.rank_metric != "ppl":
        raise UsageProblem(f"space {space.name!r} has no metric 'ppl'", f"it is ranked by {space.rank_metric}: --acc")
    if ppl is not None and acc is not None:
        raise UsageProblem(f"--acc and --ppl both ask for the ranked metric of {space.name}", "keep one of them")
    option, text = ("--acc", acc) if ppl is None else ("--ppl", ppl)
    if text is None:
        return None
    spec = find_metric(space, space.rank_metric)
    sign = ">=" if spec.better == "max" else "<="
    hint = f"accepted forms: top5, top0.5, top5%, best, {sign}72" + (f", {sign}72%" if spec.unit == "%" else "")
    if text.strip().lower() == "best":
        return Best(spec.name)
    if match := _TOP.fullmatch(text.strip()):
        return Rank(spec.name, _share(match[1], option, text, hint))
    given, quantity = split_bound(text)
    if given != sign:
        raise UsageProblem(f"{option}: {brief(text)} is not understood", hint)
    try:
        return Floor(spec.name, parse_quantity(quantity, spec.unit, name=option))
    except UsageProblem as problem:
        raise UsageProblem(problem.message, hint) from problem


def _share(number: str, option: str, text: str, hint: str) -> float:
    """The percent of ``top5``."""
    top = float(number)
    if not 0 < top <= 100:
        raise UsageProblem(f"{option}: {brief(text)} is no share: more than 0 and at most 100 % are", hint)
    return top
