"""The part of docs/results about networks for ImageNet asked for under limits on accelerators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.markdown import about, checked, pm, result, table
from benchmarks.mnasnet import METHODS


def mnasnet() -> list[str]:
    """The judges, the surrogate, and what is returned under limits."""
    lines = ["## Networks for ImageNet", ""]
    data = result("mnasnet")["mnasnet"]
    facts, limits = data["about"], data["limits"]
    rows = [
        [c, f"{tau:.3f}", f"{error['kendall_tau']:.3f}", f"{100 * error['median_relative']:.1f} %", str(error["rows"])]
        for (c, tau), error in zip(data["surrogate"].items(), data["judges"].values(), strict=True)
    ]
    passed, kept = checked(limits.values())
    return [
        *lines,
        "Accel-NASBench. Samples are practically never rows of the table, so Gaussian processes judge, one for each",
        "column, on the held-out rows, which no part of the tool has seen. Their own errors (out of fold) bound what",
        "can be seen: a judge that is off by 5 % calls some networks too slow that are not.",
        "",
        *table(["column", "surrogate τ, held out", "judge τ", "judge, median error", "rows"], rows),
        "",
        f"Without a judge: over all limits below, the check takes {passed:,} times a held-out row to keep the limit",
        f"(confidence 0.98), and {100 * kept:.1f} % of them do, as measured.",
        "",
        f"Asked for {facts['wanted']} of the top 5 % of what keeps a limit that 20, 50 or 80 % of the space keep.",
        "Evolution and random networks have the same surrogate, the same certainty and",
        f"{facts['rivals_cpu_seconds']:g} s of CPU time.",
        "",
        *_limits(limits),
        "",
        *about(facts),
        "",
    ]


def _limits(limits: Mapping[str, Any]) -> list[str]:
    devices: dict[str, list[Any]] = {}
    for name, found in limits.items():
        devices.setdefault(name.rpartition(" ")[0], []).append(found)
    devices["**mean**"] = list(limits.values())
    heads = ["column", *(f"{name}: {what}" for name in METHODS for what in ("within", "top 5 %", "diversity"))]
    rows = []
    for column, cells in devices.items():
        row = [column]
        for name in METHODS:
            for key in ("within", "top", "diversity"):
                known = [cell[name][key] for cell in cells if key in cell[name]]
                mean = {what: float(np.mean([each[what] for each in known])) for what in ("mean", "sd")}
                row.append(f"{mean['mean']:.2f}" if key == "diversity" else pm(mean))
        rows.append(row)
    empty = {name: sum(found[name]["empty"] for found in limits.values()) for name in METHODS}
    none = ", ".join(f"{name} {count}" for name, count in empty.items())
    return [*table(heads, rows), "", f"Requests without an answer, over all seeds: {none}."]
