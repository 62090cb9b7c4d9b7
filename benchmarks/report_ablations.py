"""The page of docs/results with what each part of the method gives and what it costs, from other pages' results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.markdown import plus_minus, pm, result, table, wrapped
from benchmarks.report_targets import new_data

SAMPLERS, PLACE = "bench-samplers", "nasbench201@cifar10"
Told = Callable[[dict[str, Any]], str]
"""A figure, as the table shows it, in what a result file holds."""


@dataclass(frozen=True)
class Ablation:
    """One part of the method, taken away."""

    part: str
    instead: str
    """What is there without it."""
    measure: str
    figures: tuple[Told, ...]
    """Without the part, with it, and what it costs."""
    source: tuple[str, str]
    """Result file and page."""

    def row(self) -> list[str]:
        """The row of the table."""
        name, page = self.source
        data = result(name)
        figures = [told(data) for told in self.figures]
        return [f"[{self.part}]({page}.md)", self.instead, self.measure, *figures]


def ablations() -> list[str]:
    """All parts in one table."""
    heads = ["part", "without it", "measured", "without", "with", "what it costs"]
    text = (
        "Every row changes one thing and leaves the rest. Each links to the page that has its judge, its seeds and "
        "everything else that was tried. *raw*: samples as they come; *returned*: after the check by the surrogate."
    )
    return ["## What each part gives", "", *wrapped(text), "", *table(heads, [each.row() for each in ABLATIONS]), ""]


def _text(text: str) -> Told:
    return lambda _data: text


def _samples(method: str, figure: str = "top") -> Told:
    """Percent over seeds of the samples of a method of the suite samplers."""

    def told(data: dict[str, Any]) -> str:
        prefix = f"{PLACE}/{method}/seed"
        found = [run for key, run in data["experiments"].items() if key.startswith(prefix)]
        return f"{plus_minus([100 * run[figure] for run in found])} %"

    return told


def _milliseconds(data: dict[str, Any], method: str) -> float:
    times = [run for key, run in data["experiments"].items() if key.startswith(f"{PLACE}/time/")]
    last: float = max(times, key=lambda run: run["batch"])["ms"][method]
    return last


def _times(dear: str, cheap: str) -> Told:
    """How many times as long the dearer of two methods takes for one sample."""
    return lambda data: f"less: 1 for {_milliseconds(data, dear) / _milliseconds(data, cheap):,.0f} in time"


def _study(setting: str, value: str, figure: str) -> Told:
    return lambda data: pm(data[setting][value][figure])


def _variant(devices: str, name: str, figure: str) -> tuple[Told, ...]:
    """A short training without a part, and with all."""
    return (*(_study(devices, variant, figure) for variant in (name, "all parts")), _text("the same"))


def _unique(setting: str, less: str, more: str) -> Told:
    """How many of 64 samples are different, before and after."""
    return lambda data: (
        f"different of 64: {data[setting][less]['unique']['mean']:.0f} → "
        + (f"{data[setting][more]['unique']['mean']:.0f}")
    )


def _empty(less: str, more: str) -> Told:
    """Requests, of all cells, that get no answer, by how sure the check is."""
    name = "cells_with_nothing_returned"
    return lambda data: f"without an answer: {data['confidence'][less][name]} → {data['confidence'][more][name]}"


def _weighed(name: str, figure: str) -> Told:
    return lambda data: pm(data[name]["summary"][figure])


def _several(method: str, figure: str) -> Told:
    return lambda data: pm(data["pairs"]["methods"][method][figure])


def _searched(method: str) -> Told:
    """On how many data sets one of the best 1 % is among the first 24 trainings of half of the searches."""
    return lambda data: f"{new_data(24, '1', method)(data):.0f} of 26"


def _rivals(space: str, method: str, figure: str) -> Told:
    return lambda data: pm(data[space]["methods"]["20% limit"][method][figure], 1, 2)


def _seconds(space: str, method: str, other: str) -> Told:
    def told(data: dict[str, Any]) -> str:
        both = [data[space]["methods"]["20% limit"][name]["seconds"]["mean"] for name in (method, other)]
        return "seconds: {:.1f} → {:.1f}".format(*both)

    return told


_TOP = f"raw, in the top 5 %, {PLACE}, by the table"
_SHARP = "generate --acc top0.1 --guidance 6", "generate --acc best"
_CELLS = "24 devices on cifar100, by the table"
_KNOWN = "20 devices on cifar100, by the table"
ABLATIONS = (
    Ablation(
        "kernel: absorbing, any order",
        "the paper's marginal kernel, same network, 500 calls",
        _TOP,
        (_samples("marginal/own"), _samples("absorbing/own"), _times("marginal", "default")),
        (SAMPLERS, "paper"),
    ),
    Ablation(
        "a smaller network",
        "the paper's size, its kernel",
        _TOP,
        (_samples("paper/own"), _samples("marginal/own"), _times("paper", "marginal")),
        (SAMPLERS, "paper"),
    ),
    Ablation(
        "exact targets and all conditions",
        "one-hot targets, one condition",
        _TOP,
        (_samples("absorbing/own"), _samples("default/own"), _text("a surrogate to ask in training")),
        (SAMPLERS, "paper"),
    ),
    Ablation(
        "exact targets alone",
        "one-hot targets",
        f"returned in the top 5 %, {_KNOWN}",
        _variant("known devices", "one-hot targets", "returned_top"),
        ("variants", "limits"),
    ),
    Ablation(
        "descriptors of devices",
        "limits that tell only how tight they are",
        f"raw, in the top 5 % under a limit, {_KNOWN}",
        _variant("known devices", "no descriptor of the device", "top"),
        ("variants", "limits"),
    ),
    Ablation(
        "refitted and virtual devices in training",
        "the known devices alone",
        "raw, within, 4 new devices on cifar100, by the table",
        _variant("new devices", "no refitted or virtual devices", "within"),
        ("variants", "limits"),
    ),
    Ablation(
        "a call per variable",
        "one call for all of them",
        f"raw, different ones, {PLACE}",
        (*(_samples(f"default/any-order-{count}", "unique") for count in (1, 6)), _text("6 calls for 1")),
        (SAMPLERS, "paper"),
    ),
    Ablation(
        "guidance, weight 2",
        "none (weight 0)",
        f"raw, in the top 5 % under a limit, {_CELLS}",
        (*(_study("guidance", weight, "top") for weight in ("0.0", "2.0")), _unique("guidance", "0.0", "2.0")),
        ("study", "limits"),
    ),
    Ablation(
        "one weight for all conditions",
        "nested weights (4 for the rank, 1 for the limit)",
        "returned within, on all devices, by the table",
        (*(_weighed(weight, "returned_within") for weight in ("acc=4,latency=1", "2")), _text("the same")),
        ("guidance_weights", "limits"),
    ),
    Ablation(
        "the generator is told every limit",
        "the strictest alone",
        "raw, within pairs of limits, by the tables",
        (*(_several(told, "within") for told in ("strictest", "all")), _text("training with several devices")),
        ("several_devices", "limits"),
    ),
    Ablation(
        "guidance on all limits jointly",
        "one view for each limit",
        "raw, in the top 5 % under pairs of limits",
        (*(_several(told, "top") for told in ("one view each", "all")), _text("less: a view is a call")),
        ("several_devices", "limits"),
    ),
    Ablation(
        "the check",
        "samples as they come",
        f"within, {_CELLS}",
        (*(_study("confidence", "0.98", name) for name in ("within", "returned_within")), _empty("0.5", "0.98")),
        ("study", "limits"),
    ),
    Ablation(
        "transfer from known data sets",
        "the same search without",
        "data sets with one of the best 1 % in 24 trainings",
        (_searched("without transfer"), _searched("dinas"), _text("the tables of known data sets")),
        ("own_data", "own-data"),
    ),
    Ablation(
        "polish (`--acc best`)",
        "samples for the top 0.1 %, guidance 6",
        "darts under a limit, best by YAHPO",
        (*(_rivals("darts", name, "best by YAHPO") for name in _SHARP), _seconds("darts", *_SHARP)),
        ("rivals", "rivals"),
    ),
)
