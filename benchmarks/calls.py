"""How good samples are against the number of network calls they are drawn in, without and under tight limits.

    python -m benchmarks.calls --space darts

Asked for the top 5 % with guidance 2; judged by the surrogate, as drawn. Under a limit, *top* is the share of all
samples that keep to it and are among the best 5 % of what does. The number of calls that a space draws in by default
(``calls`` of its layout) is chosen from these figures: the fewest after which more give nothing that shows.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.spaces import look
from dinas_cli.diffusion.generator import Conditioning, Limit
from dinas_cli.files.columns import column_key, split_column
from dinas_cli.oracles.answers import Oracles

SAMPLES, TOP = 500, 5.0
QUANTILES = (1.0, 0.2, 0.05)
"""Share of the space that keeps to the limit; 1 is no limit."""


def main() -> None:
    """One space; its figures are put beside those of the others."""
    options = common.parser(__doc__)
    options.add_argument("--calls", type=int, action="append", help="numbers of calls (default: one to all)")
    chosen = options.parse_args()
    models = common.models(chosen)
    numbers = chosen.calls or candidates(models.space.layout.size)
    rows = [measure(models, calls, chosen.seeds) for calls in numbers]
    facts = {"default": models.generator.calls, "limited": limited_column(models), "samples": SAMPLES, "calls": rows}
    common.renew(chosen, models.about, models.space.name, facts)


def candidates(variables: int) -> list[int]:
    """From one to as many as there are variables, in steps that grow, 28 at most."""
    return [n for n in (1, 2, 3, 4, 5, 6, 8, 10, 14, 19, 28) if n <= variables]


def limited_column(models: common.Models) -> str | None:
    """The cost that is limited: the generator's first budget, on the first data set and device that has it."""
    metric = next((spec.name for spec in models.generator.specs if spec.kind == "budget"), None)
    dataset = next(iter(models.space.datasets), None)
    for column in models.surrogate.columns():
        name, _, of = split_column(column)
        if name == metric and of in (dataset, None):
            return column
    return None


def measure(models: common.Models, calls: int, seeds: int) -> dict[str, Any]:
    """Figures of one number of calls, over seeds."""
    space, truth = models.space, Oracles(models.space, None, models.surrogate)
    dataset, column = next(iter(space.datasets), None), limited_column(models)
    ranked = column_key(space.rank_metric, None, dataset)
    sign = 1.0 if next(s for s in space.metrics if s.name == space.rank_metric).better == "max" else -1.0
    quality = sign * truth.reference(ranked)
    found: dict[str, Any] = {"calls": calls}
    for quantile in QUANTILES if column else QUANTILES[:1]:
        limits, within = {}, np.ones(len(quality), bool)
        if quantile < 1 and column:
            profile = models.surrogate.profile(column)
            cost = truth.reference(column)
            limit = float(np.quantile(cost, quantile))
            limits, within = {split_column(column)[0]: [Limit(profile, limit)]}, cost <= limit
        least = np.quantile(quality[within], 1 - TOP / 100)
        figures: dict[str, list[float]] = {name: [] for name in ("valid", "unique", "within", "top", "ms")}
        for seed in range(seeds):
            started = time.process_time()
            values = models.generator.sample(Conditioning(dataset, TOP, limits), SAMPLES, seed=seed, steps=calls)
            figures["ms"].append(1e3 * (time.process_time() - started) / SAMPLES)
            seen = look(models, values, set())
            rows = seen["rows"]
            kept = truth.metric(rows, column)[0] <= limit if quantile < 1 and column else np.ones(len(rows), bool)
            good = sign * truth.metric(rows, ranked)[0] >= least
            figures["valid"].append(seen["valid"])
            figures["unique"].append(seen["unique"])
            figures["within"].append(float(kept.sum()) / SAMPLES)
            figures["top"].append(float((kept & good).sum()) / SAMPLES)
        found["all" if quantile == 1 else f"{quantile:.0%}"] = {n: common.mean_sd(f) for n, f in figures.items()}
    return found


if __name__ == "__main__":
    main()
