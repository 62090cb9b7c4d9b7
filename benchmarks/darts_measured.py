"""Do darts networks keep to their latency limit when they are built and measured? Thirty of them, on this machine.

    python -m benchmarks.darts_measured

Ten per limit (the 20, 50 and 80 % quantiles of the latency model), returned by the tool for the top 5 %. They are
measured as `benchmarks.darts_latency` measures, at the level of its device file: some of its architectures are visited
in the same rounds, and what they take now tells what this machine takes longer or shorter than then.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import common
from benchmarks.darts_latency import MEASUREMENTS, real
from benchmarks.spaces import QUANTILES, TOP
from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.generation.generate import generate
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.devices import load
from dinas_cli.spaces.darts.space import SPACE

COUNT = 10


def main() -> None:
    """Generate, build, measure."""
    options = common.parser(__doc__).parse_args()
    options.space = SPACE.name
    setup = common.models(options)
    device = load(MEASUREMENTS / f"darts-{SPACE.default_device}.json")
    oracles = Oracles(SPACE, None, setup.surrogate)
    column = f"latency/{device.name}"
    cells: dict[str, Any] = {}
    for quantile in QUANTILES:
        limit = float(np.quantile(oracles.reference(column), quantile))
        request = Request(
            SPACE.name, None, Rank(SPACE.rank_metric, TOP), None, (Budget("latency", limit, device.name),)
        )
        found = generate(request, COUNT, seed=0, checkpoint=str(setup.file), oracles=oracles).records
        predicted = np.array([record.metrics[column].value for record in found])
        measured = real([record.genotype for record in found], device)
        cells[f"{quantile:.0%}"] = {
            "limit_ms": round(limit, 4),
            "networks": len(found),
            "within": int((measured <= limit).sum()),
            "within_2_percent": int((measured <= 1.02 * limit).sum()),
            "predicted_ms": [round(value, 4) for value in predicted.tolist()],
            "measured_ms": [round(value, 4) for value in measured.tolist()],
        }
    common.write(options, setup.about, {"cells": cells})


if __name__ == "__main__":
    main()
