"""The part of docs/results about searches on data sets that nobody has seen, simulated on the benchmarks' tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

import numpy as np

from benchmarks.markdown import plus_minus, result, table
from benchmarks.own_data import QUANTILE, TRAININGS, ZERO

OURS, ALONE = "dinas", "without transfer"
WITHIN, BEFORE = 24, 0.5
"""Targets: trainings until the best 1 % is found; rank of the best of the first before any label."""
COUNTS = ("16", "24", "48")

Cases = Mapping[str, Any]


def own_data() -> list[str]:
    """Summary, targets, then every data set: as a whole and under limits."""
    lines = ["## Searches on data sets that nobody has seen", ""]
    data = result("own_data")
    cases = {key: case for key, case in data["cases"].items() if "/" not in key}
    limited = {key: case for key, case in data["cases"].items() if "/" in key}
    lines += [
        "The table of one data set plays the trainer; `dinas search` knows the tables of the space's other data sets",
        "and no trained model. *Without transfer* it knows none. *evolution* is regularised evolution, *TPE* Optuna's",
        "on the space's variables, told by a constraint what breaks a rule or the limit, which is no training. *rank*:",
        "the percent of all architectures that are better than the best one found. *until best 1 %*: trainings, mean ±",
        "standard deviation over the seeds that found one, and how many of all did.",
        "",
        *_part("As a whole", cases),
        *_enough(cases),
    ]
    if limited:
        lines += [
            f"Under a limit that {100 * QUANTILE:.0f} % of the space keep to, all methods choose among these, and",
            "ranks are among these. (Children of evolution leave the limit, so it is left out.)",
            "",
            *_part("Under a latency limit", limited),
        ]
    lines += [
        f"By data set; *0 labels*: the rank of the best of the order's first {ZERO}; *enough*: after how many",
        "trainings the search says that further ones would teach nothing, and in how many seeds it does.",
        "",
    ]
    heads = ["data set", "method", "until best 1 %", "until best 0.1 %", *(f"rank at {count}" for count in COUNTS)]
    for (space, under), keys in groupby(data["cases"], lambda key: (key.partition("@")[0], "/" in key)):
        rows = [row for key in keys for row in _rows(key, data["cases"][key])]
        title = f"**{space}**, under a limit" if under else f"**{space}**"
        lines += [title, "", *table([*heads, "0 labels", "enough"], rows), ""]
    facts = data["about"]
    return [*lines, f"`{facts['command']}` · {facts['seeds']} seeds · {facts['date']}", ""]


def _part(title: str, cases: Cases) -> list[str]:
    """A row per method over all data sets, then what the targets come to."""
    methods = dict.fromkeys(name for case in cases.values() for name in case["methods"])
    heads = [f"{title} ({len(cases)})", f"best 1 % within {WITHIN}", "seeds that find it"]
    heads += ["best 0.1 %, likewise", "seeds", *(f"rank at {count}" for count in COUNTS)]
    rows = []
    for method in methods:
        found = [case["methods"][method] for case in cases.values() if method in case["methods"]]
        row = [method]
        for share in ("1", "0.1"):
            seeds = [first is not None for each in found for first in each["first"][share]]
            row += [f"{sum(_in_time(each['first'][share]) for each in found)} of {len(found)}"]
            row += [_share(seeds)]
        means = [[np.mean(each["rank"][count]) for each in found] for count in COUNTS]
        rows.append([*row, *(f"{np.mean(mean):.2f}" for mean in means)])
    return [*table(heads, rows), "", *_targets(cases), ""]


def _targets(cases: Cases) -> list[str]:
    firsts = {key: case["methods"][OURS]["first"]["1"] for key, case in cases.items()}
    late = [key for key, first in firsts.items() if not _in_time(first)]
    never = [key for key, first in firsts.items() if any(one is None or one > WITHIN for one in first)]
    worse = [key for key, case in cases.items() if _worse(case["methods"])]
    far = [key for key, case in cases.items() if case["before labels"] > BEFORE]
    total = len(cases)
    most = TRAININGS + 1
    return [
        f"* The best 1 % is found within {WITHIN} trainings, in the mean over seeds, on {total - len(late)} of",
        f"  {total}{_but(late)}; in every seed on {total - len(never)}. A seed that finds none counts as {most}.",
        f"* The best rank after {TRAININGS} trainings is worse than without transfer, by more than one standard error",
        f"  of the difference, on {len(worse)} of {total}{_named(worse)}.",
        f"* The best of the first {ZERO}, before any label, is in the best {BEFORE:g} % on {total - len(far)} of",
        f"  {total}{_but(far)}.",
    ]


def _enough(cases: Cases) -> list[str]:
    """How much is left when a search says that it is enough."""
    stops = [stop for case in cases.values() for stop in case["enough"]["at"]]
    said = [stop for stop in stops if stop is not None]
    if not said:
        return [f"In none of {len(stops)} searches labels stopped adding anything.", ""]
    at = [rank for case in cases.values() for rank in case["enough"]["rank"]]
    later = [
        rank
        for case in cases.values()
        for rank, stop in zip(case["methods"][OURS]["rank"]["48"], case["enough"]["at"], strict=True)
        if stop is not None
    ]
    return [
        f"`enough`, asked after every fourth training, ends {len(said)} of {len(stops)} searches, after "
        f"{plus_minus(said)}",
        f"trainings. The best rank then is {np.mean(at):.2f}, and within the best 1 % in",
        f"{_share([one <= 1 for one in at])} of them; after {TRAININGS} trainings the same searches are at",
        f"{np.mean(later):.2f}.",
        "",
    ]


def _rows(key: str, case: dict[str, Any]) -> Iterator[list[str]]:
    """A row per method; what only ours has is in its row."""
    name = key.partition("@")[2].replace("/", ", ")
    for method, found in case["methods"].items():
        ranks = [plus_minus(found["rank"][count], 2) for count in COUNTS]
        row = [name, method, _until(found["first"]["1"]), _until(found["first"]["0.1"]), *ranks]
        stops = case["enough"]["at"] if method == OURS and "/" not in key else []
        yield [*row, f"{case['before labels']:.2f}" if method == OURS else "", _until(stops) if stops else ""]


def _until(first: list[int | None]) -> str:
    """Mean and deviation over the seeds that got there, and how many did."""
    found = [one for one in first if one is not None]
    return (f"{plus_minus(found)} " if found else "") + f"({len(found)} of {len(first)})"


def _in_time(first: list[int | None]) -> bool:
    return float(np.mean([TRAININGS + 1 if one is None else one for one in first])) <= WITHIN


def _worse(methods: Mapping[str, Any]) -> bool:
    """Whether ours ends at a worse rank than without transfer, beyond the standard error of the difference."""
    ours, alone = (np.array(methods[name]["rank"][str(TRAININGS)]) for name in (OURS, ALONE))
    if len(ours) < 2:
        return bool(ours.mean() > alone.mean())
    error = np.sqrt(ours.var(ddof=1) / len(ours) + alone.var(ddof=1) / len(alone))
    return bool(ours.mean() - alone.mean() > error)


def _share(of: list[bool]) -> str:
    return f"{100 * np.mean(of):.0f} %"


def _named(keys: list[str]) -> str:
    return f" ({', '.join(keys)})" if keys else ""


def _but(keys: list[str]) -> str:
    return f" (not {', '.join(keys)})" if keys else ""
