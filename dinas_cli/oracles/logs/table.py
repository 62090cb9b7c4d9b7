"""Measurements as users write them down: TSV or CSV with a genotype or id and a cost per line."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from contextlib import suppress

from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import as_number
from dinas_cli.oracles.logs.cost import HINT, Cost
from dinas_cli.units import parse_quantity, suffixes

_BETWEEN_WORDS = re.compile(r"[\s_()\[\]/,.:;-]+")


def read(text: str, where: str, known: Callable[[str], str], unit: str, bare: str | None) -> Iterator[Cost]:
    """The costs of a table, those with a unit in ``unit``, those without in the header's, or in ``bare``, if any.

    Empty lines and comments (``#``) are passed over, so is what else a header line says. ``known`` raises
    :class:`UsageProblem` for what names no architecture. Raises :class:`UsageProblem` naming the line.
    """
    delimiter = "\t" if "\t" in text else ","
    first = True
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
            if header and _is_header(known, cells[0], cells[1], unit):
                bare = _agreed(_unit_named(cells[1], unit), bare)
                continue
            genotype = known(cells[0])
            yield _cost(genotype, cells[1], unit, bare, number)
        except (csv.Error, UsageProblem) as error:
            raise UsageProblem(f"{where}:{number}: {error}", HINT) from error


def quantity(text: str, unit: str) -> float | None:
    """A number in ``unit`` if that is all there is in a text, with or without its unit; None otherwise."""
    with suppress(UsageProblem, ValueError):
        return parse_quantity(text, unit) if _number(text) is None else as_number(text)
    return None


def _cost(genotype: str, text: str, unit: str, bare: str | None, line: int) -> Cost:
    """The cost of one line; an empty text means that the network does not run."""
    if not text:
        return Cost(None, bare or unit, genotype, line)
    number = _number(text)
    if number is None:
        return Cost(parse_quantity(text, unit), unit, genotype, line)
    if number <= 0:
        raise UsageProblem(f"{text!r} is not a positive number")
    return Cost(number, bare, genotype, line)


def _is_header(known: Callable[[str], str], genotype: str, cost: str, unit: str) -> bool:
    """Whether neither cell is what it should be; an empty cost is one."""
    if not cost or _number(cost) is not None:
        return False
    with suppress(UsageProblem):
        known(genotype)
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


def _number(text: str) -> float | None:
    """``text`` as a finite number, or None."""
    try:
        return as_number(text)
    except ValueError:
        return None
