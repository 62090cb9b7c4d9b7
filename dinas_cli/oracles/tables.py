"""Benchmark tables: one memory-mapped safetensors file per space, looked up by key.

Layout of ``<data folder>/tables/<space>.safetensors``: tensor ``keys`` ``(R,)`` int64, strictly increasing, and one
float64 tensor ``(R,)`` per column named by its column key ``metric[/device][@dataset]``, NaN where nothing is known and
infinity where the benchmark says that there is no value (it does not run there); where keys do not tell the
architectures, ``architectures`` ``(R, V)`` int8. Metadata: ``schema``, ``space``, ``version`` (of dinas), ``columns``
(JSON: unit, source file and CRC-32 of each), ``keys_crc32``, ``architectures_crc32``, ``sources`` (JSON: SHA-256 of
every imported file). Opening reads the header, the keys and the architectures; a look-up reads and checks one column.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import CorruptFileError, NotFoundError
from dinas_cli.files.atomic import data_dir
from dinas_cli.files.headers import read_header
from dinas_cli.files.weights import UNREADABLE

if TYPE_CHECKING:
    import numpy as np

SCHEMA = "dinas/table@1"
KEYS = "keys"
ARCHITECTURES = "architectures"


@dataclass(frozen=True)
class ColumnInfo:
    """What a table says about one of its columns."""

    unit: str
    source: str
    """Name of the file the values came from."""


def table_path(space_name: str) -> Path:
    """Where the table of a space lives, whether it exists or not."""
    return data_dir() / "tables" / f"{space_name}.safetensors"


def find_table(space_name: str) -> Table | None:
    """The table of a space, or None when none has been imported; raise :class:`CorruptFileError` for a broken one."""
    return Table.open(space_name) if table_path(space_name).is_file() else None


@dataclass
class Table:
    """An opened table; make one with :meth:`open`."""

    space: str
    path: Path
    keys: np.ndarray
    """``(R,)`` int64, strictly increasing."""
    columns: dict[str, ColumnInfo]
    sources: dict[str, str]
    """SHA-256 of every imported file by name."""
    architectures: np.ndarray | None
    """``(R, V)`` int8 in the order of ``keys``; None where keys tell the architectures."""
    _file: Any
    _checksums: dict[str, int]
    _loaded: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def open(cls, space_name: str, path: str | Path | None = None) -> Table:
        """Open the table of a space, by default the imported one.

        Raises :class:`NotFoundError` when there is none and :class:`CorruptFileError` when the file is truncated,
        altered, no dinas table, or one of another space.
        """
        import numpy as np
        from safetensors import SafetensorError, safe_open

        where = table_path(space_name) if path is None else Path(path)
        if not where.is_file():
            raise NotFoundError(f"no table of {space_name} at {where}", f"dinas tables import {space_name} FILE...")
        broken: tuple[type[Exception], ...] = (SafetensorError, *UNREADABLE)
        try:
            read_header(where)  # within bounds, which the library does not set
            opened: Any = safe_open(where, framework="numpy")
            about = opened.metadata() or {}
            if about.get("schema") != SCHEMA:
                raise _corrupt(where, space_name, f"schema {about.get('schema')!r} instead of {SCHEMA!r}")
            if about.get("space") != space_name:
                raise _corrupt(where, space_name, f"a table of {about.get('space')!r} instead of {space_name!r}")
            described = json.loads(about["columns"])
            columns = {name: ColumnInfo(str(item["unit"]), str(item["source"])) for name, item in described.items()}
            checksums = {name: int(item["crc32"]) for name, item in described.items()}
            sources = {str(name): str(digest) for name, digest in json.loads(about["sources"]).items()}
            keys = opened.get_tensor(KEYS)
            tensors = set(opened.keys()) - {KEYS}
            architectures = None
            if ARCHITECTURES in tensors:
                tensors.remove(ARCHITECTURES)
                architectures = opened.get_tensor(ARCHITECTURES)
                if checksum(architectures) != int(about["architectures_crc32"]) or len(architectures) != len(keys):
                    raise _corrupt(where, space_name, "its architectures are altered")
            if keys.dtype != np.int64 or keys.ndim != 1 or checksum(keys) != int(about["keys_crc32"]):
                raise _corrupt(where, space_name, "its keys are altered")
        except broken as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            raise _corrupt(where, space_name, reason) from error
        if tensors != set(columns) or not (keys[1:] > keys[:-1]).all():
            raise _corrupt(where, space_name, "its columns or keys do not match its header")
        return cls(space_name, where, keys, columns, sources, architectures, opened, checksums)

    @property
    def rows(self) -> int:
        """Number of architectures ``R``."""
        return len(self.keys)

    def column(self, name: str) -> np.ndarray:
        """All values ``(R,)`` float64 of a column in the order of ``keys``, NaN where there is none."""
        import numpy as np

        stored = self.stored(name)
        return np.where(np.isinf(stored), np.nan, stored)

    def stored(self, name: str) -> np.ndarray:
        """A column ``(R,)`` float64 as the file has it, checked when first read."""
        import numpy as np
        from safetensors import SafetensorError

        if name not in self._loaded:
            if name not in self.columns:
                raise NotFoundError(
                    f"the table of {self.space} has no column {name!r}", f"dinas tables list {self.space}"
                )
            try:
                values = self._file.get_tensor(name)
            except SafetensorError as error:
                raise _corrupt(self.path, self.space, " ".join(str(error).split())) from error
            if (
                values.dtype != np.float64
                or values.shape != self.keys.shape
                or checksum(values) != self._checksums[name]
            ):
                raise _corrupt(self.path, self.space, f"column {name} is altered")
            self._loaded[name] = values
        return self._loaded[name]

    def lookup(self, keys: np.ndarray, column: str) -> np.ndarray:
        """Values ``(n,)`` float64 of a column for architectures with ``keys (n,)``, NaN where there is none.

        Raises :class:`NotFoundError` for a column the table lacks.
        """
        import numpy as np

        found = self._stored_for(keys, column)
        return np.where(np.isinf(found), np.nan, found)

    def measured(self, keys: np.ndarray, column: str) -> np.ndarray:
        """Which architectures with ``keys (n,)`` the file had that gave a column: ``(n,)`` bool.

        Where it has no value, the file says so: in this column, or, in tables of earlier versions, by a value in
        another column of the same file.
        """
        import numpy as np

        source = self.columns[column].source
        found = np.zeros(len(keys), bool)
        for name, info in self.columns.items():
            if info.source == source:
                found |= ~np.isnan(self._stored_for(keys, name))
        return found

    def _stored_for(self, keys: np.ndarray, column: str) -> np.ndarray:
        """What :meth:`stored` has for ``keys (n,)``, NaN where it has no row."""
        import numpy as np

        values = self.stored(column)
        if not len(self.keys):
            return np.full(len(keys), np.nan)
        rows = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[rows] == keys, values[rows], np.nan)


def checksum(array: np.ndarray) -> int:
    """CRC-32 of an array's bytes."""
    return zlib.crc32(array.data)


def _corrupt(path: Path, space_name: str, reason: str) -> CorruptFileError:
    return CorruptFileError(
        f"{path} is no usable table of {space_name}: {reason[:300]}",
        f"dinas tables rm {space_name} --yes, then import it again",
    )
