"""Do samples keep to their limits and ranks? Every device, limit and dataset, before and after the tool's own check.

A cell is a dataset, a device and a latency limit at a quantile of the table's latencies; each asks for the top 5 % of
validation accuracy among the architectures that meet the limit. *raw*: samples as drawn. *returned*: those that the
tool's check by the surrogate lets through (no table). Both are judged by the table, and once more those among them
whose labels training never saw: *held out*.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks import common
from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.files.columns import column_key
from dinas_cli.generation.generate import CONFIDENCE
from dinas_cli.generation.judge import Judge
from dinas_cli.oracles.profiles import Profile

QUANTILES = (0.1, 0.2, 0.35, 0.5, 0.8)
TOP, BEST_OF = 5.0, 16
FEW = 100
"""Cells with fewer feasible architectures are left out of the worst-cell figure."""


@dataclass(frozen=True)
class Sampling:
    """How a cell is sampled and checked; the defaults are the tool's own, but for the counts."""

    samples: int = 256
    coverage: int = 1000
    """Samples of the first seed by which coverage is measured."""
    guidance: float | Mapping[str, float] = 2.0
    steps: int | None = None
    tighten: float = 0.0
    """Noise deviations by which limits are tightened before the generator is told."""
    confidence: float = CONFIDENCE


DEFAULT = Sampling()


@dataclass
class Cell:
    """One request with what happened over the seeds."""

    name: str
    request: Request
    profiles: dict[str, Profile]
    within: list[float] = field(default_factory=list)
    top: list[float] = field(default_factory=list)
    returned: list[float] = field(default_factory=list)
    returned_within: list[float] = field(default_factory=list)
    returned_top: list[float] = field(default_factory=list)
    held_out: list[float] = field(default_factory=list)
    """How many samples are held out: their labels were never seen."""
    held_out_top: list[float] = field(default_factory=list)
    held_out_returned: list[float] = field(default_factory=list)
    held_out_returned_top: list[float] = field(default_factory=list)
    gap: list[float] = field(default_factory=list)
    """Best feasible accuracy less the best of the first 16 different ones that passed the check."""
    favourites_gap: list[float] = field(default_factory=list)
    """The same with the 16 most accurate by the surrogate of all that passed: what the tool returns."""
    least_gap: float = float("nan")
    """The same with everything in the space that passes the check: no sampler can do better under it."""
    unique: list[float] = field(default_factory=list)
    coverage: float = float("nan")
    feasible: int = 0

    def judge_held_out(self, best: np.ndarray, drawn: np.ndarray, returned: np.ndarray) -> None:
        """Add one seed's samples with unseen labels, as rows of the reference; ``best (R,)`` are those asked for."""
        self.held_out.append(len(drawn))
        self.held_out_returned.append(len(returned))
        self.held_out_top.append(float(best[drawn].mean()) if len(drawn) else float("nan"))
        self.held_out_returned_top.append(float(best[returned].mean()) if len(returned) else float("nan"))


def measure(setup: common.Setup, cell: Cell, seeds: int, sampling: Sampling = DEFAULT) -> None:
    """Sample a cell with every seed and judge what comes."""
    from dinas_cli.diffusion.generator import Conditioning, Limit

    space, request = setup.space, cell.request
    truth, guess = Judge(setup.truth, request), Judge(setup.guess, request, sampling.confidence)
    reference = space.reference()
    held_out = setup.held_out(reference)
    met, best = truth.feasible(reference), truth.satisfied(reference)
    guessed = guess.satisfied(reference)
    column = f"{space.rank_metric}@{request.dataset}"
    accuracy, predicted = setup.truth.reference(column), setup.guess.reference(column)
    cell.feasible = int(met.sum())

    def gap(rows: Iterable[int]) -> float:
        reached = max((accuracy[row] for row in rows if met[row]), default=float("nan"))
        return float(accuracy[met].max() - reached)

    cell.least_gap = gap(np.flatnonzero(guessed))
    limits = {}
    for budget in request.budgets:
        profile = cell.profiles[budget.metric]
        margin = sampling.tighten * float(profile.sigma(np.array([budget.limit]))[0])
        limits[budget.metric] = [Limit(profile, budget.limit - margin)]
    conditioning = Conditioning(request.dataset, TOP, limits)
    for seed in range(seeds):
        count = sampling.coverage if seed == 0 else sampling.samples
        values = setup.generator.sample(
            conditioning, count, seed=seed, guidance=sampling.guidance, steps=sampling.steps
        )
        rows = setup.truth.keys(values)
        if seed == 0:
            cell.coverage = len(set(rows[best[rows]].tolist())) / max(int(best.sum()), 1)
            rows = rows[: sampling.samples]
        cell.within.append(float(met[rows].mean()))
        cell.top.append(float(best[rows].mean()))
        cell.unique.append(len(set(rows.tolist())))
        passed = rows[guessed[rows]]
        cell.returned.append(len(passed))
        cell.returned_within.append(float(met[passed].mean()) if len(passed) else float("nan"))
        cell.returned_top.append(float(best[passed].mean()) if len(passed) else float("nan"))
        cell.judge_held_out(best, rows[held_out[rows]], passed[held_out[passed]])
        different = list(dict.fromkeys(passed.tolist()))
        cell.gap.append(gap(different[:BEST_OF]))
        cell.favourites_gap.append(gap(sorted(different, key=lambda row: -predicted[row])[:BEST_OF]))


def summary(cells: list[Cell]) -> dict[str, Any]:
    """The figures over all cells: means over cells per seed, then mean and standard deviation over seeds."""
    seeds = len(cells[0].within)
    large = [cell for cell in cells if cell.feasible >= FEW]
    worst = min(large, key=lambda cell: float(np.mean(cell.within)))
    answered = [cell for cell in cells if not np.isnan(cell.returned_within).all()]
    per_seed = {
        name: [float(np.mean([getattr(cell, name)[seed] for cell in cells])) for seed in range(seeds)]
        for name in ("within", "top", "unique", "returned")
    }
    for name in ("returned_within", "returned_top", "gap", "favourites_gap", "held_out_top", "held_out_returned_top"):
        # A seed whose samples all failed the check returns nothing: it has no such figure in that cell.
        per_seed[name] = [_mean_of_known([getattr(c, name)[seed] for c in cells]) for seed in range(seeds)]
    return {
        "cells": len(cells),
        "cells_with_nothing_returned": len(cells) - len(answered),
        "held_out_samples": int(sum(map(sum, (cell.held_out for cell in cells)))),
        "held_out_returned": int(sum(map(sum, (cell.held_out_returned for cell in cells)))),
        "worst_cell_within": {"cell": worst.name, "mean": round(float(np.mean(worst.within)), 4)},
        "cells_below_80": sum(float(np.mean(cell.within)) < 0.8 for cell in large),
        "least_gap_under_this_check": round(float(np.nanmean([cell.least_gap for cell in answered])), 4),
        "coverage_of_feasible_top": common.mean_sd([cell.coverage for cell in cells]),
        **{name: common.mean_sd(values) for name, values in per_seed.items()},
    }


def _mean_of_known(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def latency_cells(setup: common.Setup, devices: list[str]) -> list[Cell]:
    """One cell per dataset, device and quantile."""
    cells = []
    for dataset in setup.space.datasets:
        for device in devices:
            column = find_column(setup, "latency", device, dataset)
            profile = setup.surrogate.profile(column)
            for quantile in QUANTILES:
                limit = float(np.nanquantile(setup.truth.reference(column), quantile))
                request = Request(
                    setup.space.name, dataset, Rank("acc", TOP), None, (Budget("latency", limit, device),)
                )
                cells.append(Cell(f"{dataset} {device} {quantile:.0%}", request, {"latency": profile}))
    return cells


def find_column(setup: common.Setup, metric: str, device: str | None, dataset: str) -> str:
    """The table's column of a metric."""
    for name in (column_key(metric, device, dataset), column_key(metric, device)):
        if name in setup.table.columns:
            return name
    raise SystemExit(f"the table has no {metric} of {device}")


def grouped(cells: list[Cell], place: int) -> dict[str, Any]:
    """Summaries by one part of the cells' names: 0 dataset, 1 device, 2 quantile."""
    names = dict.fromkeys(cell.name.split()[place] for cell in cells)
    keep = (
        *("within", "top", "returned_within", "returned_top", "cells_with_nothing_returned", "unique"),
        *("held_out_top", "held_out_returned_top", "held_out_samples", "held_out_returned"),
        *("gap", "favourites_gap", "least_gap_under_this_check"),
    )
    out = {}
    for name in names:
        figures = summary([cell for cell in cells if cell.name.split()[place] == name])
        out[name] = {key: figures[key] for key in keep}
    return out


def run(setup: common.Setup, cells: list[Cell], seeds: int, sampling: Sampling = DEFAULT) -> dict[str, Any]:
    """Measure all cells and sum up."""
    for number, cell in enumerate(cells, start=1):
        measure(setup, cell, seeds, sampling)
        if number % 15 == 0:
            print(f"{number}/{len(cells)} cells", file=sys.stderr, flush=True)
    return summary(cells)


def main() -> None:
    """All devices of the surrogate, all datasets."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    cells = latency_cells(setup, list(setup.surrogate.devices("latency")))
    results = run(setup, cells, options.seeds)
    groups = {name: grouped(cells, place) for place, name in enumerate(("datasets", "devices", "quantiles"))}
    common.write(options, setup.about, {"summary": results, **groups})


if __name__ == "__main__":
    main()
