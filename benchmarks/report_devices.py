"""The part of docs/results about devices that nobody knows."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.devices import COUNTS, FACTORS
from benchmarks.markdown import about, result, table

RIVALS = "written", "live", "learned"


def devices() -> list[str]:
    """Ranks by number of measurements beside the baselines', errors in stated deviations, and broken rows."""
    lines = ["## Devices that nobody knows", ""]
    data = result("devices")
    columns = data["columns"]
    seeds = data["about"]["seeds"]
    lines += [
        f"Latencies of NAS-Bench-201 on 24 devices ({len(columns)} columns: some are known per data set), each with",
        "its whole family left out of training, fitted to 10, 20 and 48 measurements; mean rank correlation (Spearman)",
        f"with the table's values of all cells over {seeds} draws. *written*, *live*: ridge regression on four counts",
        "of operations; *learned*: on the learned features alone. *behind*: by how much a column is behind the better",
        "of the two counts. *error*: root mean square of errors in stated deviations, each cut at ten.",
        "",
        *table(
            ["measurements", "ours", *RIVALS, "behind by more than .005", "behind at most", "error"],
            [_by_count(columns, str(count)) for count in COUNTS],
        ),
        "",
        "By family, 48 measurements:",
        "",
        *table(["family", "columns", "ours", *RIVALS, "error"], list(_by_fold(columns))),
        "",
        f"One of 48 measurements off by a factor of {', '.join(f'{factor:.2g}' for factor in FACTORS)}: how often it",
        "is named and left out, and what ranks lose against a fit without that row. *right ones*: of 48 rows that",
        "nobody touched so many are left out on average.",
        "",
        *table(["family", "rows", "named", "lost", "lost at most", "over .02", "right ones"], list(_broken(columns))),
    ]
    return [*lines, "", *about(data["about"]), ""]


def _means(columns: list[dict[str, Any]], count: str, name: str) -> np.ndarray:
    return np.array([column[count][name]["mean"] for column in columns])


def _by_count(columns: dict[str, Any], count: str) -> list[str]:
    found = list(columns.values())
    ours = _means(found, count, "ours")
    behind = np.maximum(_means(found, count, "written"), _means(found, count, "live")) - ours
    rivals = [f"{_means(found, count, name).mean():.3f}" for name in RIVALS]
    late = f"{(behind > 0.005).sum()} of {len(found)}"
    error = f"{_means(found, count, 'error').mean():.2f}"
    return [count, f"{ours.mean():.3f}", *rivals, late, f"{max(behind.max(), 0):.4f}", error]


def _folds(columns: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for column in columns.values():
        found.setdefault(column["fold"], []).append(column)
    return found


def _by_fold(columns: dict[str, Any]) -> list[list[str]]:
    most = str(COUNTS[-1])
    return [
        [
            *(fold, str(len(found))),
            *(f"{_means(found, most, name).mean():.3f}" for name in ("ours", *RIVALS)),
            f"{_means(found, most, 'error').mean():.2f}",
        ]
        for fold, found in _folds(columns).items()
    ]


def _broken(columns: dict[str, Any]) -> list[list[str]]:
    groups = _folds(columns) | {"all": list(columns.values())}
    rows = []
    for fold, found in groups.items():
        parts = [column["broken"] for column in found]
        mean = {name: float(np.mean([part[name] for part in parts])) for name in ("named", "lost", "over")}
        most, right = max(part["most"] for part in parts), np.mean([p["left_out_of_right_ones"] for p in parts])
        counted = sum(part["rows"] for part in parts)
        rows.append(
            [
                *(fold, f"{counted:,}", f"{100 * mean['named']:.1f} %", f"{mean['lost']:.4f}", f"{most:.3f}"),
                *(f"{100 * mean['over']:.1f} %", f"{right:.2f}"),
            ]
        )
    return rows
