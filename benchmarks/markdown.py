"""Figures as Markdown: tables, means with standard deviations, and how a result was made."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from benchmarks.common import RESULTS
from dinas_cli.bench.runner import Report, read

Section = Callable[[dict[str, Any]], list[str]]
"""What a result file holds -> the lines about it."""


def pm(value: dict[str, float], factor: float = 100, digits: int = 1) -> str:
    """Mean and standard deviation, by default of a share, in percent."""
    unit = " %" if factor == 100 else ""
    return f"{factor * value['mean']:.{digits}f} ± {factor * value['sd']:.{digits}f}{unit}"


def plus_minus(values: Sequence[float], digits: int = 1) -> str:
    """Mean and standard deviation of plain numbers, one per seed."""
    return f"{np.mean(values):.{digits}f} ± {np.std(values):.{digits}f}"


def part_of(found: dict[str, Any] | None) -> str:
    """The share of a part of the samples, and how many these are; a dash where there are none."""
    if not found or found["share"] is None:
        return "–"
    different = f", {found['different']:,} different" if "different" in found else ""
    return f"{pm(found['share'])} of {found['samples']:,}{different}"


def wrapped(text: str) -> list[str]:
    """Lines of at most 112 characters."""
    return textwrap.wrap(text, 112, break_long_words=False, break_on_hyphens=False)


def checked(limits: Iterable[Mapping[str, Any]]) -> tuple[int, float]:
    """Of rows that the check takes to keep a limit: how many over all limits, and the share that do, as measured."""
    checks = [check for found in limits if (check := found["check"])["rows"]]
    rows = sum(check["rows"] for check in checks)
    return rows, sum(check["rows"] * check["kept"] for check in checks) / max(rows, 1)


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """Lines of a table."""
    return ["| " + " | ".join(cells) + " |" for cells in (heads, ["---"] * len(heads), *rows)]


def figure(alt: str, path: str, caption: str) -> list[str]:
    """A picture by the reader's theme, ``path`` without ``-light.svg``, with its caption under it."""
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{path}-dark.svg">'
    return [f'<picture>{dark}<img alt="{alt}" src="{path}-light.svg"></picture>', "", f"*{caption}*", ""]


def sections(known: Mapping[str, tuple[str, Section]], about: Section) -> list[str]:
    """One section per result file of ``known``, by its title.

    A section gets the file's results, ``about`` the facts of how they were made.
    """
    lines: list[str] = []
    for name, (title, section) in known.items():
        data = result(name)
        lines += [f"### {title}", "", *section(data), "", *about(data["about"]), ""]
    return lines


@cache
def result(name: str) -> Any:
    """What the result file called ``name`` holds."""
    return json.loads((RESULTS / f"{name}.json").read_text())


@cache
def suite_results(suite: str) -> Report:
    """The results of a suite of ``dinas bench``."""
    return read(RESULTS / f"bench-{suite}.json")


def parts(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a result file holds by name, without the facts of how it was made."""
    return ((name, part) for name, part in data.items() if name != "about")


def about(facts: dict[str, Any]) -> list[str]:
    """The line under a section: command, seeds, labels, checkpoints, machine."""
    sums = {"generator": "checkpoint_sha256", "surrogate": "surrogate_sha256"}
    weights = ", ".join(f"{kind} `{facts[key][:12]}`" for kind, key in sums.items() if key in facts)
    return [
        f"`{facts['command']}` · {facts['seeds']} seeds · trained on {facts['label_budget']:,} labels · "
        f"{weights or 'weights of its own'} · {facts['machine']} · {facts['date']}"
    ]


def command(facts: dict[str, Any]) -> list[str]:
    """The line under a section that uses no trained model: command and machine."""
    return [f"`{facts['command']}` · {facts['machine']} · {facts['date']}"]
