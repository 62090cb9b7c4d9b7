"""Reading architectures: records, our own TSV or plain genotypes, from files, standard input or the command line."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from dinas_cli.architectures.lines import texts
from dinas_cli.architectures.rows import find_space, parse_row
from dinas_cli.architectures.schema import (
    Metric,
    Record,
    RecordError,
    from_json,
    to_json_line,
)
from dinas_cli.errors import DinasError, GenotypeError, NotFoundError, UsageProblem, reason_of
from dinas_cli.spaces.registry import DEFAULT_SPACE, get_space
from dinas_cli.spaces.shared.protocol import Space, Values
from dinas_cli.spaces.shared.settings import Setting
from dinas_cli.spaces.shared.text import NamedInTable

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

_PLAIN_HINT = f"for a plain genotype name its space, for example --space {DEFAULT_SPACE}"
_LINE_HINT = "a line is a record (dinas generate --json), a row of such a table, or a genotype (then --space NAME)"
_NAMED = re.compile(r"\s*([a-z][a-z0-9-]{2,40}):(?!:)", re.ASCII)
_FILE_ENDINGS = (".jsonl", ".json", ".tsv", ".txt", ".ndjson", ".csv")


LookUp = Callable[[Space, NamedInTable], Values]
"""Finds the architecture that has an official name."""


def _no_table(space: Space, name: NamedInTable) -> Values:
    raise name


@dataclass(frozen=True)
class LineProblem:
    """A line that could not be read; the lines after it still are."""

    source: str
    lines: str
    """Its number, or those of the first and the last (``3-17``); empty for a genotype given on the command line."""
    message: str
    hint: str

    def __str__(self) -> str:
        return ":".join(filter(None, (self.source, self.lines))) + f": {self.message}"


def read_architectures(
    sources: Sequence[str], space: str | None, look_up: LookUp = _no_table
) -> Iterator[Record | LineProblem]:
    """Yield a checked record, or what is wrong, for every text of every source, in order.

    A source is ``-`` (standard input), an existing file, or a genotype itself. A line, or several up to the one that
    closes the brackets of the first (see :mod:`.lines`), is a JSON record, a plain genotype (then ``space`` is needed,
    or its name before it: ``NAME:genotype``), a JSON list of these, or belongs to a table as this program pipes it (a
    header row with a ``genotype`` column). Lines that start with ``#`` are comments. Genotypes are checked: the record
    has ``values``. ``look_up`` finds those that only a table can tell.

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
        if wanted is None and not source.lstrip().startswith("{") and space_before(source) is None:
            raise UsageProblem(f"{_short(source)!r} is neither a file nor a record", _PLAIN_HINT)
    return _read(sources, wanted, look_up)


def _read(sources: Sequence[str], wanted: Space | None, look_up: LookUp) -> Iterator[Record | LineProblem]:
    for source in sources:
        if source == "-":
            yield from _read_stream(sys.stdin.buffer, "stdin", wanted, look_up)
        elif os.path.isfile(source) or _is_stream(source):
            try:
                with open(source, "rb") as stream:
                    yield from _read_stream(stream, source, wanted, look_up)
            except OSError as error:
                raise DinasError(f"cannot read {source}: {reason_of(error)}") from error
        else:
            try:
                yield check_record(parse_line(source.strip(), wanted), wanted, "command line", look_up)
            except (RecordError, UsageProblem) as error:
                yield LineProblem(_short(source), "", str(error), _hint(error))


def _read_stream(stream: IO[bytes], name: str, wanted: Space | None, look_up: LookUp) -> Iterator[Record | LineProblem]:
    header: list[str] | None = None
    for line in texts(stream):
        cells = line.text.split("\t")
        if "genotype" in cells:  # also further down, where tables were concatenated
            header = cells
            continue
        for text in _listed(line.text) if header is None else [line.text]:
            try:
                if line.fault:
                    raise RecordError(line.fault)
                record = parse_line(text, wanted) if header is None else parse_row(header, cells, wanted)
                yield check_record(record, wanted, f"{name}:{line.numbers}", look_up)
            except (RecordError, UsageProblem) as error:
                yield LineProblem(name, line.numbers, str(error), _hint(error))


def _listed(text: str) -> list[str]:
    """The records or genotypes of a JSON list of them; otherwise the text itself."""
    text = text.strip()
    if text.startswith("["):
        with suppress(ValueError, RecursionError):
            items = json.loads(text)
            if items and all(isinstance(item, str | dict) for item in items):
                return [item if isinstance(item, str) else json.dumps(item) for item in items]
    return [text]


def parse_line(text: str, wanted: Space | None) -> Record:
    """A line that is a JSON record or a plain genotype of space ``wanted``; raises :class:`RecordError` otherwise."""
    # Genotypes of some spaces are JSON objects too, but none has a schema.
    if text.startswith(("{", "[")) and ('"schema"' in text or (wanted is None and text.startswith("{"))):
        return from_json(text)
    space = wanted or space_before(text)
    if space is None:
        raise UsageProblem("a plain genotype needs --space", _PLAIN_HINT)
    return Record(id="", space=space.name, genotype=text)


def space_before(text: str) -> Space | None:
    """The space in whose name a text begins: ``nasbench201:|...|``."""
    match = _NAMED.match(text)
    try:
        return None if match is None else get_space(match[1])
    except UsageProblem:
        return None


def check_record(record: Record, wanted: Space | None, origin: str, look_up: LookUp = _no_table) -> Record:
    """The record with its space's proper name, its encoded genotype and where it came from.

    A genotype that only a table can tell is replaced by the usual one. Raises :class:`RecordError` for another space
    than ``wanted``, :class:`GenotypeError` for a broken rule, :class:`UsageProblem` for a network that the space does
    not have.
    """
    space = find_space(record.space)
    if wanted is not None and space.name != wanted.name:
        raise RecordError(f"an architecture of space {space.name!r}, not of {wanted.name!r}")
    genotype = record.genotype
    try:
        values = space.encode(genotype)
    except NamedInTable as name:
        values = look_up(space, name)
        genotype = space.decode(values)
    except GenotypeError as error:
        if error.hint is None:
            raise GenotypeError(error.message, f"how its genotypes are written: dinas spaces {space.name}") from error
        raise
    if not genotype.isprintable():  # over several lines, or with what no one can see
        genotype = space.decode(values)
    for known in record.networks.values():
        Setting.from_dict(space, known)
    return dataclasses.replace(record, space=space.name, genotype=genotype, values=values, origin=origin)


def _hint(error: Exception) -> str:
    return (isinstance(error, UsageProblem) and error.hint) or _LINE_HINT


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
