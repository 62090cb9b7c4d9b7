"""The page of what ``dinas bench`` measured, as :mod:`dinas_cli.report` takes it: tables, and how they were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from dinas_cli.files.version import __version__
from dinas_cli.report.page import Page, render
from dinas_cli.report.rows import Rows

if TYPE_CHECKING:
    from dinas_cli.bench.experiments import Suite
    from dinas_cli.bench.runner import Report


def page_of(reports: Sequence[tuple[Suite, Report]]) -> str:
    """The HTML of all tables of the suites; raises :class:`NotFoundError` without plotly."""
    return render(bench_page(reports))


def bench_page(reports: Sequence[tuple[Suite, Report]]) -> Page:
    """One table after the other; the caption says what suites there are, the facts with what weights each was run."""
    tables = [table for suite, report in reports for table in suite.tables(report.experiments)]
    titles = "; ".join(suite.title[:1].lower() + suite.title[1:] for suite, _ in reports)
    experiments = sum(len(report.experiments) for _, report in reports)
    facts = [fact for suite, report in reports for fact in _facts(suite, report)]
    return Page(
        title="Measured by dinas bench",
        caption=[
            f"{experiments:,} experiments of {len(reports)} suite{'s' * (len(reports) > 1)}: {titles}.",
            "Figures after ± are standard deviations over seeds. What stands under a table says what it must not be "
            "compared with.",
        ],
        rows=Rows([], [], {}),
        tables=[asdict(table) for table in tables],
        facts=[*facts, ("dinas", __version__)],
    )


def _facts(suite: Suite, report: Report) -> list[tuple[str, str]]:
    about = report.about
    weights = ", ".join(
        f"{name} {found['generator']} (surrogate {found['surrogate']}, {found['labels']:,} labels)"
        for name, found in about["checkpoints"].items()
    )
    made = f"{about['command']}; {about['seeds']} seeds, {about['date']}, {about['machine']}"
    return [(suite.name, made), (f"weights of {suite.name}", weights)]
