"""Why nothing satisfies a request, and the nearest values that would do: what the user reads at exit code 5."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.architectures.limits import option_for
from dinas_cli.errors import UnsatisfiedError, UsageProblem
from dinas_cli.files.columns import split_column
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.rejection import Samples
from dinas_cli.spaces.shared.protocol import enumerable
from dinas_cli.units import format_quantity, parse_quantity

TOPS = (0.2, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 100)
"""Ranks that are tried, in percent."""
OFFERED = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Confidences that a hint may offer."""


def check_feasible(judge: Judge) -> None:
    """Raise :class:`UnsatisfiedError` when no reference architecture satisfies the judge's request.

    Every value the hint names was tried: with it, and all else as it is, some architecture satisfies.
    """
    if judge.reference_satisfied.any():
        return
    if judge.feasible(None).any():
        raise UnsatisfiedError(
            f"no architecture that {_surely(judge)}meets the limits is likely to be in the {_goal(judge)}",
            _choice([*_larger_tops(judge), *_smaller_confidences(judge)]) + _gaps(judge),
        )
    alone = [index for index in range(len(judge.limits)) if not _reached(judge, [index]).any()]
    if alone:
        limits = " or ".join(_limit(judge, index) for index in alone)
        offers = [offer for index in alone if (offer := _nearest(judge, index, others=False))]
        hint = "feasible from " + " and ".join(offers) if offers else "no source has a value for any architecture"
        hint += _gaps(judge)
        together = _nearest(judge, alone[0], others=True) if len(alone) == 1 < len(judge.limits) else None
        if together is not None and together not in offers:
            hint += f", with the other limits from {together}"
        raise UnsatisfiedError(
            f"no architecture of {judge.oracles.space.name} {_surely(judge)}has {limits}",
            _choice([hint, *_smaller_confidences(judge)]),
        )
    raise UnsatisfiedError(
        f"no architecture of {judge.oracles.space.name} {_surely(judge)}meets all limits together: "
        + " and ".join(_limit(judge, index) for index in range(len(judge.limits))),
        _choice(_together(judge)) + _gaps(judge),
    )


def explain_shortage(samples: Samples) -> list[str]:
    """Notes on why fewer were found than asked for; raise :class:`UnsatisfiedError` when none was."""
    judge = samples.judge
    exist = ""
    if enumerable(judge.oracles.space):
        possible = samples.count_possible() if samples.possible is None else samples.possible
        exist = f"; the space has {possible} that satisfy"
        if possible == 0:
            raise UnsatisfiedError(
                f"all that satisfies {judge.request.describe(judge.oracles.space)} is known already",
                "exclude less, or relax the rank or a limit",
            )
        if possible == len(samples.found):
            return [f"the space has only {possible} that satisfy"]
    if samples.found:
        return [f"the last {samples.patience} samples held no further one{exist}"]
    check_feasible(judge)
    raise UnsatisfiedError(
        f"none of {samples.drawn} samples satisfies {judge.request.describe(judge.oracles.space)}{exist}",
        "relax the rank or a limit, or try another --guidance or --seed",
    )


def _together(judge: Judge) -> list[str]:
    """One limit moved with the others as they are, or the least that all of them must give."""
    single = [offer for index in range(len(judge.limits)) if (offer := _nearest(judge, index, others=True))]
    offers = ["with the other limits as they are, feasible from " + " or ".join(single)] if single else []
    sure = [judge.sure_limits(index) for index in range(len(judge.limits))]
    # How far beyond its limit an architecture is, relative to the limit, at its worst one.
    excess = [
        (limit / np.maximum(values, 1e-12) if upwards else values / limit)
        for values, (_, limit, upwards) in zip(sure, judge.limits, strict=True)
    ]
    worst = np.max(excess, 0)
    if not np.isfinite(worst).any():
        return [*offers, *_smaller_confidences(judge)] or ["no architecture has a value for every limit: drop one"]
    best = int(np.nanargmin(worst))
    beyond = [index for index in range(len(judge.limits)) if excess[index][best] > 1]
    moved = [_option(judge, index, _text(judge, index, float(sure[index][best]))) for index in beyond]
    if len(moved) > 1 and not any(_other_end(judge, index) in beyond for index in beyond):
        offers.append("all together from " + " and ".join(moved))
    return [*offers, *_smaller_confidences(judge)]


def _nearest(judge: Judge, index: int, *, others: bool) -> str | None:
    """The option with the strictest value limit ``index`` can have: alone, or while the ``others`` are met."""
    _, _, upwards = judge.limits[index]
    sure = judge
    if others and judge.confidence is not None and _other_end(judge, index) is not None:
        sure = judge.at((1 + judge.confidence) / 2)  # half of the doubt to each end of a range
    values = sure.sure_limits(index)
    if others:
        values = values[_reached(sure, [other for other in range(len(judge.limits)) if other != index])]
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    return _option(judge, index, _text(judge, index, float(values.max() if upwards else values.min())))


def _reached(judge: Judge, indices: list[int]) -> np.ndarray:
    """Which reference architectures surely meet these limits: ``(R,)`` bool."""
    met = np.ones(len(judge.oracles.space.reference()), bool)
    for index in indices:
        met &= judge.reference_chances[index] >= (judge.confidence or 0.5)
    return met


def _gaps(judge: Judge) -> str:
    """That the table knows little of a column, and nothing else is here to fill it in: what may be the cause."""
    oracles = judge.oracles
    for column in judge.columns:
        answer, values = oracles.answer(column), oracles.reference(column)
        known = int((~np.isnan(values)).sum())
        if answer is not None and answer.source == "table" and known < len(values) / 2:
            return f" (the table of {oracles.space.name} has {column} of {known} of {len(values)} architectures only)"
    return ""


def _larger_tops(judge: Judge) -> list[str]:
    rank = judge.request.rank
    if rank is None:
        return []
    works = _first(
        [top for top in TOPS if top > rank.top],
        lambda top: Judge(judge.oracles, replace(judge.request, rank=replace(rank, top=top)), judge.confidence),
    )
    return [] if works is None else [f"{goal_option(rank.metric)} top{works:g}"]


def _smaller_confidences(judge: Judge) -> list[str]:
    if judge.confidence is None:
        return []
    works = _first(
        [confidence for confidence in OFFERED if confidence < judge.confidence],
        lambda confidence: Judge(judge.oracles, judge.request, confidence),
    )
    return [] if works is None else [f"--confidence {works:g}"]


def _first(candidates: list[float], judging: Callable[[float], Judge]) -> float | None:
    """The first candidate with which some reference architecture satisfies."""
    return next((value for value in candidates if judging(value).reference_satisfied.any()), None)


def _choice(offers: list[str]) -> str:
    return ", or ".join(offers) or "relax a limit or the rank"


def _option(judge: Judge, index: int, text: str) -> str:
    """A limit as the option that asks for it."""
    column, _, upwards = judge.limits[index]
    compact = text.replace(" ", "")
    if index < len(judge.request.budgets):
        other = _other_end(judge, index)
        if other is not None:
            end = format_quantity(judge.limits[other][1], _unit(judge, other)).replace(" ", "")
            compact = f"{compact}..{end}" if upwards else f"{end}..{compact}"
        return option_for(split_column(column)[0], compact)
    return f"{goal_option(split_column(column)[0])} '{'>=' if upwards else '<='}{compact}'"


def goal_option(metric: str) -> str:
    """The option that asks for a rank or a bound of a ranked metric."""
    return "--ppl" if metric == "ppl" else "--acc"


def _other_end(judge: Judge, index: int) -> int | None:
    """The number of the limit that is the other end of a range, if number ``index`` is one of a range."""
    column, _, upwards = judge.limits[index]
    ends = enumerate(judge.limits[: len(judge.request.budgets)])
    return next((other for other, limit in ends if limit[0] == column and limit[2] != upwards), None)


def _limit(judge: Judge, index: int) -> str:
    column, limit, upwards = judge.limits[index]
    return f"{column} {'≥' if upwards else '≤'} {format_quantity(limit, _unit(judge, index))}"


def _unit(judge: Judge, index: int) -> str:
    return find_metric(judge.oracles.space, split_column(judge.limits[index][0])[0]).unit


def _text(judge: Judge, index: int, value: float) -> str:
    """``value`` rounded for people, but to the side on which it is still feasible."""
    unit, upwards = _unit(judge, index), judge.limits[index][2]
    text = format_quantity(value, unit)
    for step in (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 5e-3, 2e-2):
        text = format_quantity(value * (1 - step if upwards else 1 + step), unit)
        with suppress(UsageProblem):  # rounded to zero, or to more than 100 %
            shown = parse_quantity(text, unit)
            if shown <= value if upwards else shown >= value:
                break
    return text


def _goal(judge: Judge) -> str:
    rank = judge.request.rank
    return "" if rank is None else f"top {rank.top:g} % of {rank.metric}"


def _surely(judge: Judge) -> str:
    """Words for the confidence where it is what fails: by the best guess some architecture would satisfy."""
    if judge.confidence is None or not Judge(judge.oracles, judge.request).reference_satisfied.any():
        return ""
    return f"surely ({100 * judge.confidence:g} %) "
