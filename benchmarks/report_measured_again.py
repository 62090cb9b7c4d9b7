"""The part of docs/results about cells that are measured again on the machine they were generated for."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import about, result, table


def measured_again() -> list[str]:
    """Per draw and limit how many cells keep it when measured, and how measured compares with predicted."""
    lines = ["## Measured again", ""]
    data = result("measured_again")
    found = [(run, quantile, part) for run in data["runs"] for quantile, part in run["limits"].items()]
    cells, kept = (sum(part[name] for _, _, part in found) for name in ("cells", "kept"))
    sizes = ", ".join(f"{size} {name}" for name, size in data["about"]["skeleton"].items())
    note = data["about"]["note"]
    lines += [
        f"NAS-Bench-201 cells in a small network ({sizes} per stage, one image, one thread): the machine at hand is",
        "described by measured networks, cells are generated under a quantile of what is predicted, and each is then",
        f"timed (`dinas eval --measure`). {kept} of {cells} keep the limit ({100 * kept / cells:.1f} %; target 98 %).",
        *([f"Of this run: {note}."] if note else []),
        "*spread*: median interquartile range of a measurement, of its median.",
        "",
        *table(
            ["draw", "load before", "τ of the fit", "limit", "kept", "surest from", "measured / predicted", "spread"],
            [_row(number, run, quantile, part) for number, (run, quantile, part) in enumerate(found)],
        ),
    ]
    return [*lines, "", *about(data["about"]), ""]


def _row(number: int, run: dict[str, Any], quantile: str, part: dict[str, Any]) -> list[str]:
    ratio, tau = part["ratio"], run["device"]["kendall_tau"]
    return [
        *(str(number // len(run["limits"]) + 1), f"{run['load_before']:.1f}", "–" if tau is None else f"{tau:.2f}"),
        f"{float(quantile):.0%} ({part['limit_ms']:.3g} ms)",
        f"{part['kept']} of {part['cells']}",
        f"{part['least_probability']:.2f}",
        f"{ratio['median']:.2f} ({ratio['least']:.2f} to {ratio['most']:.2f})",
        f"{part['spread']:.0%}",
    ]
