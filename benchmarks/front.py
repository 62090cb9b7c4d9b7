"""How much of the true front ``dinas front`` reaches on every device of HW-NAS-Bench, without and with look-ups.

    python -m benchmarks.front

NAS-Bench-201, its three data sets; latency on six devices and energy on three. The table is the judge, which the tool
did not have; nine tenths of its labels trained the surrogate. A share is the hypervolume of what is returned, at its
true values, in that of the true front, each objective scaled to the true front's extent.

* *front*: what ``dinas front`` returns, not looked up;
* *front, 200*: what ``dinas front -n 200`` returns, looked up;
* *ranking, 200*: the whole space in the order of the fronts that the same surrogate expects, all cells apart;
* *NSGA-II* (Optuna) asks the table alone, 200 times.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks import common
from dinas_cli.bench.fronts import order
from dinas_cli.bench.optuna_searchers import nsga_look_ups
from dinas_cli.bench.suites.constraints import DEVICES
from dinas_cli.generation import fronts
from dinas_cli.generation.arguments import request_from
from dinas_cli.generation.front import front_of_space

LOOKUPS, TIMED = 200, 5
NSGA = "NSGA-II, 200"


def main() -> None:
    """Every device and data set, and the seconds of a whole process."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    results: dict[str, Any] = {}
    for dataset in setup.space.datasets:
        for metric in ("latency", "energy"):
            for device in DEVICES:
                cost = f"{metric}/{device}@{dataset}"
                if setup.truth.answer(cost) is None or setup.guess.answer(cost) is None:
                    continue
                results[cost] = one(setup, dataset, cost, options.seeds)
                print(cost, results[cost], file=sys.stderr)
    seconds = [whole_process() for _ in range(TIMED)]
    about = setup.about | {"lookups": LOOKUPS, "seconds": {key: round(float(np.median(one)), 2) for key, one in
                           zip(("wall", "cpu"), zip(*seconds, strict=True), strict=True)}}  # fmt: skip
    common.write(options, about, {"fronts": results})


def one(setup: common.Setup, dataset: str, cost: str, seeds: int) -> dict[str, Any]:
    """Shares on one device and data set."""
    columns = f"acc@{dataset}", cost
    points = _points(setup.truth, columns)
    known = ~np.isnan(points).any(1)
    there = points[known]
    true = there[fronts.front(there)]

    def share(rows: np.ndarray) -> float:
        return round(fronts.share(points[rows[known[rows]]], true), 5)

    request = request_from(setup.space.name, dataset=dataset)
    names = ["acc", cost]
    alone = front_of_space(request, names, oracles=setup.guess)
    more = front_of_space(request, names, count=LOOKUPS, oracles=setup.guess)
    ranked = order(_points(setup.guess, columns), LOOKUPS)
    return {
        "true": len(true),
        "members": len(alone.records),
        "front": share(_rows(alone.records)),
        "front, 200": share(_rows(more.records)),
        "ranking, 200": share(ranked),
        NSGA: common.mean_sd([share(nsga(setup, points, seed)) for seed in range(seeds)]),
    }


def nsga(setup: common.Setup, points: np.ndarray, seed: int) -> np.ndarray:
    """The rows that Optuna's NSGA-II looks up; what does not run on a device is worse than all that does."""

    def ask(values: Sequence[int]) -> tuple[int, np.ndarray]:
        row = int(setup.truth.keys(np.array([values]))[0])
        return row, points[row]

    return np.array(list(nsga_look_ups(setup.space, ask, 2, LOOKUPS, seed)))


def whole_process() -> tuple[float, float]:
    """Seconds of ``dinas front --device fpga``, without a table, from start to end: by the clock, of the processor."""
    with tempfile.TemporaryDirectory() as home:
        return _timed(os.environ | {"DINAS_HOME": home})


def _timed(environment: dict[str, str]) -> tuple[float, float]:
    import resource

    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    line = [sys.executable, "-m", "dinas_cli", "front", "--device", "fpga", "-q"]
    subprocess.run(line, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - began, used


def _points(oracles: Any, columns: tuple[str, str]) -> np.ndarray:
    accuracy, cost = (oracles.reference(column) for column in columns)
    return np.stack([-accuracy, cost], 1)


def _rows(records: list[Any]) -> np.ndarray:
    return np.array([record.provenance["index"] for record in records])


if __name__ == "__main__":
    main()
