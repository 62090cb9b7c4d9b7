"""CSV files, plain or gzipped, as columns of text and numbers; damaged ones are refused with the reason."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import CorruptFileError, reason_of
from dinas_cli.oracles.importers import foreign

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.base import Space


def read_columns(space: Space, path: Path) -> dict[str, list[str]]:
    """Every column of a CSV by its name in the header row; raise :class:`CorruptFileError` naming the line."""
    reader = csv.reader(io.StringIO(_text(space, path), newline=""), strict=True)
    try:
        header = next(reader, [])
        if not header or len(set(header)) != len(header):
            raise foreign(space, path, f"its header row is {','.join(header)[:80]!r}")
        rows = []
        for row in reader:
            if len(row) != len(header):
                reason = f"line {reader.line_num} has {len(row)} cells under {len(header)} names"
                raise foreign(space, path, f"{reason} (truncated?)")
            rows.append(row)
    except csv.Error as error:
        raise foreign(space, path, f"line {reader.line_num}: {error}") from error
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    return {name: list(column) for name, column in zip(header, columns, strict=True)}


def numbers(space: Space, path: Path, name: str, cells: list[str]) -> np.ndarray:
    """The column ``name`` as numbers ``(R,)`` float64, NaN for empty cells."""
    import numpy as np

    try:
        return np.array([cell or "nan" for cell in cells], np.float64)
    except ValueError:
        for line, cell in enumerate(cells, 2):
            try:
                float(cell or "nan")
            except ValueError as error:
                raise foreign(space, path, f"line {line}: {name} is {cell[:40]!r}, not a number") from error
        raise


def _text(space: Space, path: Path) -> str:
    """The whole file as text."""
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode("utf-8-sig")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise foreign(space, path, f"damaged gzip data, truncated? ({error})") from error
    except UnicodeDecodeError as error:
        raise foreign(space, path, "not text") from error
    except OSError as error:
        raise CorruptFileError(f"cannot read {path}: {reason_of(error)}") from error
