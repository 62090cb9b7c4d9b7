"""Do weights by condition steer a request without breaking it? Tight limits, joint and weighted guidance.

Cells: three devices (an FPGA, a phone, a small computer), latency limits at three quantiles, every dataset. Judged by
the table, as drawn and after the tool's check by the surrogate, as in ``constraints.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from benchmarks import common
from benchmarks.constraints import Cell, Sampling, grouped, latency_cells, run

DEVICES = ("fpga", "pixel3", "raspi4")
LIMITS = ("10%", "20%", "50%")
SAMPLING = Sampling(samples=256, coverage=256)
WEIGHTS: dict[str, float | Mapping[str, float]] = {
    "2": 2.0,
    "acc=2,latency=2": {"acc": 2.0, "latency": 2.0},
    "acc=3,latency=2": {"acc": 3.0, "latency": 2.0},
    "acc=2,latency=4": {"acc": 2.0, "latency": 4.0},
    "acc=4,latency=1": {"acc": 4.0, "latency": 1.0},
}
"""By what ``--guidance`` says."""


def cells(setup: common.Setup) -> list[Cell]:
    """The requests, with nothing measured yet."""
    return [cell for cell in latency_cells(setup, list(DEVICES)) if cell.name.split()[2] in LIMITS]


def main() -> None:
    """Every weighting on every cell."""
    options = common.parser(__doc__)
    options.set_defaults(seeds=3)
    chosen = options.parse_args()
    setup = common.load(chosen)
    results: dict[str, Any] = {}
    for name, guidance in WEIGHTS.items():
        asked = cells(setup)
        summary = run(setup, asked, chosen.seeds, replace(SAMPLING, guidance=guidance))
        results[name] = {"summary": summary, "quantiles": grouped(asked, 2)}
    common.write(chosen, {**setup.about, "samples": SAMPLING.samples}, results)


if __name__ == "__main__":
    main()
