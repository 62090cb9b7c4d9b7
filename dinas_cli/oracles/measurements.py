"""Measurements of a device, in files or folders of any format that measuring tools write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import UsageProblem
from dinas_cli.oracles.logs.cost import Cost
from dinas_cli.oracles.logs.formats import costs
from dinas_cli.oracles.logs.names import HINT, Names
from dinas_cli.units import parse_quantity

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

MOST = 1000
"""Measurements of a device that are kept: more say hardly more, and every fit is of all of them."""
CONTRADICTION = 1.5
"""Factor between two costs of one genotype from which on they cannot both be right."""
BESIDE = frozenset(
    {".jsonl", ".py", ".pyc", ".md", ".onnx", ".ort", ".data", ".safetensors", ".tflite", ".pte", ".pt2"}
    | {".engine", ".plan", ".etrecord", ".bin"}
)
"""Endings of what lies among measurements in a folder: networks, records, notes."""


@dataclass(frozen=True)
class Measurements:
    """What a file or folder says of a device."""

    pairs: tuple[tuple[str, float | None], ...]
    """Genotypes and costs; None where an architecture does not run."""
    lines: dict[str, str]
    """Where each genotype is, in words: ``line 7``, ``NAME.log, line 3``."""
    stated: bool
    """Whether all costs had a unit: their own, the header's, the tool's or the option's."""

    def at_most(self, most: int) -> Measurements:
        """These, or a repeatable random sample of so many of them, in their order."""
        if len(self.pairs) <= most:
            return self
        import numpy as np

        kept = np.sort(np.random.default_rng(0).choice(len(self.pairs), most, replace=False))
        return replace(self, pairs=tuple(self.pairs[place] for place in kept))


@dataclass(frozen=True)
class _Row:
    """A cost in the metric's unit, and where it stands."""

    cost: float | None
    place: str
    line: int | None


def read_measurements(space: Space, path: Path, unit: str = "ms", bare: str | None = None) -> Measurements:
    """Genotypes and costs in ``unit`` (``"ms"`` or ``"mJ"``) of a file, a folder or standard input (``-``).

    A cost has its own unit, or the one that its tool or header says, or ``bare``, or ``unit``. Repeated genotypes get
    the mean of their costs. Networks are named by genotype, or by an id of records beside the file; where a log does
    not name its network, the name of the file does.
    Raises :class:`UsageProblem` naming the line that cannot be read or both lines that contradict each other,
    :class:`NotFoundError` for a missing file.
    """
    folder = path.is_dir()
    names = Names(space, path if folder else None if str(path) == "-" else path.parent)
    found: dict[str, list[_Row]] = {}
    stated = True
    for file in _files(path) if folder else [path]:
        for cost in _named(file, names, unit, bare, alone=not folder):
            where = "stdin" if str(file) == "-" else str(file)
            row = _Row(_in_unit(where, cost, unit, bare), file.name if folder else "", cost.line)
            found.setdefault(cost.name, []).append(row)
            stated = stated and (cost.unit or bare) is not None
    pairs = tuple(
        (genotype, _mean("stdin" if str(path) == "-" else str(path), rows)) for genotype, rows in found.items()
    )
    return Measurements(pairs, {genotype: _words(rows) for genotype, rows in found.items()}, stated)


def _files(folder: Path) -> list[Path]:
    """The files of a folder that may hold measurements; raises :class:`UsageProblem` where there are none."""
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".") and path.suffix.lower() not in BESIDE
    ]
    if not found:
        raise UsageProblem(f"{folder} holds no measurements", HINT)
    return found


def _named(file: Path, names: Names, unit: str, bare: str | None, *, alone: bool) -> Iterator[Cost]:
    """The costs of a file by genotype; a log of one network may say its name or leave that to the file."""
    where = "stdin" if str(file) == "-" else str(file)
    rows = costs(file, names, unit, bare, alone=alone)
    first = next(rows, None)
    if first is None:
        return
    second = next(rows, None)
    if second is None:
        yield _name(first, [first.name, "" if where == "stdin" else file.name], names, where)
        return
    for cost in (first, second, *rows):
        yield _name(cost, [cost.name], names, where)


def _name(cost: Cost, candidates: list[str], names: Names, where: str) -> Cost:
    """The cost with the genotype that the first of the ``candidates`` to mean one means."""
    problem = UsageProblem("no word on which network this is", HINT)
    for candidate in filter(None, candidates):
        try:
            return replace(cost, name=names.of_file(candidate))
        except UsageProblem as error:
            problem = error
    place = where if cost.line is None else f"{where}:{cost.line}"
    raise UsageProblem(f"{place}: {problem.message}", problem.hint) from problem


def _in_unit(where: str, cost: Cost, unit: str, bare: str | None) -> float | None:
    """A cost in the metric's unit; raises :class:`UsageProblem` for a time where energies are wanted."""
    if cost.number is None:
        return None
    if cost.unit == unit:
        return cost.number
    try:
        return parse_quantity(f"{cost.number!r}{cost.unit or bare or unit}", unit)
    except UsageProblem as error:
        raise UsageProblem(f"{where}: {error.message}", error.hint) from error


def _mean(where: str, rows: list[_Row]) -> float | None:
    """The mean of a genotype's costs."""
    known = sorted((row for row in rows if row.cost is not None), key=lambda row: row.cost or 0)
    unknown = [row for row in rows if row.cost is None]
    if known and unknown:
        both, what = [known[0], unknown[0]], "a cost and none"
    else:
        values = [row.cost for row in known if row.cost is not None]
        if not values or values[-1] <= CONTRADICTION * values[0]:
            return sum(values) / len(values) if values else None
        both, what = [known[0], known[-1]], f"costs that differ by a factor of {values[-1] / values[0]:.3g}"
    both.sort(key=lambda row: (row.place, row.line or 0))
    raise UsageProblem(f"{where}: {_words(both)} give one architecture {what}", "keep the one that is right")


def _words(rows: list[_Row]) -> str:
    """``line 7``, ``lines 7 and 9``, ``a.log, line 7, and b.log``."""
    if any(row.place for row in rows):
        return ", and ".join(row.place + ("" if row.line is None else f", line {row.line}") for row in rows)
    lines = [str(row.line) for row in rows if row.line is not None]
    if len(lines) < 2:
        return f"line {lines[0]}" if lines else "the file"
    return f"lines {', '.join(lines[:-1])} and {lines[-1]}"
