"""What each part of the method gives: guidance, network calls, tighter limits, the check's confidence, training.

Cells: all devices at the 20 % and 50 % quantiles on cifar100, 64 samples, two seeds: enough for comparisons, not for
the record. Training variants (``variants.py``) are compared instead by giving their weights as --variant NAME=FILE.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import common
from benchmarks.constraints import Cell, Sampling, latency_cells, run
from dinas_cli.diffusion.generator import Generator

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
    """The part of the cells that is compared."""
    chosen = latency_cells(setup, list(setup.surrogate.devices("latency")))
    return [c for c in chosen if c.name.startswith("cifar100 ") and c.name.split()[2] in ("20%", "50%")]


def short(setup: common.Setup, sampling: Sampling) -> dict[str, Any]:
    """The figures that comparisons need."""
    figures = run(setup, cells(setup), SEEDS, sampling)
    return {name: figures[name] for name in KEPT}


def main() -> None:
    """Every variation by itself, or the variants that are given."""
    options = common.parser(__doc__)
    options.add_argument("--variant", action="append", default=[], metavar="NAME=FILE")
    chosen = options.parse_args()
    setup = common.load(chosen)
    results: dict[str, Any] = {}
    if chosen.variant:
        chosen.out = chosen.out or common.RESULTS / "variants.json"
        given = dict(variant.split("=", 1) for variant in chosen.variant)
        models = {name: replace(setup, generator=Generator.load(Path(file))) for name, file in given.items()}
        results["variants"] = {name: short(variant, SHORT) for name, variant in models.items()}
    else:
        for setting, values in VARIATIONS.items():
            results[setting] = {str(value): short(setup, replace(SHORT, **{setting: value})) for value in values}
    common.write(chosen, {**setup.about, "seeds": SEEDS, "samples": SHORT.samples}, results)


if __name__ == "__main__":
    main()
