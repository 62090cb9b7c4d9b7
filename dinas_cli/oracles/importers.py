"""Imports of benchmark files into a space's table: recognise by content, read and check all of them, write once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem, reason_of, suggest
from dinas_cli.files.atomic import sha256_file
from dinas_cli.files.columns import Columns, foreign, split_column
from dinas_cli.files.text import brief
from dinas_cli.oracles import device_file, measurement_file
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.spaces.shared.protocol import enumerable

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

_GZIP, _ZIP, _PICKLE = b"\x1f\x8b", b"PK\x03\x04", b"\x80"
_TORCH_LEGACY = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
"""The pickled number by which torch's format from before 2020 starts, after two bytes for the protocol."""
_OWN = re.compile(rb'"schema"\s*:\s*"(dinas/[^"]*)"')
"""By which a JSON object, complete or not, says that it was written here."""


@dataclass(frozen=True)
class ImportResult:
    """What an import did to a table."""

    space: str
    path: Path
    rows: int
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]
    notes: tuple[str, ...]


def import_files(
    space: Space,
    paths: Sequence[Path],
    *,
    dataset: str | None = None,
    force: bool = False,
    partial: bool = False,
    reading: Callable[[Path], None] = lambda path: None,
    path: Path | None = None,
) -> ImportResult:
    """Read every file, check it, and add all columns to the table of ``space`` in one atomic write.

    ``dataset`` says what a file is about that does not say so itself; ``force`` replaces columns whose values differ;
    ``partial`` accepts files that do not cover the whole space; ``reading`` is told each file before it is read;
    ``path`` is a table file other than the installed one. Raises :class:`NotFoundError`, :class:`UsageProblem` or
    :class:`CorruptFileError` naming the file, before anything is written.
    """
    if dataset is not None and dataset not in space.datasets:
        raise UsageProblem(f"unknown dataset {dataset!r}", suggest(dataset, space.datasets, f"{space.name} datasets"))
    parts, sources, notes = [], {}, []
    for file in paths:
        reading(file)
        found = read_file(space, file, dataset)
        parts.append(make_part(space, file, found))
        rows = len(found.genotypes)
        if space.table_rows is not None and rows != space.table_rows and not partial:
            raise CorruptFileError(
                f"{file} ({found.kind}) covers {rows} of the {space.table_rows} architectures of {space.name}",
                "if it is not truncated but meant to be incomplete, say so with --partial",
            )
        sources[file.name] = sha256_file(file)
        notes += [f"{file.name}: {note}" for note in found.notes]
    done = merge(space.name, parts, sources, force=force, path=path)
    return ImportResult(space.name, done.path, done.rows, done.added, done.replaced, done.unchanged, tuple(notes))


def installed_files(space: Space) -> list[Path]:
    """The benchmark files that a Python package has brought; raise :class:`DinasError` where there are none."""
    for name in space.readers.values():
        module = import_module(name)
        if hasattr(module, "find_installed"):
            found: list[Path] = module.find_installed()
            return found
    raise UsageProblem("no FILE to import", f"expected {space.files}")


def read_file(space: Space, path: Path, dataset: str | None = None) -> Columns:
    """Recognise one file by its content and read it; raises as :func:`import_files` does.

    Measurements written here are read for every space; what else there is, by the space's own readers.
    """
    try:
        with open(path, "rb") as stream:
            head = stream.read(16)
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {path}", f"expected {space.files}") from error
    except OSError as error:
        raise DinasError(f"cannot read {path}: {reason_of(error)}") from error
    if head.startswith(_ZIP) or head[2:].startswith(_TORCH_LEGACY):
        kind = "torch"
    elif head.startswith(_PICKLE):
        kind = "pickle"
    elif head.startswith(_GZIP) or (head and not any(byte < 9 or 13 < byte < 32 for byte in head)):
        kind = "csv"
    elif head:
        kind = "binary"
    else:
        raise foreign(space, path, "empty")
    if kind == "csv" and (schema := _own_schema(path)):
        read_own = measurement_file.read if schema == measurement_file.SCHEMA else device_file.read
        return read_own(space, path)
    if kind not in space.readers:
        raise foreign(space, path, "binary data of another kind" if kind == "binary" else f"a {kind} file")
    found: Columns = import_module(space.readers[kind]).read(space, path, dataset)
    return found


def make_part(space: Space, path: Path, found: Columns) -> Part:
    """Check what a reader found: some genotypes, known, each once; plausible values; make it a :class:`Part`.

    Raises :class:`CorruptFileError` naming the file and the architecture.
    """
    import numpy as np

    names = found.genotypes
    if not names:
        raise foreign(space, path, "it has no architectures")
    keys = np.empty(len(names), np.int64)
    architectures = np.empty((len(names), space.layout.size), np.int8)
    for row, genotype in enumerate(names):
        try:
            architectures[row] = encoded = space.encode(genotype)
            keys[row] = space.key(encoded)
        except UsageProblem as problem:
            raise foreign(space, path, f"architecture {row}: {problem.message}") from problem
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    if (counts > 1).any():
        raise foreign(space, path, f"architecture {brief(names[first[counts > 1][0]])} occurs twice")
    specs = {spec.name: spec for spec in space.metrics}
    checked = {}
    for key, values in found.columns.items():
        spec = specs[split_column(key)[0]]
        if len(values) != len(keys):
            raise foreign(space, path, f"{key} has {len(values)} values for {len(keys)} architectures")
        wrong = np.isinf(values) | ((values < 0) if spec.unit else False)
        wrong |= ((values > 100) if spec.unit == "%" else False) | ((values <= 0) if spec.cost else False)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise foreign(space, path, f"{key} of {brief(names[row])} is {values[row]:g}")
        # A file that lists an architecture without such a value says that there is none.
        checked[key] = NewColumn(
            np.where(np.isnan(values), np.inf, values) if spec.absent == "worst" else values, spec.unit, path.name
        )
    found.check(keys, architectures)
    return Part(keys, checked, None if enumerable(space) else architectures)


def _own_schema(path: Path) -> str | None:
    """The schema of a JSON object written here; None for any other text."""
    data = path.read_bytes()
    found = _OWN.search(data) if data[:64].lstrip().startswith(b"{") else None
    return found[1].decode("utf-8", "replace") if found else None
