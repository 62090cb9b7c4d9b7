"""Splits a table of HW-GPT-Bench in two: rows that the tool is trained on, and rows that only the judge sees.

    python -m benchmarks.halves hwgptbench_s.csv.gz OUT

A row's half follows from the hash of its model, so the same model is always in the same half, whatever the order of the
rows. ``OUT`` receives ``train-NAME.csv.gz`` and ``judge-NAME.csv.gz`` with the columns of the original.
"""

from __future__ import annotations

import csv
import gzip
import io
from argparse import ArgumentParser
from hashlib import sha256
from pathlib import Path

MODEL = ("embed_dim", "n_layer", "n_head", "mlp_ratio", "bias")


def judged(row: dict[str, str]) -> bool:
    """Whether a row belongs to the judge."""
    return sha256(";".join(row[name] for name in MODEL).encode()).digest()[0] % 2 == 1


def split(source: Path, folder: Path) -> tuple[Path, Path]:
    """Write both halves of a CSV (.gz): the file to train from and the judge's."""
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(source, "rt", newline="") as stream:
        reader = csv.DictReader(stream)
        names, rows = list(reader.fieldnames or ()), list(reader)
    paths = folder / f"train-{source.name}", folder / f"judge-{source.name}"
    for path, mine in zip(paths, (False, True), strict=True):
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if judged(row) == mine)
        path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    return paths


def main() -> None:
    """One table."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("table", type=Path)
    options.add_argument("out", type=Path)
    given = options.parse_args()
    for path in split(given.table, given.out):
        print(path)


if __name__ == "__main__":
    main()
