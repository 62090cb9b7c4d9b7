"""What each part of the method gives: guidance weight, network calls, noise-aware check. A quarter of the cells.

Cells: all devices at the 20 % and 50 % quantiles on cifar100, 64 samples, two seeds: enough for comparisons, not for
the record. Training variants are compared by giving their weights as --variant NAME=GENERATOR,SURROGATE.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import common
from benchmarks import constraints as study
from dinas_cli.diffusion.model import Generator
from dinas_cli.oracles.surrogate import Surrogate

WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
STEPS = (1, 2, 3, 6)


def cells(setup: common.Setup) -> list[study.Cell]:
    """The quarter of the cells."""
    chosen = study.latency_cells(setup, list(setup.surrogate.devices("latency")))
    return [c for c in chosen if c.name.startswith("cifar100 ") and c.name.split()[2] in ("20%", "50%")]


def short(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures that comparisons need."""
    keep = ("within", "top", "unique", "returned_within", "returned_top", "cells_with_nothing_returned")
    return {name: figures[name] for name in keep}


def main() -> None:
    """Every variation by itself, everything else at its default."""
    options = common.parser(__doc__)
    options.add_argument("--variant", action="append", default=[], metavar="NAME=GENERATOR,SURROGATE")
    chosen = options.parse_args()
    study.SAMPLES = study.COVERAGE_SAMPLES = 64
    setup = common.load(chosen)
    results: dict[str, Any] = {"guidance": {}, "steps": {}, "variants": {}}
    for weight in WEIGHTS:
        results["guidance"][str(weight)] = short(study.run(setup, cells(setup), 2, weight))
    for steps in STEPS:
        results["steps"][str(steps)] = short(study.run(_few(setup, steps), cells(setup), 2))
    for variant in chosen.variant:
        name, _, files = variant.partition("=")
        generator, _, surrogate = files.partition(",")
        other = common.Setup(
            setup.space,
            setup.table,
            Surrogate.load(Path(surrogate)),
            Generator.load(Path(generator)),
            setup.about,
        )
        results["variants"][name] = short(study.run(other, cells(other), 2))
    common.write(chosen, {**setup.about, "seeds": 2, "samples": 64}, results)


def _few(setup: common.Setup, steps: int) -> common.Setup:
    """The same set-up whose generator makes this many network calls."""

    class Fewer(Generator):
        def sample(self, *args: Any, **options: Any) -> Any:
            return super().sample(*args, **{**options, "steps": steps})

    few = Fewer.__new__(Fewer)
    few.__dict__.update(setup.generator.__dict__)
    return common.Setup(setup.space, setup.table, setup.surrogate, few, setup.about)


if __name__ == "__main__":
    main()
