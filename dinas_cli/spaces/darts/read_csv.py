"""Reads predictions of NAS-Bench-301 kept as CSV, recognised by their header row."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.files.columns import Columns, foreign
from dinas_cli.files.csv_files import numbers, read_columns
from dinas_cli.spaces.darts.counts import affine_of_operations, counts, params_and_macs

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space

_MEANING = {
    "nb301_xgb_val_acc_mean": "acc",
    "xgb_v09_noisy_val_acc": "acc_v09",
    "lgb_v09_train_runtime_s": "train_time",
    "acc": "acc",
    "acc_v09": "acc_v09",
    "acc_yahpo": "acc_yahpo",
    "train_time": "train_time",
}
"""Columns by name in the header row."""
_OTHER_COUNTS = {
    "flops_M": "counts batch norm, ReLU and pooling too; macs are computed",
    "params_M": "without batch norm's weights in operations; params are computed",
    "flops_raw": "multiply-accumulates with 20 cells, 36 channels and images of 16 x 16; macs are computed",
}


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read one CSV, plain or gzipped, with a column ``genotype``.

    Counts in it must be those of its genotypes. Raises :class:`CorruptFileError` (truncated, foreign).
    """
    cells = read_columns(space, path)
    if "genotype" not in cells:
        raise foreign(space, path, f"its header row is {','.join(cells)[:80]!r}")
    for name in cells:
        if name not in {"genotype", *_MEANING, *_OTHER_COUNTS}:
            raise foreign(space, path, f"column {name!r} is unknown")
    meaning = {name: _MEANING[name] for name in cells if name in _MEANING}
    if not meaning:
        raise foreign(space, path, "it lists genotypes without a value to import")
    if len(set(meaning.values())) != len(meaning):
        raise foreign(space, path, f"two of its columns {', '.join(meaning)} mean the same")
    columns = {key: numbers(space, path, name, cells[name]) for name, key in meaning.items()}
    notes = tuple(f"left out {name}: {reason}" for name, reason in _OTHER_COUNTS.items() if name in cells)

    def check(_: np.ndarray, architectures: np.ndarray) -> None:
        _check_counts(space, path, architectures, cells)

    return Columns("predictions of NAS-Bench-301", cells["genotype"], columns, notes, check)


def _check_counts(space: Space, path: Path, architectures: np.ndarray, cells: dict[str, list[str]]) -> None:
    """Raise unless the counts beside the genotypes are those of the networks they were published for."""
    import numpy as np

    counted = counts(architectures)
    expected: dict[str, np.ndarray] = {}
    if "params_M" in cells:
        params = space.closed_form("params", architectures)
        expected["params_M"] = (params - affine_of_operations(counted, cells=8, channels=32)) / 1e6
    if "flops_raw" in cells:
        expected["flops_raw"] = params_and_macs(counted, cells=20, channels=36, classes=10, size=16)[1]
    for name, values in expected.items():
        given = numbers(space, path, name, cells[name])
        wrong = ~(np.abs(given - values) <= 1e-6 * values)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise foreign(space, path, f"{name} of architecture {row} is {given[row]:g}, not {values[row]:g}")
