"""The folder of a search as a front and a page: its trials, how they went, and which of them nothing dominates."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.cli import front_view
from dinas_cli.cli.output import Sink
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.files.atomic import atomic_write
from dinas_cli.files.columns import split_column

if TYPE_CHECKING:
    from dinas_cli.architectures.schema import Record
    from dinas_cli.generation.front import Front
    from dinas_cli.generation.objectives import Objective
    from dinas_cli.search.runs.folder import Run
    from dinas_cli.search.runs.trial_files import TrialFiles

REFRESH = 5
"""Seconds after which a page of a search at work loads itself again."""
IDLE = 20.0
"""Seconds without anybody at work after which a search counts as ended."""


def show_run(
    sink: Sink, folder: Path, asked: front_view.Asked, output: Path | None, svg: Path | None, *, force: bool
) -> None:
    """The front of a run's trials, as that of records is shown; a page has progress and learning curves besides.

    Raises :class:`DinasError` where no trial has a value yet, and where a front cannot be made without a page.
    """
    from dinas_cli.search.runs.folder import Run

    run = Run(folder)
    if output is not None and output.suffix == ".html":
        atomic_write(output, page_of_run(run, asked), force=force)
        sink.say(f"wrote {output}")
        output = None
        if svg is None:
            return
    front_view.show(sink, front_of_trials(run, some_values(run, run.trials()), asked), asked, output, svg, force=force)


def watch_run(sink: Sink, folder: Path, asked: front_view.Asked, output: Path) -> None:
    """Write the page of a run anew after every result, until nobody works on it any more."""
    from dinas_cli.search.runs import leases
    from dinas_cli.search.runs.folder import Run

    run, seen, idle_since = Run(folder), (-1, -1), time.monotonic()
    sink.say(f"watching {folder}: open {output}, which renews itself; Ctrl-C ends it")
    try:
        while time.monotonic() < idle_since + IDLE:
            trials = run.trials()
            ended = sum(trial.finished is not None for trial in trials)
            if (len(trials), ended) != seen and values_of(trials):
                seen = len(trials), ended
                atomic_write(output, page_of_run(run, asked, REFRESH), force=True)
            now = leases.file_system_time(folder)
            if any(trial.finished is None and leases.alive(trial.folder, now) for trial in trials):
                idle_since = time.monotonic()
            time.sleep(1)
    finally:
        if values_of(run.trials()):
            atomic_write(output, page_of_run(run, asked), force=True)
            sink.say(f"wrote {output}")


def values_of(trials: list[TrialFiles]) -> list[TrialFiles]:
    """The trials with a value, in the order in which they ended."""
    from dinas_cli.search.runs.folder import in_order

    return [trial for trial in in_order(trials) if trial.finished and trial.finished.result.value is not None]


def some_values(run: Run, trials: list[TrialFiles]) -> list[TrialFiles]:
    """The same; raises :class:`DinasError` where there are none."""
    found = values_of(trials)
    if not found:
        raise DinasError(f"no trial of {run.folder} has a value yet", f"dinas search -o {run.folder}")
    return found


def records_of(trials: list[TrialFiles]) -> list[Record]:
    """Records of trials with a value, numbered by ``trial`` in their provenance."""
    from dinas_cli.search.runs.summary import record_of

    found = []
    for trial in trials:
        record = record_of(trial)
        found.append(replace(record, provenance={**record.provenance, "trial": trial.trial.number}))
    return found


def front_of_trials(run: Run, valued: list[TrialFiles], asked: front_view.Asked) -> Front:
    """The front of the trials' value and what else is asked for; raises :class:`DinasError` where there is none."""
    from dinas_cli.generation.front_of_records import front_among

    records = records_of(valued)
    return front_among(records, objectives_of(run, valued, records, asked))


def objectives_of(
    run: Run, trials: list[TrialFiles], records: list[Record], asked: front_view.Asked
) -> list[Objective]:
    """What trials are judged by, and the costs that are limited or known of all of them.

    Raises :class:`UsageProblem` where no record has a cost, or where ``--of`` names what they do not have.
    """
    from dinas_cli.generation.front_of_records import columns_of_all
    from dinas_cli.generation.objectives import MOST, Objective, check_number, objective_of
    from dinas_cli.spaces.registry import get_space

    assert trials[0].finished is not None
    result = trials[0].finished.result
    value = Objective(result.metric, result.unit, result.better == "max")
    space = get_space(run.about["space"])
    has = columns_of_all(records)
    known = {spec.name: spec for spec in space.metrics}
    costs = [column for column in has if column != result.metric and known.get(split_column(column)[0]) is not None]
    if asked.names:
        found = []
        for name in asked.names:
            fitting = [key for key in costs if name in (key, split_column(key)[0], key.partition("@")[0])]
            if name != result.metric and not fitting:
                raise UsageProblem(
                    f"the trials of {run.folder} have no {name}", f"they have: {', '.join([result.metric, *costs])}"
                )
            found.append(value if name == result.metric else objective_of(space, fitting[0]))
        check_number(found)
        return found
    limited = [budget["metric"] for budget in run.about["request"].get("budgets", ())]
    costs = [column for column in costs if known[split_column(column)[0]].better == "min"]
    costs.sort(key=lambda column: split_column(column)[0] not in limited)
    if not costs:
        raise UsageProblem(f"the trials of {run.folder} have no cost", "a page shows them all the same: -o run.html")
    return [value, *(objective_of(space, column) for column in costs[: max(1, min(len(limited), MOST - 1))])]


def page_of_run(run: Run, asked: front_view.Asked, refresh: int = 0) -> str:
    """The HTML of a run's page; raises as :func:`front_of_trials` but for runs without costs, which have no front."""
    from dinas_cli.cli.front_page import better_of, front_page, ordered, provenance
    from dinas_cli.report.page import Page, render
    from dinas_cli.report.pictures import pictures
    from dinas_cli.report.rows import Rows, columns_of
    from dinas_cli.report.words import sources
    from dinas_cli.search.runs.folder import in_order

    trials = run.trials()
    valued = some_values(run, trials)
    records = records_of(valued)
    assert valued[0].finished is not None
    result = valued[0].finished.result
    try:
        page = front_page(front_of_trials(run, valued, asked), asked)
        records = list(page.rows.records)
    except DinasError:
        if asked.names:
            raise
        columns = ordered(columns_of(records, lambda key: better_of(records, key)), [result.metric])
        page = Page("", sources(records), Rows(records, columns, {}), facts=provenance(records, asked.command))
        page.pictures = pictures(records, range(len(records)))
    row_of = {record.provenance["trial"]: row for row, record in enumerate(records)}
    open_ = sum(trial.finished is None for trial in trials)
    failed = sum(trial.finished is not None for trial in trials) - len(valued)
    counts = f"{len(valued)} trials ended with a value, {failed} failed, {open_} are not done."
    page.title = f"Search {run.folder.name}"
    page.caption = [f"A search for the network with the best {result.metric}. {counts}", *page.caption]
    page.rows = replace(
        page.rows, labels={"trial": [record.provenance["trial"] for record in records], **page.rows.labels}
    )
    page.progress = [
        {
            "trial": trial.trial.number,
            "row": row_of.get(trial.trial.number),
            "value": trial.finished.result.value if trial.finished else None,
            "source": trial.trial.source,
        }
        for trial in in_order(trials)
    ]
    page.curves = [
        {"name": f"trial {trial.trial.number}", "row": row_of[trial.trial.number], "values": curve}
        for trial in valued
        if trial.finished and len(curve := curve_of(trial.finished.result.details)) > 1
    ]
    page.value, page.better, page.refresh = result.metric, result.better, refresh
    return render(page)


def curve_of(details: object) -> list[float]:
    """What a trial reached after every epoch, where its trainer tells."""
    values = details.get("accuracies") if isinstance(details, dict) else None
    return [float(value) for value in values if isinstance(value, int | float)] if isinstance(values, list) else []
