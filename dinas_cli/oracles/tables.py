"""Benchmark tables: one memory-mapped safetensors file per space, looked up by key, extended atomically.

Layout of ``<data folder>/tables/<space>.safetensors``: tensor ``keys`` ``(R,)`` int64, strictly increasing, and one
float64 tensor ``(R,)`` per column named by its column key ``metric[/device][@dataset]``, NaN where the benchmark has
no value. Metadata: ``schema``, ``space``, ``version`` (of dinas), ``columns`` (JSON: unit, source file and CRC-32 of
each), ``keys_crc32``, ``sources`` (JSON: SHA-256 of every imported file). Opening reads the header and the keys; a
look-up reads and checks one column.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli import __version__
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError
from dinas_cli.files import atomic_write, data_dir, make_dir

if TYPE_CHECKING:
    import numpy as np

SCHEMA = "dinas/table@1"
KEYS = "keys"


@dataclass(frozen=True)
class ColumnInfo:
    """What a table says about one of its columns."""

    unit: str
    source: str
    """Name of the file the values came from."""


@dataclass(frozen=True)
class NewColumn:
    """A column to be merged into a table: ``values (R,)``, NaN where unknown."""

    values: np.ndarray
    unit: str
    source: str


@dataclass(frozen=True)
class Part:
    """Columns to be merged into a table: their architectures ``keys (R,)`` int64 in any order, and the values."""

    keys: np.ndarray
    columns: Mapping[str, NewColumn]


@dataclass(frozen=True)
class Merge:
    """What :func:`merge` did: rows in all, columns added, replaced by force, and known already (``unchanged``)."""

    path: Path
    rows: int
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]


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
        try:
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
            if keys.dtype != np.int64 or keys.ndim != 1 or _crc32(keys) != int(about["keys_crc32"]):
                raise _corrupt(where, space_name, "its keys are altered")
        except (SafetensorError, OSError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise _corrupt(where, space_name, " ".join(str(error).split()) or type(error).__name__) from error
        if tensors != set(columns) or not (keys[1:] > keys[:-1]).all():
            raise _corrupt(where, space_name, "its columns or keys do not match its header")
        return cls(space_name, where, keys, columns, sources, opened, checksums)

    @property
    def rows(self) -> int:
        """Number of architectures ``R``."""
        return len(self.keys)

    def column(self, name: str) -> np.ndarray:
        """All values ``(R,)`` float64 of a column in the order of ``keys``, checked when first read."""
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
            if values.dtype != np.float64 or values.shape != self.keys.shape or _crc32(values) != self._checksums[name]:
                raise _corrupt(self.path, self.space, f"column {name} is altered")
            self._loaded[name] = values
        return self._loaded[name]

    def lookup(self, keys: np.ndarray, column: str) -> np.ndarray:
        """Values ``(n,)`` float64 of a column for architectures with ``keys (n,)``, NaN where there is none.

        Raises :class:`NotFoundError` for a column the table lacks.
        """
        import numpy as np

        values = self.column(column)
        if not len(self.keys):
            return np.full(len(keys), np.nan)
        rows = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[rows] == keys, values[rows], np.nan)


def merge(
    space_name: str,
    parts: Sequence[Part],
    sources: Mapping[str, str],
    *,
    force: bool = False,
    path: Path | None = None,
) -> Merge:
    """Add the columns of ``parts`` to the table of a space, creating it if need be, all of them or nothing.

    Rows are united. Where a column is known already, the values known to both must agree, else :class:`DinasError`
    unless ``force``, with which the new column replaces the old one. ``sources`` maps file names to their SHA-256.
    """
    import numpy as np

    where = table_path(space_name) if path is None else path
    old = Table.open(space_name, where) if where.exists() else None
    keys = np.unique(np.concatenate([np.empty(0, np.int64) if old is None else old.keys, *(p.keys for p in parts)]))
    tensors: dict[str, np.ndarray] = {}
    about: dict[str, ColumnInfo] = {}
    if old is not None:
        for name, info in old.columns.items():
            tensors[name], about[name] = _spread(keys, old.keys, old.column(name)), info
    added: list[str] = []
    replaced: list[str] = []
    unchanged: list[str] = []
    for part in parts:
        if len(np.unique(part.keys)) != len(part.keys):
            raise DinasError(f"an architecture of {space_name} occurs twice in what is to be imported")
        for name, column in part.columns.items():
            values, info = _spread(keys, part.keys, column.values), ColumnInfo(column.unit, column.source)
            if name not in tensors:
                added.append(name)
            elif _agree(tensors[name], values) and about[name].unit == info.unit:
                if name not in (*added, *replaced, *unchanged):
                    unchanged.append(name)
                values, info = np.where(np.isnan(tensors[name]), values, tensors[name]), about[name]
            elif force:
                replaced.append(name)
            else:
                raise DinasError(
                    f"{info.source}: column {name} is known already, with other values, from {about[name].source}",
                    "replace it with --force",
                )
            tensors[name], about[name] = values, info
    known = {**({} if old is None else old.sources), **sources}
    make_dir(where.parent)
    atomic_write(where, _serialise(space_name, keys, tensors, about, known), force=True)
    return Merge(where, len(keys), tuple(added), tuple(replaced), tuple(unchanged))


def _serialise(
    space_name: str,
    keys: np.ndarray,
    tensors: Mapping[str, np.ndarray],
    about: Mapping[str, ColumnInfo],
    sources: Mapping[str, str],
) -> bytes:
    from safetensors.numpy import save

    columns = {
        name: {"unit": info.unit, "source": info.source, "crc32": _crc32(tensors[name])} for name, info in about.items()
    }
    metadata = {
        "schema": SCHEMA,
        "space": space_name,
        "version": __version__,
        "columns": json.dumps(columns),
        "keys_crc32": str(_crc32(keys)),
        "sources": json.dumps(dict(sources)),
    }
    data: bytes = save({KEYS: keys, **tensors}, metadata)
    return data


def _spread(all_keys: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Put ``values (n,)`` of ``keys (n,)`` into the rows of sorted ``all_keys (R,)``, NaN elsewhere."""
    import numpy as np

    column = np.full(len(all_keys), np.nan)
    column[np.searchsorted(all_keys, keys)] = values
    return column


def _agree(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two columns ``(R,)`` are equal wherever both know a value."""
    import numpy as np

    return bool((np.isnan(left) | np.isnan(right) | (left == right)).all())


def _crc32(array: np.ndarray) -> int:
    return zlib.crc32(array.data)


def _corrupt(path: Path, space_name: str, reason: str) -> CorruptFileError:
    return CorruptFileError(
        f"{path} is no usable table of {space_name}: {reason}",
        f"dinas tables rm {space_name} --yes, then import it again",
    )
