"""Reads the measured accuracies: one stack per line."""

from pathlib import Path

from dinas_cli.files.columns import Columns, foreign
from dinas_cli.files.csv_files import numbers, read_columns
from dinas_cli.spaces.shared.protocol import Space


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    found = read_columns(space, path)
    if set(found) != {"genotype", "acc"}:
        raise foreign(space, path, f"its columns are {', '.join(found)[:80]}")
    return Columns("accuracies of stacks", found["genotype"], {"acc": numbers(space, path, "acc", found["acc"])})
