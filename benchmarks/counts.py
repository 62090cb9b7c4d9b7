"""Whether parameters and multiply-accumulates are exact: against the benchmarks' tables, and against built networks.

``--data`` names benchmark files or folders; files that an installed package brings are read too. Every count that a
table states is compared with its closed form, and ``--networks`` random networks per space are built and counted.
"""

from __future__ import annotations

import gzip
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import facts, renew
from dinas_cli.errors import DinasError
from dinas_cli.files.columns import split_column
from dinas_cli.oracles.importers import installed_files, make_part, read_file
from dinas_cli.oracles.merging import Part
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.protocol import Space, enumerable
from dinas_cli.spaces.shared.skeletons import count_built


def parts(space: Space, data: list[Path]) -> Iterator[tuple[str, Part]]:
    """What the files say about the space, by file name; files of other spaces are passed over."""
    files = [file for entry in data for file in (sorted(entry.rglob("*")) if entry.is_dir() else [entry])]
    with suppress(DinasError):  # no package is installed, or none exists
        files += installed_files(space)
    for file in files:
        if file.is_file() and not file.name.endswith((".md", ".tar.gz")):
            try:
                yield file.name, make_part(space, file, read_file(space, file))
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


def recipes(space: Space, data: list[Path]) -> dict[str, Any]:
    """Like :func:`against_tables`, for recipes as JSON Lines that state ``params_ptb``: also those without a loss."""
    results = {}
    for file in (file for entry in data for file in (sorted(entry.rglob("*.jsonl.gz")) if entry.is_dir() else [entry])):
        rows = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
        if all("recipe" in row and "params_ptb" in row for row in rows):
            values = np.array([space.encode(json.dumps(row["recipe"])) for row in rows])
            stated = np.array([row["params_ptb"] for row in rows], float)
            results[f"{file.name}: params"] = agreement(stated, space.closed_form("params", values))
    return results


STATED: dict[str, Callable[[Space, list[Path]], dict[str, Any]]] = {"nlp": recipes}
"""Counts in files of a space that its reader has no use for."""


def against_tables(space: Space, data: list[Path]) -> dict[str, Any]:
    """Rows, exact ones and the largest relative gap of every count that a table states."""
    results = STATED[space.name](space, data) if space.name in STATED else {}
    for name, part in parts(space, data):
        columns = [column for column in part.columns if split_column(column)[0] in space.closed_forms]
        values = architectures(space, part) if columns else np.empty((0, 0))
        for column in columns:
            metric, _, dataset = split_column(column)
            stated = np.asarray(part.columns[column].values, float)
            results[f"{name}: {column}"] = agreement(stated, space.closed_form(metric, values, dataset))
    return results


def agreement(stated: np.ndarray, counted: np.ndarray) -> dict[str, Any]:
    """How many of the counts ``stated (R,)``, NaN for none, are those ``counted (R,)``."""
    known = np.isfinite(stated)
    apart = np.abs(counted.astype(float) - stated)[known]
    return {
        "rows": int(known.sum()),
        "exact": int((apart < 0.5).sum()),
        "largest_relative_gap": float(f"{(apart / np.maximum(stated[known], 1)).max(initial=0):.3g}"),
    }


def against_networks(space: Space, networks: int) -> dict[str, int]:
    """How many random networks, over all datasets in turn, have exactly the counts of the closed forms.

    Multiply-accumulates are those of one image, graph or word; an input of word numbers has as many as it has numbers.
    """
    datasets = space.datasets or (None,)
    rows = space.draw(networks, 0)
    exact = dict.fromkeys(space.closed_forms, 0)
    for number, row in enumerate(rows):
        dataset = datasets[number % len(datasets)]
        params, macs = count_built(space, row.tolist(), dataset, None)
        first = space.example(dataset)[0]
        found = {"params": params, "macs": macs / (1 if first.is_floating_point() else first.numel())}
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
        renew(chosen, facts(), name, found)


if __name__ == "__main__":
    main()
