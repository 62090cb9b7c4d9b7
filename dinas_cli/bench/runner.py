"""Runs the experiments of a suite that have no result yet, and keeps what is found whatever ends the run."""

from __future__ import annotations

import json
import platform
import re
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from dinas_cli.bench.experiments import Experiment, Options, Suite
from dinas_cli.errors import CorruptFileError, DinasError, find_name
from dinas_cli.files.atomic import atomic_write, check_target
from dinas_cli.files.locks import locked
from dinas_cli.files.version import __version__

SCHEMA = "dinas/bench@2"
SAVE_EVERY = 5.0
"""Seconds of finished work that a crash of the machine may cost; an interrupt or an error costs nothing."""
SUITES = ("paper", "constraints", "speed", "samplers")
ALL = "all"
"""Stands for all of them, one after the other."""

Progress = Callable[[int, int, str], None]
"""Called with how many experiments are done, of how many, and the key of the next one."""
Placed = tuple[str, dict[str, Any]]
"""The key of an experiment and its result."""
Place = Callable[[Suite, Options, Sequence[Experiment], Callable[[str], None]], Iterator[Placed]]
"""Runs experiments somewhere, in any order; see :func:`one_by_one`."""


@dataclass
class Report:
    """A suite's results with what is needed to repeat them."""

    about: dict[str, Any]
    experiments: dict[str, dict[str, Any]] = field(default_factory=dict)


def load_suite(name: str) -> Suite:
    """The suite called ``name``; raise :class:`UsageProblem` with a suggestion otherwise."""
    suite: Suite = import_module(f"dinas_cli.bench.suites.{find_name(name, SUITES, 'suite')}").SUITE
    return suite


def run(
    suite: Suite,
    options: Options,
    path: Path,
    *,
    command: str = "",
    force: bool = False,
    progress: Progress = lambda _done, _of, _key: None,
    place: Place | None = None,
) -> Report:
    """Run what is missing in ``path`` and return everything that was asked for.

    Results of other weights than the ones in use, or of another version, are refused unless ``force``, which starts
    anew: figures of different models must not be averaged. ``place`` is who runs them (None: this process, one by one).
    A second run into the same file is refused. Raises
    :class:`CorruptFileError` for a file that is none of this suite.
    """
    about = {
        "suite": suite.name,
        "command": command,
        "dinas": __version__,
        "checkpoints": _weights(options.spaces),
        "seeds": options.seeds,
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
    }
    report = Report(about)
    with locked(check_target(path, force=True), wait=0):
        if path.exists() and not force:
            report.experiments = _continue(path, suite, about)
        experiments = list(chosen(suite, options))
        missing = [experiment for experiment in experiments if experiment.key not in report.experiments]

        def announce(key: str) -> None:
            here = sum(experiment.key in report.experiments for experiment in experiments)
            progress(here, len(experiments), key)

        saved = time.monotonic()
        try:
            for key, result in (place or one_by_one)(suite, options, missing, announce):
                report.experiments[key] = result
                if time.monotonic() > saved + SAVE_EVERY:
                    write(report, path)
                    saved = time.monotonic()
        finally:
            write(report, path)
    progress(len(experiments), len(experiments), "")
    return Report(about, {experiment.key: report.experiments[experiment.key] for experiment in experiments})


def chosen(suite: Suite, options: Options) -> Iterator[Experiment]:
    """The suite's experiments, or those of its coarse version, from which a whole run goes on."""
    for experiment in suite.experiments(options):
        if not options.quick or re.fullmatch(suite.quick, experiment.key):
            yield experiment


def one_by_one(
    suite: Suite, options: Options, missing: Sequence[Experiment], announce: Callable[[str], None]
) -> Iterator[Placed]:
    """Results of experiments in their order, run in this process; ``announce`` hears the key of the next one."""
    for experiment in missing:
        announce(experiment.key)
        yield experiment.key, timed(experiment)


def timed(experiment: Experiment) -> dict[str, Any]:
    """The result of an experiment with the seconds that it took."""
    started = time.perf_counter()
    result = experiment.run()
    return {**result, "seconds": round(time.perf_counter() - started, 3)}


def read(path: Path, *, whole: bool = False) -> Report:
    """A report from its file; raise :class:`CorruptFileError` when it is none, or was altered since it was written.

    ``whole``: refuse files of earlier versions, too, in which nothing tells whether they were.
    """
    try:
        data = json.loads(path.read_text())
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {data['schema']!r}")
        report = Report(dict(data["about"]), dict(data["experiments"]))
        if data.get("crc32", None if whole else _checksum(report)) != _checksum(report):
            raise ValueError("they are not what was written")
        return report
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptFileError(
            f"{path} holds no results of dinas bench: {error}", "start anew with --force, or choose another --out"
        ) from error


def write(report: Report, path: Path) -> None:
    """Write a report, one experiment per line, completely or not at all."""
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(result)}" for key, result in report.experiments.items())
    head = f'"schema": {json.dumps(SCHEMA)},\n"about": {json.dumps(report.about)},\n'
    text = f'{{{head}"crc32": {_checksum(report)},\n"experiments": {{\n{lines}\n}}}}\n'
    atomic_write(path, text, force=True)


def _checksum(report: Report) -> int:
    """CRC-32 of a report's content, however it is laid out."""
    return zlib.crc32(json.dumps([report.about, report.experiments], sort_keys=True).encode())


def _continue(path: Path, suite: Suite, about: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The results in ``path``, if they may stand beside new ones."""
    found = read(path, whole=True)
    if found.about.get("suite") != suite.name:
        raise DinasError(f"{path} holds results of suite {found.about.get('suite')!r}", "choose another --out")
    before, now = found.about.get("checkpoints", {}), about["checkpoints"]
    changed = sorted(name for name in before.keys() & now.keys() if before[name] != now[name])
    if changed:
        raise DinasError(
            f"{path} holds results of other weights of {', '.join(changed)}", "start anew with --force, or --out"
        )
    about["checkpoints"] = before | now
    return found.experiments


def _weights(spaces: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Hashes and label budgets of the default weights of every space."""
    from dinas_cli.checkpoints.registry import default_checkpoint

    found = {}
    for name in spaces:
        entries = {kind: default_checkpoint(name, kind) for kind in ("generator", "surrogate")}
        found[name] = {
            **{kind: entry.sha256[:12] for kind, entry in entries.items()},
            "labels": entries["generator"].label_budget,
        }
    return found
