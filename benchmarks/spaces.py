"""How good a space's samples are: validity, uniqueness, novelty, rank and limits asked for and met, and their speed.

    python -m benchmarks.spaces --space darts --files ../shared/data/nasbench301

Samples are judged as drawn, before the tool's own check. The truth is the table where it holds the whole space, and
otherwise the surrogate; then the share by table of those samples that it has is given beside it, and the word of judges
that training has not seen (``judges.py``). *Held out*: the share among those whose labels training never saw. *Novel*:
not among the labelled architectures of the training set. Where the table has a gap (nasbench-graph on proteins),
samples that it has no value of are left out; the share of the others is given as *judged*.
"""

from __future__ import annotations

import json
import statistics
import time
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.judges import Judge, judges, thresholds
from dinas_cli.diffusion.generator import Conditioning, Limit
from dinas_cli.diffusion.threads import WORKERS, cores
from dinas_cli.errors import GenotypeError
from dinas_cli.files.columns import column_key
from dinas_cli.spaces.shared.protocol import enumerable

SAMPLES, BATCH, TOP = 1000, 256, 5.0
QUANTILES = (0.2, 0.5, 0.8)
RUNS = 5


class Truth:
    """What counts as true: the whole table, or the surrogate where there is none; reference values, best first high."""

    def __init__(self, setup: common.Setup) -> None:
        self.setup = setup
        self.space = setup.space
        self.reference_values = setup.space.reference()
        self.source = "table" if enumerable(setup.space) else "surrogate"
        self.oracles = setup.truth if self.source == "table" else setup.guess
        spec = next(s for s in setup.space.metrics if s.name == setup.space.rank_metric)
        self.sign = 1.0 if spec.better == "max" else -1.0

    def quality(self, values: np.ndarray | None, dataset: str | None) -> np.ndarray:
        """The ranked metric, larger is better; NaN where the truth has no value."""
        column = column_key(self.space.rank_metric, None, dataset)
        found = self.oracles.reference(column) if values is None else self.oracles.metric(values, column)[0]
        return self.sign * found

    def cost(self, values: np.ndarray | None, column: str) -> np.ndarray:
        """A cost; NaN where the truth has no value."""
        return self.oracles.reference(column) if values is None else self.oracles.metric(values, column)[0]

    def others(self, files: Path | None) -> tuple[dict[str, Judge], dict[str, Any]]:
        """Judges that training has not seen, where the surrogate is all there is, and what there is to know of them."""
        return ({}, {}) if self.source == "table" else judges(self.setup, next(iter(self.space.datasets), None), files)


def main() -> None:
    """Everything about one space."""
    parser = common.parser(__doc__)
    parser.add_argument("--speed-only", action="store_true", help="measure the speed again, for an idle machine")
    options = parser.parse_args()
    if options.out is None:
        options.out = common.RESULTS / f"space-{options.space}.json"
    if options.speed_only:
        renew_speed(options)
        return
    setup = common.load(options)
    truth = Truth(setup)
    data = setup.labels
    known = {setup.space.canonical_id(row) for row in data.values[data.known].tolist()}
    datasets = setup.space.datasets or (None,)
    samples = {"any": unconditional(setup, options.seeds, known)}
    others, about_others = truth.others(options.files)
    ranks = {dataset or "all": ranked(setup, truth, dataset, options.seeds, known, others) for dataset in datasets}
    limits = [limited(setup, truth, dataset, options.seeds) for dataset in datasets]
    cells = [cell for group in limits for cell in group]
    results: dict[str, Any] = {
        "summary": {
            "valid": samples["any"]["valid"],
            "unique": samples["any"]["unique"],
            "novel": samples["any"]["novel"],
            "top": over(ranks.values(), "top"),
            "top_by_table": pooled(rank["by_table"] for rank in ranks.values()),
            "top_held_out": pooled(rank["held_out"] for rank in ranks.values()),
            **({"within": over(cells, "within"), "top_of_feasible": over(cells, "top")} if cells else {}),
            **({"feasible_held_out": pooled(cell["held_out"] for cell in cells)} if cells else {}),
        },
        "truth": truth.source,
        "judges": about_others,
        "samples": SAMPLES,
        "unconditional": samples["any"],
        "ranked": ranks,
        "limited": cells,
        "kendall_tau": setup.surrogate.config["kendall_tau"],
        "speed": speed(setup, datasets[0]),
    }
    common.write(options, setup.about, results)


def unconditional(setup: common.Setup, seeds: int, known: set[str]) -> dict[str, Any]:
    """Samples asked for nothing."""
    dataset = next(iter(setup.space.datasets), None)
    found = [
        look(setup, setup.generator.sample(Conditioning(dataset), SAMPLES, seed=seed), known) for seed in range(seeds)
    ]
    return {name: common.mean_sd([f[name] for f in found]) for name in ("valid", "unique", "novel")}


def look(models: common.Models, values: np.ndarray, known: set[str]) -> dict[str, Any]:
    """Validity, uniqueness and novelty of samples ``(B, V)``, and the valid ones."""
    ids, rows = [], []
    for row in values.tolist():
        try:
            ids.append(models.space.canonical_id(row))
        except GenotypeError:
            continue
        rows.append(row)
    return {
        "valid": len(ids) / len(values),
        "unique": len(set(ids)) / len(values),
        "novel": sum(name not in known for name in ids) / max(len(ids), 1),
        "rows": np.array(rows, np.int8).reshape(len(rows), -1),
    }


def ranked(
    setup: common.Setup, truth: Truth, dataset: str | None, seeds: int, known: set[str], others: dict[str, Judge]
) -> dict[str, Any]:
    """Samples asked for the top 5 %."""
    leasts = thresholds(others, truth.reference_values, truth.sign, TOP)
    independent: dict[str, list[float]] = {name: [] for name in others}
    quality = truth.quality(None, dataset)
    least = np.nanquantile(quality, 1 - TOP / 100)
    tops, looks, best, judged = [], [], [], []
    by_table, held_out = common.Counted(), common.Counted()
    column = column_key(setup.space.rank_metric, None, dataset)
    tabled = truth.sign * setup.table.column(column)
    tabled_least = np.nanquantile(tabled, 1 - TOP / 100)
    for seed in range(seeds):
        found = look(setup, setup.generator.sample(Conditioning(dataset, TOP), SAMPLES, seed=seed), known)
        looks.append(found)
        reached = truth.quality(found["rows"], dataset)
        tops.append(share(reached >= least, reached))
        values, keys = truth.sign * setup.truth.tabled(found["rows"], column), setup.truth.keys(found["rows"])
        there = ~np.isnan(values)
        for counted, part in ((by_table, there), (held_out, there & setup.held_out(found["rows"]))):
            counted.add(values[part] >= tabled_least, keys[part])
        for name, judge in others.items():
            independent[name].append(float((truth.sign * judge(found["rows"]) >= leasts[name]).mean()))
        best.append(float(truth.sign * np.nanmax(reached)))
        judged.append(float((~np.isnan(reached)).mean()))
    out = {"top": common.mean_sd(tops), "best": common.mean_sd(best), "threshold": float(truth.sign * least)}
    out |= {name: common.mean_sd([f[name] for f in looks]) for name in ("valid", "unique", "novel")}
    return out | {
        "judged": common.mean_sd(judged),
        "by_table": by_table.summary(),
        "held_out": held_out.summary(),
        "independent": {name: common.mean_sd(shares) for name, shares in independent.items()},
    }


def share(true: np.ndarray, values: np.ndarray) -> float:
    """How many of those samples ``(B,)`` are that the truth has a value of."""
    known = ~np.isnan(values)
    return float(true[known].mean()) if known.any() else float("nan")


def limited(setup: common.Setup, truth: Truth, dataset: str | None, seeds: int) -> list[dict[str, Any]]:
    """Samples asked for the top 5 % under a latency limit, for every device of the space."""
    cells = []
    for device in setup.surrogate.devices("latency"):
        column = column_key("latency", device, dataset)
        if column not in setup.surrogate.columns():
            continue
        profile = setup.surrogate.profile(column)
        cost, quality = truth.cost(None, column), truth.quality(None, dataset)
        for quantile in QUANTILES:
            limit = float(np.nanquantile(cost, quantile))
            least = np.nanquantile(quality[cost <= limit], 1 - TOP / 100)
            within, top, held_out = [], [], common.Counted()
            for seed in range(seeds):
                conditioning = Conditioning(dataset, TOP, {"latency": [Limit(profile, limit)]})
                rows = look(setup, setup.generator.sample(conditioning, BATCH, seed=seed), set())["rows"]
                charged, reached = truth.cost(rows, column), truth.quality(rows, dataset)
                met = charged <= limit
                within.append(share(met, charged))
                top.append(share(met & (reached >= least), charged))
                if truth.source == "table":
                    part = setup.held_out(rows) & ~np.isnan(charged)
                    held_out.add((met & (reached >= least))[part], setup.truth.keys(rows)[part])
            cells.append(
                {
                    "cell": f"{dataset or 'all'} {device} {quantile:.0%}",
                    "limit_ms": round(limit, 4),
                    "within": common.mean_sd(within),
                    "top": common.mean_sd(top),
                    "held_out": held_out.summary(),
                }
            )
    return cells


def over(groups: Any, name: str) -> dict[str, float]:
    """Mean over groups of a figure's means, and of its standard deviations."""
    found = [group[name] for group in groups]
    return {key: round(float(np.nanmean([f[key] for f in found])), 5) for key in ("mean", "sd")}


def pooled(groups: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One share of a part of the samples in several groups: the mean of theirs; the samples are added up."""
    found = [group for group in groups if group["share"]]
    share = over(found, "share") if found else None
    return {"share": share, "samples": sum(group["samples"] for group in found)}


def renew_speed(options: Namespace) -> None:
    """Put a new measurement of the speed into the results of the same checkpoint."""
    models = common.models(options)
    results = json.loads(options.out.read_text())
    if results["about"]["checkpoint_sha256"] != models.about["checkpoint_sha256"]:
        raise SystemExit(f"{options.out} is about another checkpoint: measure everything")
    results["speed"] = speed(models, next(iter(models.space.datasets), None))
    options.out.write_text(json.dumps(results, indent=1) + "\n")


def speed(setup: common.Models, dataset: str | None) -> dict[str, Any]:
    """Milliseconds per architecture at batch 256 with guidance, checks of validity not included."""
    times = []
    for run in range(RUNS + 1):
        started = time.perf_counter()
        setup.generator.sample(Conditioning(dataset, TOP), BATCH, seed=run)
        times.append(1e3 * (time.perf_counter() - started) / BATCH)
    parameters = setup.generator.denoiser.parameters
    return {
        "ms_per_architecture": round(statistics.median(times[1:]), 3),
        "threads": min(cores(), WORKERS),
        "parameters": parameters,
        "batch": BATCH,
    }


if __name__ == "__main__":
    main()
