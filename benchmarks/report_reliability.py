"""The part of docs/results about what is stated of limits: how often it is true, and how often nothing is found."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import about, result, table

KINDS = {"shipped": "shipped devices", "new": "the same as new ones, {} measurements"}


def reliability() -> list[str]:
    """Stated against true shares, and what requests bring, in all, by limit and by device."""
    lines = ["## How sure answers are", ""]
    data = result("reliability")
    names = {kind: name.format(data["about"]["measured_per_device"]) for kind, name in KINDS.items()}
    wanted = data["about"]["wanted"]
    lines += [
        "Of the cells of NAS-Bench-201 that are stated to keep to a latency limit with about this probability, the",
        "share that does by the table: all cells, 24 devices, limits at the 5, 10, 20, 50 and 80 % quantiles. *At*:",
        "the limit is a value that cells have, and a cell that has it keeps to it: on devices with few different",
        "values (eyeriss has 38, fpga 84) many more do than a law of steady noise can say. *Between*: any limits near.",
        "The weights have seen all of the devices; one taken as new is fitted to measurements of its own alone.",
        "",
        *table(["", "limits", *_stated(data)], [row for kind in names for row in _shares(names[kind], data[kind])]),
        "",
        f"What `dinas generate -n {wanted}` returns for the top 5 % accuracy under these limits (three datasets),",
        "without `--confidence` and judged by the table. *Least gap*: the gap of everything in the space that is as",
        "sure as what was returned, which no sampler can beat: the best that keeps to a tight limit on a noisy device",
        "does so by luck.",
        "",
        *table(_heads(wanted), [_row(names[kind], data[kind]["summary"]) for kind in names]),
    ]
    for group in ("quantiles", "devices"):
        rows = [_row(f"{name}, {kind}", found) for kind in names for name, found in data[kind][group].items()]
        lines += ["", *table(_heads(wanted), rows)]
    return [*lines, "", *about(data["about"]), ""]


def _stated(data: dict[str, Any]) -> list[str]:
    return list(data["shipped"]["reliability"]["at"])


def _shares(name: str, found: dict[str, Any]) -> list[list[str]]:
    """Two rows: under limits at values and between them."""
    return [
        [name, where, *(f"{share['true']:.3f}" for share in found["reliability"][where].values())]
        for where in ("at", "between")
    ]


def _heads(wanted: int) -> list[str]:
    return [
        *("", "requests", "empty", f"under {wanted}", "within", "stated", "top 5 % of the feasible"),
        *("gap", "median", "least gap", "at 0.98"),
    ]


def _row(name: str, found: dict[str, Any]) -> list[str]:
    return [
        *(name, str(found["requests"]), str(found["empty"]), str(found["fewer_than_wanted"])),
        *(f"{100 * found[share]:.1f} %" for share in ("within", "stated", "top")),
        *(f"{found[gap]:.2f}" for gap in ("gap", "median_gap", "least_gap")),
        str(found["confidence"].get("0.98", 0)),
    ]
