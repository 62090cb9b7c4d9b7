"""Two limits at once: latency with energy on the devices that have both, latency with parameters on eight."""

from __future__ import annotations

import numpy as np

from benchmarks import common
from benchmarks.constraints import TOP, Cell, find_column, grouped, run
from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.generation.judge import Judge

ENERGY_DEVICES = ("edgegpu", "eyeriss", "fpga")
PARAMS_DEVICES = ("edgegpu", "eyeriss", "fpga", "raspi4", "pixel3", "gold_6226", "titan_rtx_1", "samsung_s7")
PAIRS = ((0.2, 0.5), (0.35, 0.35), (0.5, 0.2), (0.5, 0.8), (0.8, 0.5))
"""Quantiles of the two limits."""


def cells(setup: common.Setup, second: str, devices: tuple[str, ...]) -> list[Cell]:
    """One cell per dataset, device and pair of quantiles, where any architecture meets both limits."""
    found = []
    for dataset in setup.space.datasets:
        for device in devices:
            first = find_column(setup, "latency", device, dataset)
            other = find_column(setup, second, device if second == "energy" else None, dataset)
            profiles = {"latency": setup.surrogate.profile(first), second: setup.surrogate.profile(other)}
            for a, b in PAIRS:
                one = float(np.nanquantile(setup.truth.reference(first), a))
                two = float(np.nanquantile(setup.truth.reference(other), b))
                budgets = (
                    Budget("latency", one, device),
                    Budget(second, two, device if second == "energy" else None),
                )
                request = Request(setup.space.name, dataset, Rank("acc", TOP), None, budgets)
                if Judge(setup.truth, request).reference_chance.any():
                    found.append(Cell(f"{dataset} {device} {a:.0%}/{b:.0%}", request, profiles))
    return found


def main() -> None:
    """Both pairs of metrics."""
    options = common.parser(__doc__).parse_args()
    setup = common.load(options)
    results = {}
    for second, devices in (("energy", ENERGY_DEVICES), ("params", PARAMS_DEVICES)):
        chosen = cells(setup, second, devices)
        results[f"latency+{second}"] = {"summary": run(setup, chosen, options.seeds), "devices": grouped(chosen, 1)}
    common.write(options, setup.about, results)


if __name__ == "__main__":
    main()
