"""What a run found so far, for people and spreadsheets (``summary.csv``) and for the next command (``best.json``)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dinas_cli.architectures.schema import Metric, Record, to_json_line
from dinas_cli.files.atomic import atomic_write
from dinas_cli.search.runs.trial_files import TrialFiles, read_status

SUMMARY, BEST = "summary.csv", "best.json"
COLUMNS = ("trial", "id", "source", "state", "value", "metric", "seconds", "epochs", "tries", "failed", "genotype")


def ranked(trials: Sequence[TrialFiles]) -> list[TrialFiles]:
    """The trials that have a value, the best first; of equal ones the earlier."""
    valued = [trial for trial in trials if trial.finished is not None and trial.finished.result.value is not None]
    return sorted(valued, key=lambda trial: (-(trial.told.value or 0.0), trial.trial.number))


def record_of(trial: TrialFiles) -> Record:
    """The record of a finished trial with what came out among its metrics, as measured."""
    assert trial.finished is not None
    result = trial.finished.result
    if result.value is None:
        return trial.trial.record
    value = Metric(result.value, result.unit, "measured", {"epochs": result.epochs} if result.epochs else {})
    return replace(trial.trial.record, metrics={result.metric: value, **trial.trial.record.metrics})


def write_summary(folder: Path, trials: Sequence[TrialFiles]) -> None:
    """Write both files anew; there is no ``best.json`` as long as no trial has a value."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(trial) for trial in trials)
    atomic_write(folder / SUMMARY, stream.getvalue(), force=True)
    best = ranked(trials)
    if best:
        atomic_write(folder / BEST, to_json_line(record_of(best[0])) + "\n", force=True)


def _row(trial: TrialFiles) -> list[object]:
    status, record = read_status(trial.folder), trial.trial.record
    head = [trial.trial.number, record.id, trial.trial.source]
    if trial.finished is None:
        return [*head, status.state, "", "", "", "", status.tries, "", record.genotype]
    result = trial.finished.result
    state = "failed" if result.value is None else "done"
    value = "" if result.value is None else repr(result.value)
    figures = [value, result.metric, f"{result.seconds:.3f}", result.epochs, status.tries]
    return [*head, state, *figures, " ".join(result.failed.split()), record.genotype]
