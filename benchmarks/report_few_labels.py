"""The part of docs/results about training from few labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.markdown import about, parts, result, table

ORDERS = "worth", "raw"


def few_labels() -> list[str]:
    """A row per space and number of labels, then every column at all labels."""
    lines = ["## Few labels", ""]
    data = result("few_labels")
    lines += [
        "Surrogates that learn from so many labels, drawn at random, and the order in which a generator would",
        "learn the space: each label shrunk towards what trees say that did not see it (*worth*), or labels as they",
        "are (*raw*).",
        "Of the cells in the first 5 % of the order, the share that is in the top 5 % by the benchmark's labels, for",
        "cells whose label was seen and for the others. The benchmark's labels judge; they are noisy themselves. τ is",
        "that of the surrogate with labels that were not seen. Means over columns (data sets, tasks); no generator is",
        "in these figures.",
        "",
    ]
    heads = [
        "space",
        "labels",
        "columns",
        "τ",
        *(f"{order}, {part}" for order in ORDERS for part in ("seen", "held out")),
    ]
    rows = [
        [name, f"{found['labels']:,}", *_means(list(found["columns"].values()))]
        for name, part in parts(data)
        for found in part["budgets"].values()
    ]
    lines += [*table(heads, rows), "", "With nine tenths of all labels, by column:", ""]
    for name, part in parts(data):
        columns = part["budgets"]["all"]["columns"]
        rows = [[column.partition("@")[2] or column, *_means([found])[1:]] for column, found in columns.items()]
        lines += [f"{name}:", "", *table([heads[0], *heads[3:]], rows), "", *about(part["about"]), ""]
    return lines


def _means(columns: list[dict[str, Any]]) -> list[str]:
    """The number of columns, their mean tau, and mean shares in percent."""

    def mean(name: str) -> float:
        return float(np.mean([column[name]["mean"] for column in columns if column[name]] or [np.nan]))

    shares = [f"{100 * mean(f'{order}, {part}'):.0f} %" for order in ORDERS for part in ("seen", "held out")]
    return [str(len(columns)), f"{mean('tau'):.3f}", *(share if share != "nan %" else "none" for share in shares)]
