"""Whether parameters and multiply-accumulates are exact: against the benchmarks' tables, and against built networks.

``--data`` names benchmark files or folders; files that an installed package brings are read too. Every count that a
table states is compared with its closed form, and ``--networks`` random networks per space are built and counted.
"""

from __future__ import annotations

import platform
import shlex
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import renew
from dinas_cli import __version__
from dinas_cli.errors import DinasError
from dinas_cli.oracles.importers import installed_files, read_file
from dinas_cli.oracles.merging import Part
from dinas_cli.schema import split_column
from dinas_cli.skeletons import count
from dinas_cli.spaces.base import Space, enumerable, get_space, space_names

FIRST = 20_001
"""Rows of a file that are counted apart, for comparisons with others' counts of the same rows."""


def parts(space: Space, data: list[Path]) -> Iterator[tuple[str, Part]]:
    """What the files say about the space, by file name; files of other spaces are passed over."""
    files = [file for entry in data for file in (sorted(entry.rglob("*")) if entry.is_dir() else [entry])]
    with suppress(DinasError):  # no package is installed, or none exists
        files += installed_files(space)
    for file in files:
        if file.is_file() and not file.name.endswith((".md", ".tar.gz")):
            try:
                yield file.name, read_file(space, file).part
            except DinasError:
                continue


def architectures(space: Space, part: Part) -> np.ndarray:
    """Values ``(R, V)`` of a part's rows."""
    if part.architectures is not None:
        return part.architectures
    if not enumerable(space):
        raise DinasError(f"rows of {space.name} do not say which architectures they are")
    known = space.reference()
    keys = np.fromiter((space.key(row) for row in known.tolist()), np.int64, len(known))
    order = np.argsort(keys)
    found: np.ndarray = known[order[np.searchsorted(keys[order], part.keys)]]
    return found


def against_tables(space: Space, data: list[Path]) -> dict[str, Any]:
    """Rows, exact ones and the largest relative gap of every count that a table states."""
    results = {}
    for name, part in parts(space, data):
        columns = [column for column in part.columns if split_column(column)[0] in space.closed_forms]
        values = architectures(space, part) if columns else np.empty((0, 0))
        for column in columns:
            metric, _, dataset = split_column(column)
            stated = np.asarray(part.columns[column].values, float)
            known = np.isfinite(stated)
            counted = space.closed_form(metric, values, dataset).astype(float)
            same = (np.abs(counted - stated) < 0.5)[known]
            gap = np.abs(counted - stated)[known] / np.maximum(stated[known], 1)
            results[f"{name}: {column}"] = {
                "rows": int(known.sum()),
                "exact": int(same.sum()),
                "exact_of_the_first_20001": int(same[:FIRST].sum()),
                "largest_relative_gap": float(f"{gap.max(initial=0):.3g}"),
            }
    return results


def against_networks(space: Space, networks: int) -> dict[str, int]:
    """How many random networks, over all datasets in turn, have exactly the counts of the closed forms."""
    datasets = space.datasets or (None,)
    rows = space.draw(networks, 0)
    exact = dict.fromkeys(space.closed_forms, 0)
    for number, row in enumerate(rows):
        dataset = datasets[number % len(datasets)]
        found = dict(zip(("params", "macs"), count(space, row.tolist(), dataset, None), strict=True))
        for metric in exact:
            exact[metric] += int(space.closed_form(metric, row[None], dataset)[0]) == found[metric]
    return {"networks": len(rows), **exact}


def main() -> None:
    """Sweep all spaces, or those named."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, action="append", default=[], help="benchmark files or folder")
    options.add_argument("--networks", type=int, default=200)
    options.add_argument("--space", action="append", default=[], help="only these spaces")
    options.add_argument("--out", type=Path, help="JSON file (default: benchmarks/results/counts.json)")
    chosen = options.parse_args()
    for name in chosen.space or space_names():
        space = get_space(name)
        found = {
            "tables": against_tables(space, chosen.data),
            "networks": against_networks(space, chosen.networks),
        }
        print(name, found, file=sys.stderr)
        renew(chosen, about(), name, found)


def about() -> dict[str, Any]:
    """What is needed to repeat a benchmark that uses no trained model."""
    module = f"benchmarks.{Path(sys.argv[0]).stem}"
    arguments = [Path(word).name if "/" in word else word for word in sys.argv[1:]]
    return {
        "command": "python -m " + shlex.join([module, *arguments]),
        "dinas": __version__,
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "date": time.strftime("%Y-%m-%d"),
    }


if __name__ == "__main__":
    main()
