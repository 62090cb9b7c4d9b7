"""What parts of the training give: short trainings with one part taken away, on devices known and new.

    dinas train --data DATA --out OUT --without-device …          (the four of unseen.py, whose surrogate is needed)
    python -m benchmarks.train_variants --data DATA --surrogate OUT/nasbench201-surrogate.safetensors --out VARIANTS
    python -m benchmarks.variants --surrogate OUT/nasbench201-surrogate.safetensors --variant NAME=FILE --variant …

The requests are those of ``study.py``, on the devices that the trainings knew, and on four that they did not, which are
described by 48 measurements each. The table judges.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks import common
from benchmarks.constraints import latency_cells
from benchmarks.study import SEEDS, SHORT, cells, part, short
from benchmarks.unseen import DEVICES, describe, unseen_columns
from dinas_cli.diffusion.generator import Generator


def main() -> None:
    """Every variant, asked the same."""
    options = common.parser(__doc__)
    options.add_argument("--variant", action="append", required=True, metavar="NAME=FILE")
    chosen = options.parse_args()
    setup = common.load(chosen)
    files = dict(variant.split("=", 1) for variant in chosen.variant)
    variants = {name: replace(setup, generator=Generator.load(Path(file))) for name, file in files.items()}
    known = {name: short(variant, cells(variant)) for name, variant in variants.items()}
    describe(setup, unseen_columns(setup))
    new = {
        name: short(replace(variant), part(latency_cells(variant, list(DEVICES)))) for name, variant in variants.items()
    }
    facts = common.facts(seeds=SEEDS, samples=SHORT.samples, label_budget=setup.about["label_budget"])
    common.write(chosen, facts, {"known devices": known, "new devices": new})


if __name__ == "__main__":
    main()
