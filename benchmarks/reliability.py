"""Are answers as sure as they say, and is "nothing" rarely the answer? Shipped devices, and the same ones as new.

A request asks for the top 5 % of validation accuracy under a latency limit at a quantile of the table's latencies, as
`dinas generate` is called without `--confidence`; what it returns is judged by the table. *new*: a device's profile is
fitted anew from 48 measurements (anchors of three draws), as for a device of the user's own. The weights have seen all
of the devices: what a basis and a generator that have not would do, `unseen.py` measures. The law of
`oracles/noise.py` is of the shipped profiles of the same devices; the fitted ones had no part in it.

Reliability: of the architectures that the surrogate gives a probability near the stated one, the share that keeps to
the limit. *at*: limits are values that some architecture has, which is met as exactly as that; *between*: any values.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.constraints import find_column
from benchmarks.unseen import MEASURED, fit
from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.errors import UnsatisfiedError
from dinas_cli.files.columns import column_key
from dinas_cli.generation.confidence import judge_for
from dinas_cli.generation.generate import generate
from dinas_cli.generation.judge import Judge

QUANTILES = (0.05, 0.1, 0.2, 0.5, 0.8)
TOP, WANTED = 5.0, 16
STATED = {0.27: (0.2, 0.34), 0.5: (0.45, 0.55), 0.8: (0.77, 0.83), 0.9: (0.88, 0.92), 0.98: (0.97, 0.99)}
"""Probabilities and what counts as near."""
NEAR = 0.04
"""How far from a quantile (as a share of the space) limits between values are drawn."""


@dataclass
class Cell:
    """What one request brought; shares are of what was returned."""

    device: str
    quantile: float
    returned: int = 0
    confidence: float = float("nan")
    within: float = float("nan")
    top: float = float("nan")
    stated: float = float("nan")
    """Mean of the stated probabilities."""
    gap: float = float("nan")
    """Best feasible accuracy less the best returned that is feasible; all of the range where none is."""
    least_gap: float = float("nan")
    """The same with all of the space that is as sure as what was returned: no sampler can do better."""


@dataclass
class Counts:
    """Architectures by the probability that is stated for them."""

    kept: dict[float, int] = field(default_factory=lambda: dict.fromkeys(STATED, 0))
    all: dict[float, int] = field(default_factory=lambda: dict.fromkeys(STATED, 0))

    def add(self, stated: np.ndarray, kept: np.ndarray) -> None:
        """Count architectures ``(R,)``."""
        for near, (low, high) in STATED.items():
            here = (stated >= low) & (stated < high)
            self.kept[near] += int(kept[here].sum())
            self.all[near] += int(here.sum())

    def shares(self) -> dict[str, Any]:
        """The true share and the number of architectures for every stated probability."""
        return {
            f"{near:g}": {"true": round(self.kept[near] / max(self.all[near], 1), 4), "count": self.all[near]}
            for near in STATED
        }


def request_for(setup: common.Setup, dataset: str, column: str, device: str, quantile: float) -> Request:
    """The top of what keeps to a quantile of the table's ``column``, on ``device``."""
    limit = float(np.nanquantile(setup.truth.reference(column), quantile))
    return Request(
        setup.space.name, dataset, Rank(setup.space.rank_metric, TOP), None, (Budget("latency", limit, device),)
    )


def ask(setup: common.Setup, dataset: str, column: str, name: str, device: str, quantile: float, seed: int) -> Cell:
    """Generate for ``name``, a device of the surrogate, and judge by the table's ``column``, of ``device``."""
    cell = Cell(device, quantile)
    truth = Judge(setup.truth, request_for(setup, dataset, column, device, quantile))
    asked = request_for(setup, dataset, column, name, quantile)
    try:
        found = generate(asked, WANTED, seed=seed, oracles=setup.guess, checkpoint=setup.about["checkpoint"])
    except UnsatisfiedError:
        return cell
    values = np.array([record.values for record in found.records])
    met = truth.feasible(values)
    accuracy = setup.truth.reference(column_key(setup.space.rank_metric, None, dataset))
    feasible = accuracy[truth.feasible(None)]
    everything = judge_for(setup.guess, asked, None).at(found.confidence)
    rows = np.array([setup.space.key(row) for row in values.tolist()])
    key = everything.limits[0][0]

    def gap(found: np.ndarray) -> float:
        reached = accuracy[found & truth.feasible(None)]
        return float(feasible.max() - (reached.max() if len(reached) else feasible.min()))

    cell.returned, cell.confidence = len(values), found.confidence
    cell.within, cell.top = float(met.mean()), float(truth.satisfied(values).mean())
    cell.stated = float(np.mean([record.metrics[key].extra["probability"] for record in found.records]))
    cell.gap = gap(np.isin(np.arange(len(accuracy)), rows))
    cell.least_gap = gap(everything.reference_satisfied)
    return cell


def count(setup: common.Setup, column: str, key: str, at: Counts, between: Counts, seed: int) -> None:
    """Count all architectures under limits at and between the values of the table's ``column``."""
    latency, draw = setup.truth.reference(column), np.random.default_rng(seed)
    for quantile in QUANTILES:
        low, high = np.nanquantile(latency, (max(quantile - NEAR, 0.005), quantile + NEAR))
        limits = float(np.nanquantile(latency, quantile)), float(draw.uniform(low, high))
        for counts, limit in zip((at, between), limits, strict=True):
            counts.add(setup.surrogate.probability(None, key, limit), latency <= limit)


def summary(cells: list[Cell]) -> dict[str, Any]:
    """The figures over requests; those that brought nothing count as empty and nowhere else."""
    answered = [cell for cell in cells if cell.returned]

    def mean(name: str) -> float:
        return round(float(np.mean([getattr(cell, name) for cell in answered])), 4)

    used = [cell.confidence for cell in answered]
    return {
        "requests": len(cells),
        "empty": len(cells) - len(answered),
        "fewer_than_wanted": sum(0 < cell.returned < WANTED for cell in cells),
        **{name: mean(name) for name in ("within", "stated", "top", "gap", "least_gap", "returned")},
        "median_gap": round(float(np.median([cell.gap for cell in answered])), 4),
        "confidence": {f"{level:g}": used.count(level) for level in sorted(set(used), reverse=True)},
    }


def measure(setup: common.Setup, seeds: int, *, new: bool) -> dict[str, Any]:
    """All devices, data sets and limits, with the shipped profiles or fitted ones (one draw of anchors per seed)."""
    at, between, cells = Counts(), Counts(), []
    devices = setup.about["devices"] if new else setup.surrogate.devices("latency")
    for device in devices:
        for seed in range(seeds):
            for dataset in setup.space.datasets:
                column = find_column(setup, "latency", device, dataset)
                key, name = column, device
                if new:
                    name = f"new-{device}"
                    key = column.replace(f"/{device}", f"/{name}")
                    setup.surrogate.add_profile(fit(setup, column, MEASURED, seed, key))
                if "@" in column or dataset == setup.space.datasets[0]:
                    count(setup, column, key, at, between, seed)
                cells += [ask(setup, dataset, column, name, device, q, seed) for q in QUANTILES]
        print(device, summary(cells[-15 * seeds :]), file=sys.stderr, flush=True)
    groups = {
        "devices": {name: [c for c in cells if c.device == name] for name in devices},
        "quantiles": {f"{q:.0%}": [c for c in cells if c.quantile == q] for q in QUANTILES},
    }
    return {
        "summary": summary(cells),
        **{kind: {name: summary(part) for name, part in parts.items()} for kind, parts in groups.items()},
        "reliability": {"at": at.shares(), "between": between.shares()},
    }


def main() -> None:
    """Shipped devices with one seed, the same as new ones with several draws of anchors."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    setup.about["checkpoint"] = options.checkpoint
    setup.about["devices"] = list(setup.surrogate.devices("latency"))
    results = {"shipped": measure(setup, 1, new=False), "new": measure(setup, options.seeds, new=True)}
    common.write(options, {**setup.about, "measured_per_device": MEASURED, "wanted": WANTED}, results)


if __name__ == "__main__":
    main()
