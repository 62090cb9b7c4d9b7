"""Reads NAS-Bench-101 tables kept as CSV, one architecture per line, recognised by their header row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.files.columns import Columns, foreign
from dinas_cli.files.csv_files import numbers, read_columns
from dinas_cli.spaces.nasbench101.records import check_hashes

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space

_CELL = ("n_vertices", "adj_upper", "ops")
_FRACTIONS = {
    "val_acc_4": "acc_4",
    "val_acc_12": "acc_12",
    "val_acc_36": "acc_36",
    "val_acc_108": "acc",
    "test_acc_108": "test_acc",
}
"""Accuracies from 0 to 1, by name in the header row."""
_PLAIN = {"train_time_s": "train_time", "params": "params"}


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read one CSV, plain or gzipped, with the columns ``n_vertices``, ``adj_upper`` and ``ops``.

    A column ``hash`` must hold the module hashes of the cells. Raises :class:`CorruptFileError` (truncated, foreign).
    """
    cells = read_columns(space, path)
    if not cells.keys() >= set(_CELL) or not cells.keys() & (_FRACTIONS.keys() | _PLAIN.keys()):
        raise foreign(space, path, f"its header row is {','.join(cells)[:80]!r}")
    unknown = cells.keys() - {*_CELL, *_FRACTIONS, *_PLAIN, "hash"}
    if unknown:
        raise foreign(space, path, f"column {min(unknown)!r} is unknown")
    columns = {}
    for name in cells:
        if name in _FRACTIONS:
            columns[_FRACTIONS[name]] = 100 * numbers(space, path, name, cells[name])
        elif name in _PLAIN:
            columns[_PLAIN[name]] = numbers(space, path, name, cells[name])
    genotypes = list(map(":".join, zip(*(cells[name] for name in _CELL), strict=True)))

    def check(keys: np.ndarray, _: np.ndarray) -> None:
        if "hash" in cells:
            check_hashes(space, path, keys, cells["hash"])

    return Columns("accuracies", genotypes, columns, check=check)
