"""CSV files, plain or gzipped, as columns of text and numbers; damaged ones are refused with the reason."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import CorruptFileError, reason_of
from dinas_cli.files.columns import HasFiles, foreign
from dinas_cli.files.packed import TooLarge, read_lines

if TYPE_CHECKING:
    import numpy as np


def read_rows(space: HasFiles, path: Path) -> tuple[list[str], Iterator[list[str]]]:
    """The header row of a CSV, whose names are not empty and all different, and its rows, checked as they are read.

    Raises :class:`CorruptFileError` naming the line.
    """
    checked = _rows(space, path)
    header = next(checked, [])
    if not header or len(set(header)) != len(header):
        raise foreign(space, path, f"its header row is {','.join(header)[:80]!r}")
    return header, checked


def read_columns(space: HasFiles, path: Path) -> dict[str, list[str]]:
    """Every column of a CSV by its name in the header row; raises like :func:`read_rows`."""
    header, checked = read_rows(space, path)
    rows = list(checked)
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    return {name: list(column) for name, column in zip(header, columns, strict=True)}


def numbers(space: HasFiles, path: Path, name: str, cells: list[str]) -> np.ndarray:
    """The column ``name`` as numbers ``(R,)`` float64, NaN for empty cells."""
    import numpy as np

    try:
        if any("_" in cell for cell in cells):  # digits in groups, as Python writes them, are not what others read
            raise ValueError
        return np.array([cell or "nan" for cell in cells], np.float64)
    except ValueError:
        for line, cell in enumerate(cells, 2):
            try:
                float("" if "_" in cell else cell or "nan")
            except ValueError as error:
                raise foreign(space, path, f"line {line}: {name} is {cell[:40]!r}, not a number") from error
        raise


def text_lines(space: HasFiles, path: Path) -> Iterator[str]:
    """The lines of a text, plain or gzipped; raise :class:`CorruptFileError` where it is damaged, too large or none."""
    try:
        yield from read_lines(path)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise foreign(space, path, f"damaged gzip data, truncated? ({error})") from error
    except UnicodeDecodeError as error:
        raise foreign(space, path, "not text") from error
    except TooLarge as error:
        raise foreign(space, path, str(error)) from error
    except OSError as error:
        raise CorruptFileError(f"cannot read {path}: {reason_of(error)}") from error


def _rows(space: HasFiles, path: Path) -> Iterator[list[str]]:
    """The rows of a CSV, the header among them; every other one has as many cells."""
    reader = csv.reader(text_lines(space, path), strict=True)
    width: int | None = None
    try:
        for row in reader:
            width = len(row) if width is None else width
            if len(row) != width:
                reason = f"line {reader.line_num} has {len(row)} cells under {width} names"
                raise foreign(space, path, f"{reason} (truncated?)")
            yield row
    except csv.Error as error:
        raise foreign(space, path, f"line {reader.line_num}: {error}") from error
