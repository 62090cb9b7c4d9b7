"""Measurements of a device as users write them down: a genotype and a cost per line."""

from __future__ import annotations

import csv
import sys
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import NotFoundError, UsageProblem, reason_of

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

_HINT = "one architecture per line: GENOTYPE<tab>COST, in ms or mJ; an empty cost means it does not run there"


def read_measurements(space: Space, path: Path) -> tuple[tuple[str, float | None], ...]:
    """Genotypes and costs of a TSV or CSV file (``-``: standard input).

    A header line, empty lines and comments (``#``) are passed over.
    Raises :class:`UsageProblem` naming the line that cannot be read, :class:`NotFoundError` for a missing file.
    """
    where = "stdin" if str(path) == "-" else str(path)
    try:
        text = sys.stdin.read() if where == "stdin" else path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {where}", _HINT) from error
    except UnicodeDecodeError as error:
        raise UsageProblem(f"{where} is not UTF-8 text", _HINT) from error
    except OSError as error:
        raise UsageProblem(f"cannot read {where}: {reason_of(error)}", _HINT) from error
    text = text.removeprefix("\ufeff")  # spreadsheets write a byte order mark
    delimiter = "\t" if "\t" in text else ","
    pairs: list[tuple[str, float | None]] = []
    first = True
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        header, first = first, False
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
        except csv.Error as error:
            raise UsageProblem(f"{where}:{number}: {error}", _HINT) from error
        if not any(cells):
            continue
        if len(cells) != 2:
            raise UsageProblem(f"{where}:{number}: {len(cells)} columns instead of two", _HINT)
        try:
            genotype = space.decode(space.encode(cells[0]))
        except UsageProblem as problem:
            if header and cells[1] and _number(cells[1]) is None:
                continue
            raise UsageProblem(f"{where}:{number}: {problem.message}", _HINT) from problem
        cost = _number(cells[1]) if cells[1] else None
        if cells[1] and cost is None:
            raise UsageProblem(f"{where}:{number}: {cells[1]!r} is not a number", _HINT)
        if cost is not None and cost <= 0:
            raise UsageProblem(f"{where}:{number}: {cells[1]!r} is not a positive number", _HINT)
        pairs.append((genotype, cost))
    return tuple(pairs)


def _number(text: str) -> float | None:
    """``text`` as a finite number, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
