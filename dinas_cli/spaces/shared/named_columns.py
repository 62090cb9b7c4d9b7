"""Reads tables kept as CSV whose columns have the names that their space says; compares counts with closed forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dinas_cli.files.columns import Columns, foreign, split_column
from dinas_cli.files.csv_files import numbers, read_columns
from dinas_cli.spaces.shared.protocol import Space

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class NamedColumns:
    """Which columns the tables of a space have."""

    genotype: str
    """The one that says which architecture a row is about."""
    keys: Mapping[str, str]
    """By name the keys of the others; closed forms among them are compared, not kept."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Names of those that are of no use, and why."""


class HasNamedColumns(Space, Protocol):
    """A space that this module reads the tables of."""

    columns: NamedColumns


def read(space: HasNamedColumns, path: Path, dataset: str | None) -> Columns:
    """Read one CSV, plain or gzipped; only what is about ``dataset`` if one is named.

    Raises :class:`CorruptFileError` (truncated, foreign, with other counts than the closed forms).
    """
    known, cells = space.columns, read_columns(space, path)
    if known.genotype not in cells or not cells.keys() & known.keys.keys():
        raise foreign(space, path, f"its header row is {','.join(cells)[:80]!r}")
    for name in cells.keys() - {known.genotype, *known.keys, *known.left_out}:
        raise foreign(space, path, f"column {name!r} is unknown")
    wanted = {
        name: key for name, key in known.keys.items() if name in cells and dataset in (None, split_column(key)[2])
    }
    counts = {name: key for name, key in wanted.items() if split_column(key)[0] in space.closed_forms}
    columns = {key: numbers(space, path, name, cells[name]) for name, key in wanted.items() if name not in counts}
    notes = tuple(f"left out {name}: {reason}" for name, reason in known.left_out.items() if name in cells)
    check = counts_check(space, path, {name: (key, cells[name]) for name, key in counts.items()})
    return Columns("networks", cells[known.genotype], columns, notes, check)


def counts_check(
    space: Space, path: Path, counts: Mapping[str, tuple[str, Sequence[str]]]
) -> Callable[[np.ndarray, np.ndarray], None]:
    """What compares columns of counts, by name the column key and the cells ``(R,)``, with the closed forms.

    It takes keys ``(R,)`` and values ``(R, V)`` and raises :class:`CorruptFileError` naming the line.
    """

    def check(keys: np.ndarray, architectures: np.ndarray) -> None:
        for name, (key, cells) in counts.items():
            metric, _, dataset = split_column(key)
            counted = space.closed_form(metric, architectures, dataset)
            wrong = numbers(space, path, name, list(cells)) != counted
            if wrong.any():
                row = int(wrong.argmax())
                raise foreign(space, path, f"line {row + 2}: {name} is {cells[row]}, not {counted[row]}")

    return check
