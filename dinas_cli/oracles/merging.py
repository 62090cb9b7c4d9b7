"""Adds columns to a space's table: rows united, conflicts refused, written completely or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import DinasError
from dinas_cli.files.atomic import atomic_write, make_dir
from dinas_cli.files.headers import repeatable
from dinas_cli.files.locks import locked
from dinas_cli.files.version import __version__
from dinas_cli.oracles.tables import ARCHITECTURES, KEYS, SCHEMA, ColumnInfo, Table, checksum, table_path

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class NewColumn:
    """A column to be merged into a table: ``values (R,)``, NaN where unknown, infinity where there is none."""

    values: np.ndarray
    unit: str
    source: str


@dataclass(frozen=True)
class Part:
    """Columns to be merged into a table: their architectures ``keys (R,)`` int64 in any order, and the values."""

    keys: np.ndarray
    columns: Mapping[str, NewColumn]
    architectures: np.ndarray | None = None
    """Their values ``(R, V)`` int8, for spaces whose keys do not tell them."""


@dataclass(frozen=True)
class Merge:
    """What :func:`merge` did: rows in all, columns added, replaced by force, and known already (``unchanged``)."""

    path: Path
    rows: int
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]


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
    Imports that run at the same time wait for each other, so that none loses what another has added.
    """
    where = table_path(space_name) if path is None else path
    make_dir(where.parent)
    with locked(where):
        return _merge(space_name, parts, sources, where, force)


def _merge(space_name: str, parts: Sequence[Part], sources: Mapping[str, str], where: Path, force: bool) -> Merge:
    import numpy as np

    old = Table.open(space_name, where) if where.exists() else None
    keys = np.unique(np.concatenate([np.empty(0, np.int64) if old is None else old.keys, *(p.keys for p in parts)]))
    tensors: dict[str, np.ndarray] = {}
    about: dict[str, ColumnInfo] = {}
    known_as = [] if old is None or old.architectures is None else [(old.keys, old.architectures)]
    known_as += [(part.keys, part.architectures) for part in parts if part.architectures is not None]
    if old is not None:
        for name, info in old.columns.items():
            tensors[name], about[name] = _spread(keys, old.keys, old.stored(name)), info
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
                values, info = _united(tensors[name], values), about[name]
            elif force:
                replaced.append(name)
            else:
                raise DinasError(
                    f"{info.source}: column {name} is known already, with other values, from {about[name].source}",
                    "replace it with --force",
                )
            tensors[name], about[name] = values, info
    known = {**({} if old is None else old.sources), **sources}
    architectures = _architectures(keys, known_as)
    atomic_write(where, _serialise(space_name, keys, architectures, tensors, about, known), force=True)
    return Merge(where, len(keys), tuple(added), tuple(replaced), tuple(unchanged))


def _serialise(
    space_name: str,
    keys: np.ndarray,
    architectures: np.ndarray | None,
    tensors: Mapping[str, np.ndarray],
    about: Mapping[str, ColumnInfo],
    sources: Mapping[str, str],
) -> bytes:
    from safetensors.numpy import save

    columns = {
        name: {"unit": info.unit, "source": info.source, "crc32": checksum(tensors[name])}
        for name, info in about.items()
    }
    metadata = {
        "schema": SCHEMA,
        "space": space_name,
        "version": __version__,
        "columns": json.dumps(columns),
        "keys_crc32": str(checksum(keys)),
        "sources": json.dumps(dict(sources)),
    }
    extra = {} if architectures is None else {ARCHITECTURES: architectures}
    if architectures is not None:
        metadata["architectures_crc32"] = str(checksum(architectures))
    return repeatable(save({KEYS: keys, **extra, **tensors}, metadata))


def _architectures(keys: np.ndarray, known: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray | None:
    """The values ``(R, V)`` int8 of all ``keys (R,)``, or None when some are told by nobody."""
    import numpy as np

    if not known:
        return None
    found = np.full((len(keys), known[0][1].shape[1]), -1, np.int8)
    for own, values in reversed(known):  # what came first stays
        found[np.searchsorted(keys, own)] = values
    return None if (found < 0).any() else found


def _spread(all_keys: np.ndarray, keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Put ``values (n,)`` of ``keys (n,)`` into the rows of sorted ``all_keys (R,)``, NaN elsewhere."""
    import numpy as np

    column = np.full(len(all_keys), np.nan)
    column[np.searchsorted(all_keys, keys)] = values
    return column


def _agree(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two columns ``(R,)`` are equal wherever both know a value."""
    import numpy as np

    return bool((~np.isfinite(left) | ~np.isfinite(right) | (left == right)).all())


def _united(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """What two columns ``(R,)`` that agree know together: a value, else that there is none, else nothing."""
    import numpy as np

    known = np.where(np.isfinite(left), left, right)
    return np.where(np.isnan(known), left, known)
