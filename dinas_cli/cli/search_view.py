"""How a run looks to people: a bar or a line per trial while it goes on, and the best networks at its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from dinas_cli.cli.output import Bar, Column, Sink
from dinas_cli.search.engines.watching import Seen
from dinas_cli.search.runs.folder import Run
from dinas_cli.search.runs.summary import BEST, ranked, record_of
from dinas_cli.search.runs.trial_files import TrialFiles
from dinas_cli.units import format_number

MOST = 10
"""Networks in the table that people see; pipes get all."""


def watcher(sink: Sink, bar: Bar, count: int) -> Callable[[Seen], None]:
    """What shows trials as they end, of ``count``; where there is no bar each has a line with the time left."""
    started, before = time.monotonic(), [-1]

    def show(seen: Seen) -> None:
        if before[0] < 0:
            before[0] = seen.ended - 1
        best = "" if seen.best is None else f", best {_number(seen.best)} (trial {seen.best.trial.number})"
        text = f"trial {seen.trial.trial.number}: {value_of(seen.trial)}{best}"
        bar.update(seen.ended, text)
        if not sink.stderr.isatty():
            left = (time.monotonic() - started) / (seen.ended - before[0]) * max(0, count - seen.ended)
            sink.say(f"{seen.ended} of {count}, {text}" + (f", {clock(left)} left" if left else ""))

    return show


def show_run(sink: Sink, run: Run) -> TrialFiles | None:
    """The best networks of a run, with what came out of them; returns the best, None where nothing came out."""
    trials = run.trials()
    best = ranked(trials)
    shown = best[:MOST] if sink.mode == "human" else best
    sink.records([record_of(trial) for trial in shown], [Column("trial", right=True)])
    failed = [trial for trial in trials if trial.finished is not None and trial.finished.result.value is None]
    for trial in failed:
        assert trial.finished is not None
        sink.warn(f"trial {trial.trial.number} failed: {trial.finished.result.failed} (see {trial.folder})")
    open_ = sum(trial.finished is None for trial in trials)
    counts = [f"{len(best)} trials", *([f"{len(failed)} failed"] if failed else [])]
    sink.say(f"{run.folder}: {', '.join([*counts, *([f'{open_} not done'] if open_ else [])])}")
    return best[0] if best else None


def say_next(sink: Sink, folder: Path, best: TrialFiles, command: str) -> None:
    """Which one is the best, and the next command for it."""
    sink.say(f"best: trial {best.trial.number}, {value_of(best)}; its record: {folder / BEST}")
    sink.say(f"now: {command}")


def value_of(trial: TrialFiles) -> str:
    """``accuracy 0.912``, or that it failed."""
    assert trial.finished is not None
    result = trial.finished.result
    return f"failed, {result.failed}" if result.value is None else f"{result.metric} {_number(trial)}"


def clock(seconds: float) -> str:
    """``1:02:05``, or ``2:05`` below an hour."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _number(trial: TrialFiles) -> str:
    result = trial.finished.result if trial.finished else None
    return "–" if result is None or result.value is None else format_number(result.value, result.unit)
