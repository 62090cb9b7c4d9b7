"""Reading architectures: records, our own TSV or plain genotypes, from files, standard input or the command line."""

from __future__ import annotations

import dataclasses
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any

from dinas_cli.architectures.schema import (
    SCHEMA,
    Metric,
    Record,
    RecordError,
    from_dict,
    from_json,
    loads,
    to_json_line,
)
from dinas_cli.errors import DinasError, NotFoundError, UsageProblem, reason_of
from dinas_cli.files.columns import split_column
from dinas_cli.spaces.registry import DEFAULT_SPACE, get_space
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.settings import Setting

__all__ = [
    "LineProblem",
    "Metric",
    "Record",
    "RecordError",
    "check_record",
    "from_json",
    "parse_line",
    "read_architectures",
    "to_json_line",
]

_LONGEST = 1 << 20
"""Bytes of a line beyond which a file is taken for something else, before it fills the memory."""
_PLAIN_HINT = f"for a plain genotype name its space, for example --space {DEFAULT_SPACE}"
_FILE_ENDINGS = (".jsonl", ".json", ".tsv", ".txt", ".ndjson", ".csv")


@dataclass(frozen=True)
class LineProblem:
    """A line that could not be read; the lines after it still are."""

    source: str
    line: int
    """Counted from 1; 0 for a genotype given on the command line."""
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.message}" if self.line else f"{self.source}: {self.message}"


def read_architectures(sources: Sequence[str], space: str | None) -> Iterator[Record | LineProblem]:
    """Yield a checked record, or what is wrong, for every non-blank line of every source, in order.

    A source is ``-`` (standard input), an existing file, or a genotype itself. A line is a JSON record, a plain
    genotype (then ``space`` is needed), or belongs to a table as this program pipes it (a header row with a
    ``genotype`` column). Lines that start with ``#`` are comments. Genotypes are checked: the record has ``values``.

    Raises :class:`UsageProblem` (before anything is read) for a bad space, no source or ``-`` twice, and
    :class:`NotFoundError` for a source that is plainly the name of a missing file.
    """
    if not sources:
        raise UsageProblem("no architectures given", "name files, genotypes, or - for standard input")
    if sum(source == "-" for source in sources) > 1:
        raise UsageProblem("standard input (-) can be read only once", "name - a single time")
    wanted = get_space(space) if space is not None else None
    for source in sources:
        if source == "-" or os.path.isfile(source) or _is_stream(source):
            continue
        if os.path.isdir(source):
            raise UsageProblem(f"{source} is a folder", "name the files in it")
        if source.lower().endswith(_FILE_ENDINGS):
            raise NotFoundError(f"no such file: {source}", "name files, genotypes, or - for standard input")
        if wanted is None and not source.lstrip().startswith("{"):
            raise UsageProblem(f"{_short(source)!r} is neither a file nor a record", _PLAIN_HINT)
    return _read(sources, wanted)


def _read(sources: Sequence[str], wanted: Space | None) -> Iterator[Record | LineProblem]:
    for source in sources:
        if source == "-":
            yield from _read_stream(sys.stdin.buffer, "stdin", wanted)
        elif os.path.isfile(source) or _is_stream(source):
            try:
                with open(source, "rb") as stream:
                    yield from _read_stream(stream, source, wanted)
            except OSError as error:
                raise DinasError(f"cannot read {source}: {reason_of(error)}") from error
        else:
            try:
                yield check_record(parse_line(source.strip(), wanted), wanted, "command line")
            except (RecordError, UsageProblem) as error:
                yield LineProblem(_short(source), 0, str(error), _hint(error))


def _read_stream(stream: IO[bytes], name: str, wanted: Space | None) -> Iterator[Record | LineProblem]:
    header: list[str] | None = None
    for number, raw in _lines(stream):
        try:
            if raw is None:
                raise RecordError(f"longer than {_LONGEST} bytes")
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            if not text.strip() or text.startswith("#"):
                continue
            cells = text.split("\t")
            if "genotype" in cells:  # also further down, where tables were concatenated
                header = cells
                continue
            record = parse_line(text.strip(), wanted) if header is None else _parse_row(header, cells, wanted)
            yield check_record(record, wanted, f"{name}:{number}")
        except UnicodeDecodeError:
            yield LineProblem(name, number, "not UTF-8 text")
        except (RecordError, UsageProblem) as error:
            yield LineProblem(name, number, str(error), _hint(error))


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines; ``None`` for one too long to be ours."""
    number = 0
    while raw := stream.readline(_LONGEST):
        number += 1
        if len(raw) == _LONGEST and not raw.endswith(b"\n"):
            while (rest := stream.readline(_LONGEST)) and not rest.endswith(b"\n"):
                pass
            yield number, None
        else:
            yield number, raw


def parse_line(text: str, wanted: Space | None) -> Record:
    """A line that is a JSON record or a plain genotype of space ``wanted``; raises :class:`RecordError` otherwise."""
    # Genotypes of some spaces are JSON objects too, but none has a schema.
    if text.startswith(("{", "[")) and ('"schema"' in text or (wanted is None and text.startswith("{"))):
        return from_json(text)
    if wanted is None:
        raise RecordError("a plain genotype needs --space")
    return Record(id="", space=wanted.name, genotype=text)


def _parse_row(header: Sequence[str], cells: Sequence[str], wanted: Space | None) -> Record:
    """A row of our own TSV: metrics come back with the units of the space and the sources of the ``sources`` column."""
    if len(cells) != len(header):
        raise RecordError(f"{len(cells)} cells under {len(header)} column names")
    row = dict(zip(header, cells, strict=True))
    name = row.get("space") or (wanted.name if wanted else "")
    if not name:
        raise RecordError("no column 'space', so --space is needed")
    space = _space(name)
    units = _units(space.name)
    sources = dict(item.rpartition("=")[::2] for item in row.get("sources", "").split(";") if item)
    metrics = {}
    for key, source in sources.items():
        unit = units.get(split_column(key)[0])
        if row.get(key) and unit is not None:
            metrics[key] = {"value": _number(row[key], key), "unit": unit, "source": source}
    data = {
        "schema": SCHEMA,
        "id": row.get("id", ""),
        "space": name,
        "genotype": row["genotype"],
        "metrics": metrics,
        "networks": _parsed(row["networks"]) if row.get("networks") else {},
        "request": _parsed(row["request"]) if row.get("request") else {},
        "provenance": loads(row["provenance"]) if row.get("provenance") else {},
    }
    return from_dict(data)


def check_record(record: Record, wanted: Space | None, origin: str) -> Record:
    """The record with its space's proper name, its encoded genotype and where it came from.

    Raises :class:`RecordError` for another space than ``wanted``, :class:`GenotypeError` for a broken rule,
    :class:`UsageProblem` for a network that the space does not have.
    """
    space = _space(record.space)
    if wanted is not None and space.name != wanted.name:
        raise RecordError(f"an architecture of space {space.name!r}, not of {wanted.name!r}")
    values = space.encode(record.genotype)
    for known in record.networks.values():
        Setting.from_dict(space, known)
    return dataclasses.replace(record, space=space.name, values=values, origin=origin)


def _number(cell: str, key: str) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise RecordError(f"{cell!r} is no number (column {key!r})") from error


@lru_cache(maxsize=64)
def _parsed(cell: str) -> Any:
    """A request, or networks, from the JSON: the same for thousands of rows, as a rule."""
    return loads(cell)


@lru_cache
def _units(space: str) -> dict[str, str]:
    return {spec.name: spec.unit for spec in get_space(space).metrics}


def _space(name: str) -> Space:
    try:
        return get_space(name)
    except UsageProblem as problem:
        raise RecordError(f"{problem.message} ({problem.hint})") from problem


def _hint(error: Exception) -> str | None:
    return error.hint if isinstance(error, UsageProblem) else None


def _is_stream(source: str) -> bool:
    """Whether the name is a pipe or device, as shells make for ``<(command)``."""
    try:
        mode = os.stat(source).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _short(text: str) -> str:
    """``text`` cut to a length that fits into one line of a message."""
    return text if len(text) <= 60 else f"{text[:57]}..."
