"""The part of docs/results.md with the suites of ``dinas bench``: their own tables, and plots of their results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.bench_plots import PICTURES
from benchmarks.choosing import PART
from benchmarks.common import RESULTS
from benchmarks.markdown import Section, command, parts, pm, sections, table
from benchmarks.plots import PLOTS, save
from dinas_cli.bench.experiments import Table
from dinas_cli.bench.runner import SUITES, Report, load_suite, read


def suites() -> list[str]:
    """One section per suite; a missing result file is said to be missing. Draws the plots on the way."""
    lines: list[str] = []
    for name in SUITES:
        path = RESULTS / f"bench-{name}.json"
        if not path.is_file():
            lines += [f"## Suite {name}", "", f"Not measured yet: `dinas bench --suite {name}`.", ""]
            continue
        suite, report = load_suite(name), read(path)
        lines += [f"## {suite.title}", ""]
        for title, draw in PICTURES.get(name, {}).items():
            lines += _picture(title, f"{name}-{draw.__name__.replace('_', '-')}", draw, report)
        for found in suite.tables(report.experiments):
            lines += _table(found)
        lines += [_about(report), "", *sections(BESIDE.get(name, {}), command)]
    return lines


def choosing(data: dict[str, Any]) -> list[str]:
    """Ways of choosing among candidates, on datasets that serve for nothing else."""
    found = [(problem, choice, left) for problem, choices in parts(data) for choice, left in choices.items()]
    heads = ["benchmark", "choice", *(f"better ones left after {k} look-ups" for k in found[0][2])]
    rows = [[problem, choice, *(pm(value, 1) for value in left.values())] for problem, choice, left in found]
    return [
        f"A predictor fitted to all look-ups so far chooses the next eight among what is left of {PART:,} random",
        f"architectures; {data['about']['seeds']} seeds. These datasets are in none of the tables above, so that the",
        "choice is not made on what is reported.",
        "",
        *table(heads, rows),
    ]


BESIDE: dict[str, dict[str, tuple[str, Section]]] = {
    "paper": {"choosing": ("How a search from few labels chooses among candidates", choosing)},
}
"""Result files that explain a suite, by its name: shown under it."""


def _picture(title: str, name: str, draw: Callable[[Any], Any], report: Report) -> list[str]:
    panels = draw(report.experiments)
    if not panels:
        return []
    path = save(panels, PLOTS / f"{name}.svg")
    return [f"![{title}](plots/{path.name})", ""]


def _table(found: Table) -> list[str]:
    lines = [f"**{found.title}**", "", *table(list(found.header), [list(row) for row in found.rows]), ""]
    return [*lines, found.note, ""] if found.note else lines


def _about(report: Report) -> str:
    about = report.about
    sums = ", ".join(
        f"{space} (generator `{found['generator']}`, surrogate `{found['surrogate']}`, {found['labels']:,} labels)"
        for space, found in about["checkpoints"].items()
    )
    return f"`{about['command']}` · {sums} · dinas {about['dinas']} · {about['machine']}"
