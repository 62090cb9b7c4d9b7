"""Training runs as the official NAS-Bench-101 files record them, averaged per architecture while they are read.

Each run names a cell, the epochs it was trained for, and a ``ModelMetrics`` message in base64: three evaluations
(before, half-way and after training) with epoch, seconds and accuracies, and the number of parameters.
"""

from __future__ import annotations

import struct
from array import array
from base64 import b64decode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import GenotypeError
from dinas_cli.files.columns import Columns, foreign
from dinas_cli.spaces.nasbench101.cells import OPERATIONS
from dinas_cli.spaces.shared.text import shown

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space

_LONGEST = 108  # epochs
_ACCURACY = {4: "acc_4", 12: "acc_12", 36: "acc_36", _LONGEST: "acc"}
_COLUMNS = (*_ACCURACY.values(), "test_acc", "train_time")
_DIGITS = {name: str(number) for number, name in enumerate(OPERATIONS)}
_EVALUATION, _PARAMETERS = 1, 2
"""Fields of ``ModelMetrics``."""
_EPOCH, _SECONDS, _VALIDATION, _TEST = 1, 2, 4, 5
"""Fields of one evaluation."""


class Runs:
    """All runs of a file, of which only sums are kept."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], int] = {}
        self._genotypes: list[str] = []
        self._parameters: list[int] = []
        self._hashes: list[str] = []
        self._sums = {name: array("d") for name in _COLUMNS}
        self._counts = {name: array("l") for name in _COLUMNS}
        self._total = 0

    def add(self, epochs: object, adjacency: object, operations: object, metrics: object, name: str = "") -> None:
        """Add one run: epochs, adjacency matrix as digits, operation names with commas, message in base64, module hash.

        Raises :class:`ValueError` with the reason when it is not such a run, :class:`GenotypeError` for its cell.
        """
        if not (isinstance(adjacency, str) and isinstance(operations, str) and isinstance(metrics, str)):
            raise ValueError("a matrix, operations and metrics are expected as text")
        if not isinstance(epochs, int) or epochs not in _ACCURACY:
            raise ValueError(f"trained for {shown(str(epochs))} epochs, not {', '.join(map(str, _ACCURACY))}")
        parameters, final = read_metrics(b64decode(metrics, validate=True))
        if not abs(final[_EPOCH] - epochs) < 0.5:
            raise ValueError(f"a training of {epochs} epochs ends at epoch {final[_EPOCH]:g}")
        if not all(0 <= final[part] <= 1 for part in (_VALIDATION, _TEST)):
            raise ValueError("an accuracy is not between 0 and 1")
        row = self._row(adjacency, operations, parameters, name)
        self._add(_ACCURACY[epochs], row, 100 * final[_VALIDATION])
        if epochs == _LONGEST:
            self._add("test_acc", row, 100 * final[_TEST])
            self._add("train_time", row, final[_SECONDS])
        self._total += 1

    def __len__(self) -> int:
        return self._total

    def columns(self, space: Space, path: Path, kind: str) -> Columns:
        """The means over all runs of each architecture; raise :class:`CorruptFileError` if there are none."""
        import numpy as np

        if not self._total:
            raise foreign(space, path, "it holds no runs")
        columns = {"params": np.array(self._parameters, np.float64)}
        for name, sums in self._sums.items():
            counts = np.array(self._counts[name])
            if counts.any():
                columns[name] = np.array(sums) / np.where(counts > 0, counts, np.nan)
        notes = (f"{self._total} runs, averaged per architecture; half-way values left out",)

        def check(keys: np.ndarray, _: np.ndarray) -> None:
            if all(self._hashes):
                check_hashes(space, path, keys, self._hashes)

        return Columns(kind, self._genotypes, columns, notes, check)

    def _row(self, adjacency: str, operations: str, parameters: int, name: str) -> int:
        row = self._rows.get((adjacency, operations))
        if row is None:
            self._genotypes.append(compact_genotype(adjacency, operations))
            row = self._rows[adjacency, operations] = len(self._parameters)
            self._parameters.append(parameters)
            self._hashes.append(name)
            for column in _COLUMNS:
                self._sums[column].append(0)
                self._counts[column].append(0)
        elif (parameters, name) != (self._parameters[row], self._hashes[row]):
            raise ValueError("runs of one architecture disagree on its parameters or hash")
        return row

    def _add(self, column: str, row: int, value: float) -> None:
        self._sums[column][row] += value
        self._counts[column][row] += 1


def compact_genotype(adjacency: str, operations: str) -> str:
    """The cell of a matrix's digits, row by row, and names with commas, in the dialect ``compact``; it is not pruned.

    Raises :class:`GenotypeError` for a matrix that is not square or not upper triangular, and unknown operations.
    """
    names = operations.split(",")
    size = len(names)
    if len(adjacency) != size**2 or size < 2 or names[0] != "input" or names[-1] != "output":
        raise GenotypeError(f"{shown(operations)} with a matrix of {len(adjacency)} entries is no nasbench101 cell")
    for name in names[1:-1]:
        if name not in _DIGITS:
            raise GenotypeError(f"unknown operation {shown(name)}")
    rows = [adjacency[size * i : size * (i + 1)] for i in range(size)]
    if any("1" in row[: i + 1] for i, row in enumerate(rows)):
        raise GenotypeError(f"the matrix {shown(adjacency)} is not upper triangular")
    bits = "".join(row[i + 1 :] for i, row in enumerate(rows))
    return f"{size}:{bits}:{''.join(_DIGITS[name] for name in names[1:-1])}"


def read_metrics(message: bytes) -> tuple[int, dict[int, float]]:
    """Parameters and last evaluation of a ``ModelMetrics`` message; raise :class:`ValueError` if it lacks either."""
    parameters, evaluations = None, []
    for field, value in fields(message):
        if field == _EVALUATION and isinstance(value, bytes):
            evaluations.append(value)
        elif field == _PARAMETERS and isinstance(value, int):
            parameters = value
    if parameters is None or len(evaluations) != 3:
        raise ValueError(f"its metrics have {len(evaluations)} evaluations, or no parameter count")
    final = {field: value for field, value in fields(evaluations[-1]) if isinstance(value, float)}
    if not final.keys() >= {_EPOCH, _SECONDS, _VALIDATION, _TEST}:
        raise ValueError("an evaluation is incomplete")
    return parameters, final


def fields(message: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    """Number and value of each field of a protocol buffer message; raise :class:`ValueError` where it is malformed."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        kind = tag & 7
        if kind == 0:
            number, place = _varint(message, place)
            yield tag >> 3, number
        elif kind in (1, 5):
            size, code = (8, "<d") if kind == 1 else (4, "<f")
            if place + size > len(message):
                raise ValueError("its metrics are cut off")
            yield tag >> 3, struct.unpack_from(code, message, place)[0]
            place += size
        elif kind == 2:
            size, place = _varint(message, place)
            if place + size > len(message):
                raise ValueError("its metrics are cut off")
            yield tag >> 3, message[place : place + size]
            place += size
        else:
            raise ValueError(f"its metrics have a field of the unknown kind {kind}")


def check_hashes(space: Space, path: Path, keys: np.ndarray, hashes: Iterable[str]) -> None:
    """Raise :class:`CorruptFileError` unless these are the module hashes of the architectures of ``keys (R,)``."""
    for row, (key, name) in enumerate(zip(keys.tolist(), hashes, strict=True)):
        if f"{key:015x}" != name[:15]:
            raise foreign(space, path, f"{shown(name)} is not the hash of architecture {row}")


def _varint(message: bytes, place: int) -> tuple[int, int]:
    """The number at ``place`` and the place after it."""
    number = shift = 0
    while place < len(message) and shift < 64:
        byte = message[place]
        place += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, place
        shift += 7
    raise ValueError("its metrics are cut off")
