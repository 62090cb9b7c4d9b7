"""Measurements of a device as users write them down: a genotype and a cost per line."""

from __future__ import annotations

import csv
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import NotFoundError, UsageProblem, reason_of
from dinas_cli.files.text import as_number
from dinas_cli.units import parse_quantity, suffixes

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

CONTRADICTION = 1.5
"""Factor between two costs of one genotype from which on they cannot both be right."""
_HINT = (
    "one architecture per line: GENOTYPE<tab>COST, in ms or mJ or with its unit (0.004 s); "
    "an empty cost means it does not run there"
)
_BETWEEN_WORDS = re.compile(r"[\s_()\[\]/,.:;-]+")


@dataclass(frozen=True)
class Measurements:
    """What a file says of a device."""

    pairs: tuple[tuple[str, float | None], ...]
    """Genotypes and costs; None where an architecture does not run."""
    lines: dict[str, str]
    """Where each genotype is, in words: ``line 7``."""
    stated: bool
    """Whether all costs had a unit: their own, the header's or the option's."""


def read_measurements(space: Space, path: Path, unit: str = "ms", bare: str | None = None) -> Measurements:
    """Genotypes and costs in ``unit`` (``"ms"`` or ``"mJ"``) of a TSV or CSV file (``-``: standard input).

    A cost has its own unit, or that of the header, or ``bare``, or ``unit``. Repeated genotypes get the mean of their
    costs. Empty lines and comments (``#``) are passed over, so is what else a header line says.
    Raises :class:`UsageProblem` naming the line that cannot be read or both lines that contradict each other,
    :class:`NotFoundError` for a missing file.
    """
    where = "stdin" if str(path) == "-" else str(path)
    text = _text(where, path)
    delimiter = "\t" if "\t" in text else ","
    found: dict[str, list[tuple[int, float | None]]] = {}
    first, stated = True, True
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        header, first = first, False
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter))]
            if not any(cells):
                continue
            if len(cells) != 2:
                raise UsageProblem(f"{len(cells)} columns instead of two")
            if header and _is_header(space, cells[0], cells[1], unit):
                bare = _agreed(_unit_named(cells[1], unit), bare)
                continue
            genotype = space.decode(space.encode(cells[0]))
            found.setdefault(genotype, []).append((number, _cost(cells[1], unit, bare or unit)))
            stated = stated and (bare is not None or _number(cells[1]) is None)
        except (csv.Error, UsageProblem) as error:
            raise UsageProblem(f"{where}:{number}: {error}", _HINT) from error
    pairs = tuple((genotype, _mean(where, rows)) for genotype, rows in found.items())
    return Measurements(
        pairs, {genotype: _words([line for line, _ in rows]) for genotype, rows in found.items()}, stated
    )


def _words(lines: list[int]) -> str:
    """``line 7``, ``lines 7 and 9``."""
    if len(lines) == 1:
        return f"line {lines[0]}"
    return f"lines {', '.join(map(str, lines[:-1]))} and {lines[-1]}"


def _text(where: str, path: Path) -> str:
    """The whole file."""
    try:
        text = sys.stdin.read() if where == "stdin" else path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {where}", _HINT) from error
    except UnicodeDecodeError as error:
        raise UsageProblem(f"{where} is not UTF-8 text", _HINT) from error
    except OSError as error:
        raise UsageProblem(f"cannot read {where}: {reason_of(error)}", _HINT) from error
    return text.removeprefix("\ufeff")  # spreadsheets write a byte order mark


def _is_header(space: Space, genotype: str, cost: str, unit: str) -> bool:
    """Whether neither cell is what it should be; an empty cost is one."""
    if not cost or _number(cost) is not None:
        return False
    with suppress(UsageProblem):
        space.encode(genotype)
        return False
    with suppress(UsageProblem):
        parse_quantity(cost, unit)
        return False
    return True


def _unit_named(header: str, unit: str) -> str | None:
    """The last unit among the words of a column's header (``latency_ms``, ``energy [J]``)."""
    known = {suffix: own for own in ("ms", "mJ") for suffix in suffixes(own)}
    named = [word for word in _BETWEEN_WORDS.split(header) if word in known]
    if named and known[named[-1]] != unit:
        raise UsageProblem(f"the header says {named[-1]}, the metric is measured in {unit}")
    return named[-1] if named else None


def _agreed(header: str | None, option: str | None) -> str | None:
    """The unit that header and option name, if any."""
    if header and option and header != option:
        raise UsageProblem(f"the header says {header}, --unit {option}")
    return header or option


def _cost(text: str, unit: str, bare: str) -> float | None:
    """A cost in ``unit``, a number without one taken to be in ``bare``; None for an empty text."""
    if not text:
        return None
    number = _number(text)
    if number is None:
        return parse_quantity(text, unit)
    if number <= 0:
        raise UsageProblem(f"{text!r} is not a positive number")
    return parse_quantity(f"{number!r}{bare}", unit)


def _mean(where: str, rows: list[tuple[int, float | None]]) -> float | None:
    """The mean of a genotype's costs, given with their lines."""
    known = sorted((cost, line) for line, cost in rows if cost is not None)
    unknown = [line for line, cost in rows if cost is None]
    if known and unknown:
        lines, what = (known[0][1], unknown[0]), "a cost and none"
    elif known and known[-1][0] > CONTRADICTION * known[0][0]:
        lines, what = (known[0][1], known[-1][1]), f"costs that differ by a factor of {known[-1][0] / known[0][0]:.3g}"
    else:
        return sum(cost for cost, _ in known) / len(known) if known else None
    raise UsageProblem(
        f"{where}: lines {min(lines)} and {max(lines)} give one architecture {what}", "keep the one that is right"
    )


def _number(text: str) -> float | None:
    """``text`` as a finite number, or None."""
    try:
        return as_number(text)
    except ValueError:
        return None
