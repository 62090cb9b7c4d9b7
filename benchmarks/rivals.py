"""The tool against its strongest rivals: evolution and random cells on the same surrogate, with the same CPU time.

    python -m benchmarks.rivals --space darts --files ../shared/data/nasbench301

Every method gets :data:`SECONDS` of one thread, ranks by the same surrogate, checks limits in the same way and returns
the 16 best that it found; *10^5* ranks so many random cells, however long that takes. They are judged by what neither
search nor training has seen (``judges.py``). Of spaces that can be listed, whose tables were nine tenths of the
training, the 4 best with labels that training never saw are judged besides: *held out*.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks import common
from benchmarks.judges import Judge, diversity, judges, summary
from benchmarks.rival_methods import BATCH, METHODS, RANDOM, RETURNED, Method, Search, Spent, drawn
from dinas_cli.architectures.conditions import Budget, Request, find_metric
from dinas_cli.bench.sampling import one_core
from dinas_cli.spaces.registry import space_names
from dinas_cli.spaces.shared.protocol import enumerable

SECONDS, HELD_OUT = 2.0, 4
QUANTILE = 0.2
"""Share of the space that keeps to the limit."""
MANY = 100_000
WHOLE = "whole space, ranked"
DEVICES = {"nasbench201": "pixel3"}
"""Whose latency is limited where a space has no default device but several."""


def limit_of(setup: common.Setup, dataset: str | None) -> Budget:
    """The latency of the space's device, or without one the number of parameters, at :data:`QUANTILE`."""
    device = DEVICES.get(setup.space.name, setup.space.default_device)
    metric = "params" if device is None else "latency"
    column = setup.guess.find(metric, dataset=dataset, device=device)
    if column is None:
        raise SystemExit(f"no {metric} of {setup.space.name}")
    return Budget(metric, float(np.nanquantile(setup.guess.reference(column), QUANTILE)), device)


def best_of(setup: common.Setup, told: np.ndarray) -> float:
    """The best of values of the ranked metric ``(B,)``."""
    better = find_metric(setup.space, setup.space.rank_metric).better
    return float(np.nanmax(told) if better == "max" else np.nanmin(told))


def measure(
    setup: common.Setup, request: Request, method: Method, judged: dict[str, Judge], seed: int, seconds: float
) -> dict[str, Any]:
    """What one method returns with one seed."""
    search = Search(setup, request, seconds)
    with suppress(Spent):
        method(search, seed)
    used = search.used
    best = search.best(RETURNED)
    found: dict[str, Any] = {
        "score": float(setup.guess.ranking(best, search.column).mean()) if len(best) else float("nan"),
        **summary(judged, best),
        **{f"best by {name}": best_of(setup, judge(best)) for name, judge in judged.items() if len(best)},
        "diversity": diversity(best),
        "returned": len(best),
        "scored": sum(map(len, search.values)),
        "seconds": used,
    }
    if enumerable(setup.space):
        new = search.best(HELD_OUT, setup.held_out)
        told = summary(judged, new if len(new) == HELD_OUT else new[:0])
        found |= {f"held out by {name}": value for name, value in told.items()}
        for column, limit, _ in search.judge.limits:
            found["within"] = float((setup.truth.metric(best, column)[0] <= limit).mean())
    return found


def compared(setup: common.Setup, seeds: int, files: Path | None) -> dict[str, Any]:
    """All methods of one space, without and with a limit."""
    dataset = next(iter(setup.space.datasets), None)
    judged, about = judges(setup, dataset, files)
    limit = limit_of(setup, dataset)
    requests = {
        "no limit": Request(setup.space.name, dataset),
        f"{QUANTILE:.0%} limit": Request(setup.space.name, dataset, budgets=(limit,)),
    }
    methods: dict[str, tuple[Method, float]] = {name: (method, SECONDS) for name, method in METHODS.items()}
    if enumerable(setup.space):
        methods[WHOLE] = methods.pop(RANDOM)
    else:
        methods[f"{MANY:,} random cells, ranked"] = partial(drawn, batches=MANY // BATCH), np.inf
    results: dict[str, Any] = {}
    for asked, request in requests.items():
        results[asked] = {}
        for name, (method, seconds) in methods.items():
            runs = [measure(setup, request, method, judged, seed, seconds) for seed in range(seeds)]
            known = {key: [run[key] for run in runs if not np.isnan(run[key])] for key in runs[0]}
            results[asked][name] = {key: common.mean_sd(values) for key, values in known.items() if values}
            print(setup.space.name, asked, name, results[asked][name].get("score"), file=sys.stderr, flush=True)
    return {
        "dataset": dataset,
        "limit": {"metric": limit.metric, "device": limit.device, "value": limit.limit},
        "judges": about,
        "methods": results,
        "about": setup.about,
    }


def main() -> None:
    """Every space that is asked for; its figures are put beside those of the others."""
    options = common.parser(__doc__)
    options.set_defaults(space=None)
    chosen = options.parse_args()
    with one_core(), threadpool_limits(1):
        for name in [chosen.space] if chosen.space else space_names():
            setup = common.load(Namespace(**{**vars(chosen), "space": name}))
            common.renew(chosen, setup.about, name, compared(setup, chosen.seeds, chosen.files))


if __name__ == "__main__":
    main()
