"""Measurements of a device as users write them down: a genotype and a cost per line."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import NotFoundError, UsageProblem

if TYPE_CHECKING:
    from dinas_cli.spaces.base import Space

_HINT = "one architecture per line: GENOTYPE<tab>COST; an empty cost means it does not run there"


def read_measurements(space: Space, path: Path) -> tuple[tuple[str, float | None], ...]:
    """Genotypes and costs of a TSV or CSV file (``-``: standard input), a header line is passed over.

    Raises :class:`UsageProblem` naming the line that cannot be read, :class:`NotFoundError` for a missing file.
    """
    if str(path) == "-":
        text = sys.stdin.read()
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise NotFoundError(f"no such file: {path}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise UsageProblem(f"cannot read {path}: {error}", _HINT) from error
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    pairs: list[tuple[str, float | None]] = []
    for number, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if len(cells) != 2:
            raise UsageProblem(f"{path}, line {number}: {len(cells)} columns instead of two", _HINT)
        try:
            genotype = space.decode(space.encode(cells[0]))
            cost = float(cells[1]) if cells[1] else None
        except ValueError:
            if number == 1:
                continue
            raise UsageProblem(f"{path}, line {number}: {cells[1]!r} is not a number", _HINT) from None
        except UsageProblem as problem:
            if number == 1:
                continue
            raise UsageProblem(f"{path}, line {number}: {problem.message}", _HINT) from problem
        pairs.append((genotype, cost))
    return tuple(pairs)
