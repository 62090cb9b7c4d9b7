"""The part of docs/results about accuracy, latency and accuracy under attack at once."""

from __future__ import annotations

import numpy as np

from benchmarks.markdown import about, pm, result, table
from benchmarks.robust import METHODS


def robust() -> list[str]:
    """By device, the share of the true front's hypervolume that each method finds."""
    lines = ["## Accurate, fast and robust at once", ""]
    data = result("robust")
    facts, devices = data["about"], data["devices"]
    rows = [
        [device, f"{found['front']:,}", *(f"{pm(found[name])} ({found[name]['cpu_seconds']:g} s)" for name in METHODS)]
        for device, found in devices.items()
    ]
    means = [100 * float(np.mean([found[name]["mean"] for found in devices.values()])) for name in METHODS]
    best = max(METHODS, key=lambda name: sum(found[name]["mean"] for found in devices.values()))
    enough = [device for device, found in devices.items() if found["dinas"]["mean"] >= 0.98]
    return [
        *lines,
        "NAS-Bench-201 on CIFAR-10: validation accuracy, latency, and accuracy under PGD at 1/255, which agrees with",
        f"neither. Share of the true front's hypervolume after {facts['lookups']} look-ups, and CPU seconds. The judge",
        "is the table; nine tenths of its labels trained the models, and the ranking of the whole space has them too,",
        "but NSGA-II and evolution do not. The devices are HW-NAS-Bench's.",
        "",
        *table(["device", "architectures on the true front", *METHODS], [*rows, ["**mean**", "", *_shown(means)]]),
        "",
        f"The target of 98 % is met on {len(enough)} of {len(devices)} devices. The best on average: {best}.",
        "",
        *about(facts),
        "",
    ]


def _shown(means: list[float]) -> list[str]:
    return [f"{mean:.1f} %" for mean in means]
