"""Searches on every benchmark, one row for each and protocol, and who wins against whom how often."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.bench.experiments import grouped, mean_sd
from dinas_cli.spaces.registry import get_space

FIELDS = ("benchmark", "protocol", "method", "look_ups", "labels", "value", "test", "seeds", "seconds")
LOOK_UPS = (16, 48, 100, 200)
"""Look-ups at which searches are compared; labels are among them."""
SURE = 2.0
"""Standard errors of the paired difference from which on one of two methods wins."""

Runs = Mapping[str, list[Mapping[str, Any]]]
"""Runs, one per seed, by method."""


def rows(experiments: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What ``dinas`` reached at the end of its look-ups, per benchmark and protocol: :data:`FIELDS`."""
    found = []
    for benchmark, protocol, name, runs in _searches(experiments):
        if name != "dinas":
            continue
        tests = [run["test"][-1] for run in runs if run["test"]]
        found.append(
            (
                benchmark,
                protocol,
                name,
                str(max(run["queries"][-1] for run in runs)),
                f"{runs[0]['labels']}",
                mean_sd(run["value"][-1] for run in runs),
                mean_sd(tests) if tests else "–",
                str(len(runs)),
                f"{sum(run.get('seconds', 0.0) for run in runs) / len(runs):.1f}",
            )
        )
    return sorted(found)


def methods_of(experiments: Mapping[str, Any], protocol: str) -> Mapping[str, Runs]:
    """By benchmark the runs of every method in a protocol."""
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for benchmark, kind, name, runs in _searches(experiments):
        if kind == protocol and not name.endswith(" labels"):
            found.setdefault(benchmark, {})[name] = runs
    return found


def counts(experiments: Mapping[str, Any], ours: str = "dinas") -> dict[str, dict[int, tuple[int, int, int]]]:
    """By rival and look-ups, labels counted, on how many benchmarks we win, tie and lose.

    The seeds that both have are compared one by one: a mean difference within :data:`SURE` standard errors is a tie.
    """
    found: dict[str, dict[int, list[int]]] = {}
    for benchmark, methods in methods_of(experiments, "H").items():
        sign = -1.0 if _downwards(benchmark) else 1.0
        for name, theirs in methods.items():
            if name == ours or ours not in methods:
                continue
            for count in LOOK_UPS:
                apart = [
                    sign * (_at(one, count) - _at(other, count))
                    for one, other in zip(methods[ours], theirs, strict=False)
                ]
                found.setdefault(name, {}).setdefault(count, [0, 0, 0])[verdict(apart)] += 1
    return {
        name: {count: (won, tied, lost) for count, (won, tied, lost) in each.items()} for name, each in found.items()
    }


def verdict(apart: Sequence[float]) -> int:
    """0: better, 1: a tie, 2: worse, by differences ``apart`` of pairs, more being better."""
    mean = sum(apart) / len(apart)
    error = math.sqrt(sum((each - mean) ** 2 for each in apart) / max(len(apart) - 1, 1) / len(apart))
    if abs(mean) <= max(SURE * error, 1e-9):
        return 1
    return 0 if mean > 0 else 2


def _at(run: Mapping[str, Any], count: int) -> float:
    """The best after so many look-ups: the last value that is known until then."""
    known = [value for queries, value in zip(run["queries"], run["value"], strict=True) if queries <= count]
    return float(known[-1])


def _searches(experiments: Mapping[str, Any]) -> Iterator[tuple[str, str, str, list[Mapping[str, Any]]]]:
    """Benchmark, protocol, method and runs of what has values by look-ups."""
    for key, runs in grouped(experiments).items():
        benchmark, _, method = key.partition("/")
        protocol, _, name = method.partition(" ")
        if all("value" in run for run in runs):
            yield benchmark, protocol, name, runs


def _downwards(benchmark: str) -> bool:
    space = get_space(benchmark.partition("@")[0])
    return find_metric(space, space.rank_metric).better == "min"
