"""Rows of the tables that this program pipes: a record from cells and the names of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dinas_cli.architectures.schema import SCHEMA, Record, RecordError, from_dict, loads
from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import split_column
from dinas_cli.files.text import as_number
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.text import shown


def parse_row(header: Sequence[str], cells: Sequence[str], wanted: Space | None) -> Record:
    """A row of our own TSV: metrics come back with the units of the space and the sources of the ``sources`` column."""
    if len(cells) != len(header):
        raise RecordError(f"{len(cells)} cells under {len(header)} column names")
    row = dict(zip(header, cells, strict=True))
    name = row.get("space") or (wanted.name if wanted else "")
    if not name:
        raise RecordError("no column 'space', so --space is needed")
    space = find_space(name)
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


def find_space(name: str) -> Space:
    """The space called ``name``; raises :class:`RecordError` for an unknown one."""
    try:
        return get_space(name)
    except UsageProblem as problem:
        raise RecordError(f"{problem.message} ({problem.hint})") from problem


def _number(cell: str, key: str) -> float:
    try:
        return as_number(cell)
    except ValueError as error:
        raise RecordError(f"{shown(cell)} is no number (column {shown(key)})") from error


@lru_cache(maxsize=64)
def _parsed(cell: str) -> Any:
    """A request, or networks, from the JSON: the same for thousands of rows, as a rule."""
    return loads(cell)


@lru_cache
def _units(space: str) -> dict[str, str]:
    return {spec.name: spec.unit for spec in get_space(space).metrics}
