"""What a suite of ``dinas bench`` is made of: experiments run one by one, and the tables their results make."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

Results = Mapping[str, Mapping[str, Any]]
"""What experiments found, by their keys."""


@dataclass(frozen=True)
class Experiment:
    """One piece of work whose result is kept: a method on a benchmark with one seed, for example."""

    key: str
    """Unique in its suite and the same in every run: ``nasbench201@cifar10/evolution/seed3``."""
    run: Callable[[], dict[str, Any]]
    """Does the work; what it returns goes into a JSON file."""


@dataclass(frozen=True)
class Options:
    """How a suite is run."""

    spaces: tuple[str, ...]
    seeds: int
    work: Path
    """Folder for models that experiments train, kept between runs."""
    files: tuple[Path, ...] = ()
    """Benchmark files; empty: the imported tables."""
    quick: bool = False
    """Whether only those that :attr:`Suite.quick` names are run."""


@dataclass(frozen=True)
class Table:
    """A table of texts for people, the same on a terminal and in a document."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    """What its figures mean, and what they cannot be compared with."""


class Suite(Protocol):
    """A module's ``SUITE``: everything about one question."""

    name: str
    title: str
    spaces: tuple[str, ...]
    """What it can run on, and does by default."""
    seeds: int
    """How many seeds it takes by default."""
    quick: str
    """Regular expression of the keys of experiments that give a coarse picture in minutes."""

    def experiments(self, options: Options) -> Iterable[Experiment]:
        """All pieces of work, in the order in which they are to be run."""
        ...

    def tables(self, results: Results) -> list[Table]:
        """Tables of whatever results there are so far."""
        ...


def grouped(results: Results) -> dict[str, list[Mapping[str, Any]]]:
    """Results of the same experiment over its seeds: keys without their last part ``/seed<k>``, in order."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for key, result in results.items():
        name, _, last = key.rpartition("/")
        groups.setdefault(name if last.startswith("seed") else key, []).append(result)
    return groups


def mean_sd(values: Iterable[float | None], digits: int = 2) -> str:
    """``94.37 ± 0.00`` of the numbers among ``values``, with more digits where all are below 1; a dash without any."""
    found = [value for value in values if value is not None and not math.isnan(value)]
    if not found:
        return "–"
    digits += 2 if max(map(abs, found)) < 1 else 0
    mean = sum(found) / len(found)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in found) / len(found))
    return f"{mean:.{digits}f} ± {deviation:.{digits}f}"
