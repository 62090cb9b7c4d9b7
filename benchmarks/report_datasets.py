"""The part of docs/results about data sets that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.datasets import LABELS, SEEDS, TOP
from benchmarks.markdown import command, result, table

COUNTS = ("0", *map(str, LABELS))


def datasets() -> list[str]:
    """By data set, the order from 0 labels (transfer alone) to 48."""
    lines = ["## Data sets that nobody knows", ""]
    data = result("datasets")
    return [
        *lines,
        "Each data set of a space left out in turn: its order of all architectures, told from the labels of the others",
        "alone (0 labels: their mean) and from a descriptor fitted to 12, 24 and 48 random labels of its own, by",
        f"Kendall's τ, and in brackets the share of the fit's best {TOP:g} % that are in the true best {TOP:g} %.",
        f"Mean over {SEEDS} draws; the judge is the table. No trained model takes part.",
        "",
        *table(["space", "data set", *(f"{count} labels" for count in COUNTS)], list(_rows(data["spaces"]))),
        "",
        *command(data["about"]),
        "",
    ]


def _rows(spaces: dict[str, Any]) -> Iterator[list[str]]:
    for name, found in spaces.items():
        for dataset, row in found.items():
            yield [name, dataset, *(f"{row[count][0]:.3f} ({100 * row[count][1]:.0f} %)" for count in COUNTS)]
        means = [np.array([row[count][:2] for row in found.values()]).mean(0) for count in COUNTS]
        yield [name, "**mean**", *(f"{tau:.3f} ({100 * top:.0f} %)" for tau, top in means)]
