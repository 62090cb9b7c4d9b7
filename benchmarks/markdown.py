"""Figures as Markdown: tables, means with standard deviations, and how a result was made."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.common import RESULTS
from benchmarks.stale import stale

Section = Callable[[dict[str, Any]], list[str]]
"""What a result file holds -> the lines about it."""


def pm(value: dict[str, float], factor: float = 100, digits: int = 1) -> str:
    """Mean and standard deviation, by default of a share, in percent."""
    unit = " %" if factor == 100 else ""
    return f"{factor * value['mean']:.{digits}f} ± {factor * value['sd']:.{digits}f}{unit}"


def over_seeds(values: Sequence[float], digits: int = 1) -> str:
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
    """One section per result file of ``known``, by its title; a file that is missing is said to be missing.

    A section gets the file's results, ``about`` the facts of how they were made.
    """
    lines: list[str] = []
    for name, (title, section) in known.items():
        path = RESULTS / f"{name}.json"
        lines += [f"### {title}", ""]
        if not path.is_file():
            lines += [f"Not measured yet: `python -m benchmarks.{name}`.", ""]
            continue
        data = json.loads(path.read_text())
        lines += [*section(data), "", *about(data["about"]), ""]
    return lines


def parts(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a result file holds by name, without the facts of how it was made."""
    return ((name, part) for name, part in data.items() if name != "about")


def about(facts: dict[str, Any]) -> list[str]:
    """The line under a section: command, seeds, labels, checkpoints, machine."""
    sums = f"generator `{facts['checkpoint_sha256'][:12]}`, surrogate `{facts['surrogate_sha256'][:12]}`"
    return [
        f"`{facts['command']}` · {facts['seeds']} seeds · trained on {facts['label_budget']:,} labels · {sums} · "
        f"{facts['machine']} · {facts['date']}{earlier(facts)}"
    ]


def earlier(facts: Mapping[str, Any]) -> str:
    """What the line under a section says where its weights are no longer those in the package."""
    return f" · **of earlier weights** ({', '.join(found)})" if (found := stale(facts)) else ""


def command(facts: dict[str, Any]) -> list[str]:
    """The line under a section that uses no trained model: command and machine."""
    return [f"`{facts['command']}` · {facts['machine']} · {facts['date']}"]
