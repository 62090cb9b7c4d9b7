"""Which plots the results of a suite make: from results by key to panels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, pstdev
from typing import Any

import numpy as np

from benchmarks.plots import Panel, Series, mean_band
from dinas_cli.architectures.conditions import find_metric
from dinas_cli.bench.experiments import Results, grouped
from dinas_cli.bench.suites.paper import RIVALS
from dinas_cli.bench.suites.samplers import OWN
from dinas_cli.bench.suites.samplers_tables import WORDS
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.transnas.tasks import TASKS

Draw = Callable[[Results], list[Panel]]
Pictures = dict[str, tuple[Draw, str]]
"""By title: what draws it, and the caption under it."""

FIRST = 8
"""Look-ups from which on curves are drawn: earlier ones are chance, and would take up the whole picture."""
NEAR = 0.9
"""Share of its best accuracy from which on a front is drawn."""
SAMPLERS = {"any-order": "", "ancestral": ", posterior", "iterative": ", iterative"}
"""What the suite ``samplers`` calls its series, and what is added to the names of methods."""
OWN_SAMPLERS = {"paper": "ancestral", "marginal": "ancestral", "absorbing": "any-order"}
"""The series that a method's own number of network calls belongs to; the shipped model's is in its series already."""


def guidance_weight(results: Results) -> list[Panel]:
    """Share of the top 5 % against the guidance weight."""
    return _shares(results, {"guidance": ""}, "guidance", "guidance weight", log=False)


def network_calls(results: Results) -> list[Panel]:
    """Share of the top 5 % against network calls per sample."""
    return _shares(results, SAMPLERS, "calls", "network calls per sample", log=True)


def paper_protocol(results: Results) -> list[Panel]:
    """Best value so far against look-ups, labels of training not counted; searches without labels beside it."""
    return _curves(results, "P")


def honest_protocol(results: Results) -> list[Panel]:
    """Best value so far against look-ups, every label of training counted as one."""
    return _curves(results, "H")


def label_budget(results: Results) -> list[Panel]:
    """Best value found after training on a number of labels, and the best of the labels themselves."""
    problems: dict[str, list[list[Mapping[str, Any]]]] = {}
    for key, found in grouped(results).items():
        if "best_label" in found[0]:
            problems.setdefault(key.partition("/")[0], []).append(found)
    panels = []
    for problem, groups in problems.items():
        groups = sorted(groups, key=lambda found: found[0]["labels"])
        x = [float(found[0]["labels"]) for found in groups]
        series = []
        for label, name in (("found after training", "value"), ("best of the labels", "best_label")):
            values = [[float(run[name]) for run in found] for found in groups]
            series.append(Series(label, x, [fmean(run) for run in values], [pstdev(run) for run in values]))
        level = _optimum([run for found in groups for run in found])
        panels.append(Panel(problem, "labelled architectures", f"best {value_of(problem)}", tuple(series), True, level))
    return panels


def fronts(results: Results) -> list[Panel]:
    """Accuracy against latency of what each method found with its first seed, on the first dataset there is."""
    found: dict[str, list[Series]] = {}
    for key, runs in grouped(results).items():
        problem, _, method = key.partition("/")
        if "front" in runs[0]:
            points = sorted(runs[0]["front"])
            best = max(point[1] for point in points)
            points = [point for point in points if point[1] >= NEAR * best]
            x, y = ([float(point[i]) for point in points] for i in (0, 1))
            found.setdefault(problem, []).append(Series(method, x, y, kind="step"))
    first = next(iter(found), "").partition("@")[2]
    return [
        Panel(problem, "latency (ms)", "validation accuracy (%)", tuple(lines))
        for problem, lines in found.items()
        if problem.partition("@")[2] == first
    ]


PICTURES: dict[str, Pictures] = {
    "paper": {
        "Best found against look-ups, the paper's protocol": (
            paper_protocol,
            "The best value found so far by the number of architectures looked up; labels of training are not counted, "
            "which flatters whatever was trained. Mean and standard deviation over seeds.",
        ),
        "Best found against look-ups, labels counted": (
            honest_protocol,
            "The same with every label of training counted as a look-up. Mean and standard deviation over seeds.",
        ),
        "Best found against the number of labels": (
            label_budget,
            "What is found after training once on so many random labels, beside the best of these labels themselves.",
        ),
    },
    "constraints": {
        "Fronts of accuracy and latency": (
            fronts,
            "What each method finds with 200 look-ups, first seed; to the left is faster, above more accurate. The "
            "closer to the true front, the better.",
        )
    },
    "samplers": {
        "Share in the top 5 % against network calls": (
            network_calls,
            "How many of the samples that were asked for the top 5 % are in it, by the calls of the network that one "
            "sample takes: to the left is cheaper, above better.",
        ),
        "Share in the top 5 % against guidance weight": (
            guidance_weight,
            "The same by the weight of guidance: how much sampling sharpens what is asked for.",
        ),
    },
}
"""Plots of a suite by their titles; a plot without panels is left out."""

SMALL: dict[str, tuple[str, Draw, tuple[str, ...], str]] = {
    "fronts": (
        "constraints",
        fronts,
        ("pixel3@cifar10", "eyeriss@cifar10", "fpga@cifar10"),
        "Accuracy against latency on a phone, an accelerator and an FPGA: what each method finds with 200 look-ups in "
        "NAS-Bench-201. Above and to the left is better.",
    ),
    "look-ups": (
        "paper",
        honest_protocol,
        ("nasbench201@cifar10", "nasbench201@cifar100", "nasbench201@imagenet16-120"),
        "The best accuracy found so far in NAS-Bench-201 by the number of architectures looked up, where every label "
        "that training saw counts as a look-up too.",
    ),
}
"""The README's figures, a few panels of those above: suite, what draws it, titles of the panels, caption."""


MEASURES = {
    "valid_top1": "validation accuracy (%)",
    "valid_acc": "pixel accuracy (%)",
    "valid_neg_loss": "validation loss, negative",
    "valid_ssim": "structural similarity",
}
"""What TransNAS-Bench-101 calls the values of its tasks, in words."""


def panels_named(panels: Sequence[Panel], titles: Sequence[str]) -> list[Panel]:
    """Those panels that are called so."""
    return [panel for panel in panels if panel.title in titles]


def value_of(problem: str) -> str:
    """What is searched for in a problem ``space@dataset``, with its unit, as an axis says it."""
    name, _, dataset = problem.partition("@")
    space = get_space(name)
    metric = find_metric(space, space.rank_metric)
    if dataset in TASKS:
        return MEASURES[TASKS[dataset].measure]
    words = {"acc": "validation accuracy", "ppl": "perplexity, less is better"}[metric.name]
    return f"{words} ({metric.unit})" if metric.unit else words


def _shares(results: Results, series: Mapping[str, str], by: str, xlabel: str, *, log: bool) -> list[Panel]:
    """One panel per problem, one line per method and series of keys ``problem/method/series-number/seed<k>``."""
    points: dict[str, dict[str, list[list[Mapping[str, Any]]]]] = {}
    for key, found in grouped(results).items():
        problem, method, setting = key.split("/")
        prefix = OWN_SAMPLERS.get(method, "") if setting == OWN else setting.rpartition("-")[0]
        if prefix in series and method in WORDS:
            points.setdefault(problem, {}).setdefault(WORDS[method] + series[prefix], []).append(found)
    return [
        Panel(problem, xlabel, "share in the top 5 % (%)", _lines(lines, by), log) for problem, lines in points.items()
    ]


def _lines(lines: Mapping[str, list[list[Mapping[str, Any]]]], by: str) -> tuple[Series, ...]:
    drawn = []
    for label, groups in lines.items():
        groups = sorted(groups, key=lambda found: found[0][by])
        shares = [[100 * run["top"] for run in found] for found in groups]
        x = [float(found[0][by]) for found in groups]
        drawn.append(Series(label, x, [fmean(run) for run in shares], [pstdev(run) for run in shares]))
    return tuple(drawn)


def _curves(results: Results, protocol: str) -> list[Panel]:
    """A panel per problem with the curves of one protocol; baselines, which see no labels, belong to both."""
    problems: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for key, found in grouped(results).items():
        problem, _, method = key.partition("/")
        which, _, name = method.partition(" ")
        if "queries" in found[0] and (which == protocol or name in RIVALS):
            problems.setdefault(problem, {})[name] = found
    return [
        Panel(
            problem,
            "architectures looked up",
            f"best {value_of(problem)}",
            tuple(_from(FIRST, mean_band(name, *_same_queries(found))) for name, found in methods.items()),
            True,
            _optimum(next(iter(methods.values()))),
        )
        for problem, methods in problems.items()
        if methods.keys() - RIVALS.keys()
    ]


def _from(first: int, series: Series) -> Series:
    """Without what comes before ``first``, where there is enough after it."""
    kept = [i for i, x in enumerate(series.x) if x >= first]
    if len(kept) < 2:
        return series
    x, y = ([values[i] for i in kept] for values in (series.x, series.y))
    return replace(series, x=x, y=y, sd=series.sd and [series.sd[i] for i in kept])


def _optimum(runs: Sequence[Mapping[str, Any]]) -> tuple[str, float] | None:
    best = runs[0]["optimum"]
    return None if best is None else ("best there is", best)


def _same_queries(runs: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[list[float]]]:
    """Numbers of look-ups that all runs reached, and each run's best there."""
    last = min(run["queries"][-1] for run in runs)
    first = max(run["queries"][0] for run in runs)
    grid = sorted({q for run in runs for q in run["queries"] if first <= q <= last})
    values = []
    for run in runs:
        place = np.searchsorted(run["queries"], grid, side="right") - 1
        values.append(np.asarray(run["value"], float)[place].tolist())
    return [float(q) for q in grid], values
