"""Devices left out of training, known by a few dozen measurements only: the same figures as ``constraints.py``.

Needs weights trained without them: ``dinas train --data DATA --out OUT --without-device fpga --without-device gold_6226
--without-device pixel2 --without-device titan_rtx_256 --half --steps 10000``, given as --checkpoint and --surrogate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import spearmanr

from benchmarks import common
from benchmarks.constraints import find_column, grouped, latency_cells, run
from dinas_cli.oracles.devices import anchors
from dinas_cli.oracles.profiles import Profile

DEVICES = ("fpga", "gold_6226", "pixel2", "titan_rtx_256")
MEASURED = 48


def fit(setup: common.Setup, column: str, count: int, seed: int, name: str | None = None) -> Profile:
    """A profile from the table's values of ``count`` architectures, of the column ``name`` (by default the same)."""
    genotypes = anchors(setup.space.name, count, seed)
    values = np.array([setup.space.encode(genotype) for genotype in genotypes])
    unit = setup.table.columns[column].unit
    return setup.surrogate.fit(name or column, unit, values, setup.truth.metric(values, column)[0])


def ranking(setup: common.Setup, columns: list[str], seeds: int) -> dict[str, Any]:
    """Rank correlation of fitted latencies with the table's, over the whole space."""
    out: dict[str, Any] = {}
    for count in (10, 16, 32, MEASURED, 96):
        per_column: dict[str, dict[str, Any]] = {}
        for column in columns:
            latency = setup.truth.reference(column)
            there = ~np.isnan(latency)
            found = [fit(setup, column, count, seed).predict(setup.surrogate.reference_basis) for seed in range(seeds)]
            ranks = [spearmanr(p[there], latency[there]).statistic for p in found]
            per_column[column] = {"spearman": common.mean_sd(ranks)}
        mean = float(np.mean([entry["spearman"]["mean"] for entry in per_column.values()]))
        out[str(count)] = {"mean_spearman": round(mean, 4), "columns": per_column}
    return out


def unseen_columns(setup: common.Setup) -> list[str]:
    """The latencies of the four devices; a SystemExit where the surrogate has seen one of them."""
    if trained := set(setup.surrogate.devices("latency")) & set(DEVICES):
        raise SystemExit(f"these weights have seen {', '.join(sorted(trained))}")
    return list(
        dict.fromkeys(find_column(setup, "latency", d, dataset) for d in DEVICES for dataset in setup.space.datasets)
    )


def describe(setup: common.Setup, columns: list[str]) -> None:
    """Make the surrogate know the four devices by the standard measurements."""
    for column in columns:
        setup.surrogate.add_profile(fit(setup, column, MEASURED, 0))


def main() -> None:
    """The four devices, their profiles fitted from the standard anchors."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    columns = unseen_columns(setup)
    ranks = ranking(setup, columns, options.seeds)
    describe(setup, columns)
    cells = latency_cells(setup, list(DEVICES))
    results = run(setup, cells, options.seeds)
    common.write(
        options,
        {**setup.about, "measured_per_device": MEASURED},
        {"summary": results, "devices": grouped(cells, 1), "ranking": ranks},
    )


if __name__ == "__main__":
    main()
