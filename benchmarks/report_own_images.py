"""The part of docs/results about searches on real images, beside random networks under the same limit."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.markdown import command, parts, plus_minus, result, table
from benchmarks.own_images import TRIALS


def own_images() -> list[str]:
    """A table per set of images."""
    lines = ["## Searches on real images", ""]
    lines += [
        f"`dinas search` on images, {TRIALS} trials and the best of them trained to the end, against {TRIALS} random",
        "networks under the same limit, trained alike. *test*: accuracy of the final network on the test split, which",
        "no decision sees. *validation*: that of the best trial. *limit kept*: the final network measured again on the",
        "machine. CPU time is that of all processes; ± over seeds.",
        "",
    ]
    for name, part in parts(result("own_images")):
        facts = part["about"]
        lines += [f"**{name}**, latency at most {facts['limit_ms']:g} ms, seeds: {facts['seeds']}", ""]
        lines += [*_table(part["runs"]), "", *_gain(part["runs"]), "", *command(facts), ""]
    return lines


def _table(runs: dict[str, list[dict[str, float]]]) -> list[str]:
    heads = ["method", "test accuracy, %", "validation, %", "limit kept", "CPU s", "s"]
    rows = []
    for method, found in runs.items():
        column = {name: [run[name] for run in found] for name in found[0]}
        kept = f"{sum(column['kept']):g} of {len(found)}"
        times = [plus_minus(column[name], 0) for name in ("cpu_seconds", "seconds")]
        rows.append([method, plus_minus(column["test"], 2), plus_minus(column["validation"], 2), kept, *times])
    return table(heads, rows)


def _gain(runs: dict[str, Any]) -> list[str]:
    """The difference in test accuracy between the two, seed by seed."""
    pairs = zip(runs["search"], runs["random"], strict=False)  # a set that is being measured has one more of the first
    gains = np.array([ours["test"] - other["test"] for ours, other in pairs])
    if len(gains) < 2:
        return [f"Search less random, in test accuracy: {gains.mean():+.2f} points, one seed."]
    error = gains.std(ddof=1) / np.sqrt(len(gains))
    return [
        f"Search less random, in test accuracy: {gains.mean():+.2f} points, standard error {error:.2f} over "
        f"{len(gains)} seeds."
    ]
