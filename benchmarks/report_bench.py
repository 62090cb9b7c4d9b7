"""The part of docs/results with the suites of ``dinas bench``: their own tables, and plots of their results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.bench_plots import PICTURES, SMALL, panels_named
from benchmarks.choosing import PART
from benchmarks.markdown import Section, command, figure, parts, pm, sections, suite_results, table
from benchmarks.plots import save_both
from dinas_cli.bench.experiments import Table
from dinas_cli.bench.runner import Report, load_suite


def suite(name: str) -> Callable[[], list[str]]:
    """The section of a suite. Draws its plots on the way."""
    return lambda: _suite(name)


def _suite(name: str) -> list[str]:
    known, report = load_suite(name), suite_results(name)
    lines = [f"## {known.title}", ""]
    for title, (draw, caption) in PICTURES.get(name, {}).items():
        if panels := draw(report.experiments):
            file = f"{name}-{draw.__name__.replace('_', '-')}"
            save_both(panels, file)
            lines += figure(title, f"../plots/{file}", caption)
    for found in known.tables(report.experiments):
        lines += _table(found)
    return [*lines, _about(report), "", *sections(BESIDE.get(name, {}), command)]


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


def small_figures(folder: str) -> list[str]:
    """The README's figures, drawn and shown; ``folder`` is where that file finds them."""
    lines: list[str] = []
    for name, (of_suite, draw, titles, caption) in SMALL.items():
        if panels := panels_named(draw(suite_results(of_suite).experiments), titles):
            save_both(panels, f"readme-{name}")
            lines += figure(caption.partition(":")[0], f"{folder}/readme-{name}", caption)
    return lines


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
