"""Of cells generated for a device measured on this machine, how many keep the limit when they are measured again.

A small network of NAS-Bench-201 cells is measured with ``dinas devices measure``, in a home of its own; cells are then
generated under the 20 % and 50 % quantiles of what is predicted, and each is timed with ``dinas eval --measure``. The
load of the machine is written down, for it decides: target 98 % on a quiet one.
"""

from __future__ import annotations

import os
import tempfile
from argparse import Namespace
from typing import Any

import numpy as np

import dinas_cli
from benchmarks import common
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.cli.app import run
from dinas_cli.spaces.registry import get_space

SPACE, DEVICE = "nasbench201", "here"
SKELETON = {"channels": 8, "cells": 1}
QUANTILES = 0.2, 0.5


def measure(count: int) -> dict[str, Any]:
    """Describe this machine by ``count`` networks; how well the fit ranks them."""
    sizes = [text for name, size in SKELETON.items() for text in (f"--{name}", str(size))]
    if run(["devices", "measure", DEVICE, "--skeleton", "cifar", *sizes, "-n", str(count), "-q"]):
        raise SystemExit("the device could not be measured")
    surrogate = oracles_at_hand(get_space(SPACE)).surrogate
    assert surrogate is not None
    column = f"latency/{DEVICE}@cifar10"
    return {"measured": count, "kendall_tau": surrogate.kendall_tau(column), "column": column}


def again(column: str, quantile: float, count: int, seed: int) -> dict[str, Any]:
    """Generate under the limit and measure what comes out."""
    limit = float(np.quantile(oracles_at_hand(get_space(SPACE)).reference(column), quantile))
    records = dinas_cli.generate(SPACE, latency=f"{limit!r}ms", device=DEVICE, n=count, seed=seed)
    timed = dinas_cli.evaluate(records, measure=True)
    here = np.array([record.metrics["latency/this-machine"].value for record in timed])
    spread = np.array([record.metrics["latency/this-machine"].extra["spread"] for record in timed])
    predicted = np.array([record.metrics[column].value for record in timed])
    ratios = here / predicted
    return {
        "limit_ms": round(limit, 4),
        "cells": len(here),
        "kept": int((here <= limit).sum()),
        "satisfy": sum(bool(record.provenance["satisfies"]) for record in timed),
        "least_probability": round(min(record.metrics[column].extra["probability"] for record in timed), 3),
        "ratio": {"median": round(float(np.median(ratios)), 3), **_ends(ratios)},
        "above_limit_at_most": round(float(max((here / limit).max(), 1) - 1), 3),
        "spread": round(float(np.median(spread / here)), 3),
    }


def _ends(numbers: np.ndarray) -> dict[str, float]:
    return {"least": round(float(numbers.min()), 3), "most": round(float(numbers.max()), 3)}


def main() -> None:
    """Both quantiles for every seed; the device is measured once per seed."""
    options = common.plain_parser(__doc__)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--count", type=int, default=48, help="networks that describe the device")
    options.add_argument("--cells", type=int, default=50, help="cells generated per limit")
    options.add_argument("--note", default="", help="what else the machine was doing")
    given = options.parse_args()
    runs = []
    for seed in range(given.seeds):
        before = os.getloadavg()[0]
        with tempfile.TemporaryDirectory(prefix="dinas-") as folder:
            os.environ["DINAS_HOME"] = folder
            device = measure(given.count)
            found = {f"{quantile:g}": again(device["column"], quantile, given.cells, seed) for quantile in QUANTILES}
        runs.append({"device": device, "load_before": round(before, 1), "limits": found})
        print(runs[-1], flush=True)
    bundled = Namespace(space=SPACE, checkpoint=None, surrogate=None, seeds=given.seeds)
    facts = common.models(bundled).about | {"note": given.note, "skeleton": SKELETON}
    common.write(given, facts, {"runs": runs})


if __name__ == "__main__":
    main()
