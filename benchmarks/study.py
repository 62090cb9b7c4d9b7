"""What each part of sampling and checking gives: guidance, network calls, tighter limits, the check's confidence.

Cells: all devices at the 20 % and 50 % quantiles on cifar100, 64 samples, two seeds: enough for comparisons, not for
the record. What parts of the training give is in ``variants.py``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks import common
from benchmarks.constraints import Cell, Sampling, latency_cells, run

SHORT = Sampling(samples=64, coverage=64)
SEEDS = 2
VARIATIONS: dict[str, tuple[Any, ...]] = {
    "guidance": (0.0, 1.0, 2.0, 4.0),
    "steps": (1, 2, 3, 6),
    "tighten": (0.0, 0.5, 1.0),
    "confidence": (0.5, 0.8, 0.9, 0.98, 0.995),
}
"""Values of one setting, everything else at its default."""
KEPT = (
    "within",
    "top",
    "unique",
    "returned_within",
    "returned_top",
    "cells_with_nothing_returned",
    "gap",
    "favourites_gap",
    "least_gap_under_this_check",
)


def cells(setup: common.Setup) -> list[Cell]:
    """Requests on the devices that the surrogate knows."""
    return part(latency_cells(setup, list(setup.surrogate.devices("latency"))))


def part(found: list[Cell]) -> list[Cell]:
    """The part of the cells that is compared."""
    return [c for c in found if c.name.startswith("cifar100 ") and c.name.split()[2] in ("20%", "50%")]


def short(setup: common.Setup, asked: list[Cell], sampling: Sampling = SHORT) -> dict[str, Any]:
    """The figures that comparisons need."""
    figures = run(setup, asked, SEEDS, sampling)
    return {name: figures[name] for name in KEPT}


def main() -> None:
    """Every variation by itself."""
    chosen = common.parser(__doc__).parse_args()
    setup = common.load(chosen)
    results = {
        setting: {str(value): short(setup, cells(setup), replace(SHORT, **{setting: value})) for value in values}
        for setting, values in VARIATIONS.items()
    }
    common.write(chosen, {**setup.about, "seeds": SEEDS, "samples": SHORT.samples}, results)


if __name__ == "__main__":
    main()
