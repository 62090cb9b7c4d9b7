"""Reads the measured accuracies: one stack per line."""

from pathlib import Path

from dinas_cli.files.columns import Columns, foreign
from dinas_cli.files.csv_files import numbers, read_columns
from dinas_cli.spaces.shared.protocol import Space

FILE = Path(__file__).parent / "accuracies.csv"


def find_installed() -> list[Path]:
    """What ``dinas tables import stack`` reads where no file is named."""
    return [FILE]


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    found = read_columns(space, path)
    if set(found) != {"genotype", "acc"}:
        raise foreign(space, path, f"its columns are {', '.join(found)[:80]}")
    return Columns("accuracies of stacks", found["genotype"], {"acc": numbers(space, path, "acc", found["acc"])})
