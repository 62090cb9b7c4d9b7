"""The files of one trial, for people and for programs: what is tried, how it stands, what came out."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dinas_cli.architectures.records import check_record
from dinas_cli.architectures.schema import RecordError, from_json
from dinas_cli.errors import CorruptFileError, NotFoundError, UsageProblem, reason_of
from dinas_cli.files.atomic import atomic_write
from dinas_cli.files.typed import Fields, is_number
from dinas_cli.search.trials import Result, Told, Trial

TRIAL, STATUS, RESULT, LOG = "trial.json", "status.json", "result.json", "log.txt"
TRIAL_SCHEMA, RESULT_SCHEMA = "dinas/trial@1", "dinas/result@1"
TAIL = 5
"""Lines of a log that a message has."""
_HINT = "take its folder away to have it tried again"


@dataclass(frozen=True)
class Finished:
    """A result, and the place of its trial among those that came to an end."""

    result: Result
    place: int
    """From 0 on."""


@dataclass(frozen=True)
class Status:
    """How a trial stands, and how many workers have begun it."""

    state: str
    """``waiting``, ``running``, ``done`` or ``failed``."""
    tries: int = 0
    worker: str = ""


@dataclass(frozen=True)
class TrialFiles:
    """One trial as its folder has it."""

    folder: Path
    trial: Trial
    finished: Finished | None

    @property
    def told(self) -> Told:
        """What proposals see of it; only of a finished one."""
        assert self.finished is not None
        result = self.finished.result
        sign = -1.0 if result.better == "min" else 1.0
        return Told(self.trial.record, None if result.value is None else sign * result.value, self.trial.source)


def read_trial(folder: Path) -> TrialFiles | None:
    """The trial in ``folder``; None where it has none yet. Raises :class:`CorruptFileError` for anything else."""
    data = read_json(folder / TRIAL, missing=None)
    if data is None:
        return None
    try:
        fields = Fields(data, "trial")
        if fields.text("schema") != TRIAL_SCHEMA:
            raise ValueError(f"schema {fields.text('schema')[:40]!r}")
        record = check_record(from_json(json.dumps(data["record"])), None, f"{folder / TRIAL}")
        trial = Trial(fields.whole("number"), record, fields.text("source"))
    except (ValueError, LookupError, RecordError, UsageProblem) as error:
        raise CorruptFileError(f"{folder / TRIAL} is no trial: {error}", _HINT) from error
    return TrialFiles(folder, trial, read_result(folder))


def write_trial(folder: Path, trial: Trial) -> None:
    """Make the trial known; its folder exists already."""
    record = replace(trial.record, provenance={**trial.record.provenance, "trial": trial.number})
    data = {"schema": TRIAL_SCHEMA, "number": trial.number, "source": trial.source, "record": record.to_dict()}
    write_json(folder / TRIAL, data)


def read_result(folder: Path) -> Finished | None:
    """What came out of the trial in ``folder``; None: nothing yet."""
    data = read_json(folder / RESULT, missing=None)
    if data is None:
        return None
    try:
        fields = Fields(data, "result")
        if fields.text("schema") != RESULT_SCHEMA:
            raise ValueError(f"schema {fields.text('schema')[:40]!r}")
        value, seconds, better = data["value"], data["seconds"], fields.text("better")
        if not (value is None or is_number(value)) or not is_number(seconds) or better not in ("max", "min"):
            raise ValueError("value, seconds or better is none")
        found = Result(
            value=value,
            metric=fields.text("metric"),
            unit=fields.text("unit"),
            better=better,
            seconds=seconds,
            epochs=fields.whole("epochs"),
            details=dict(data["details"]),
            failed=fields.text("failed"),
        )
        return Finished(found, fields.whole("place"))
    except (ValueError, LookupError, TypeError) as error:
        raise CorruptFileError(f"{folder / RESULT} is no result: {error}", _HINT) from error


def write_result(folder: Path, result: Result, place: int) -> None:
    """Write what came out; raises :class:`DinasError` where there is a result already."""
    value = result.value if result.value is not None and math.isfinite(result.value) else None
    data = {
        "schema": RESULT_SCHEMA,
        "value": value,
        "metric": result.metric,
        "unit": result.unit,
        "better": result.better,
        "failed": result.failed or ("" if value is not None else "no value"),
        "seconds": round(result.seconds, 3),
        "epochs": result.epochs,
        "place": place,
        "details": finite(result.details),
    }
    atomic_write(folder / RESULT, as_text(data))


def read_status(folder: Path) -> Status:
    """How the trial stands, as its last worker wrote it."""
    data = read_json(folder / STATUS, missing={})
    try:
        fields = Fields(data, "status")
        return Status(fields.text("state"), fields.whole("tries"), fields.text("worker")) if data else Status("waiting")
    except ValueError as error:
        raise CorruptFileError(f"{folder / STATUS} is no status: {error}", "remove it") from error


def write_status(folder: Path, status: Status) -> None:
    """Say how the trial stands."""
    write_json(folder / STATUS, {"state": status.state, "tries": status.tries, "worker": status.worker})


def tail(folder: Path) -> str:
    """The last lines of the trial's log, joined for a message; empty without a log."""
    try:
        with open(folder / LOG, "rb") as stream:
            stream.seek(max(0, stream.seek(0, 2) - 4096))
            text = stream.read().decode(errors="replace")
    except OSError:
        return ""
    return " | ".join([line.strip() for line in text.splitlines() if line.strip()][-TAIL:])


def read_json(path: Path, missing: Any) -> Any:
    """What a JSON file holds, ``missing`` where there is none; raises :class:`CorruptFileError` for anything else."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return missing
    except NotADirectoryError as error:
        raise NotFoundError(f"no such file: {path}") from error
    except OSError as error:
        raise CorruptFileError(f"cannot read {path}: {reason_of(error)}") from error
    except (ValueError, RecursionError) as error:
        raise CorruptFileError(f"{path} is not JSON: {error}", _HINT) from error


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write a JSON file anew, completely or not at all."""
    atomic_write(path, as_text(data), force=True)


def as_text(data: Mapping[str, Any]) -> str:
    """JSON for people: a line per member."""
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def finite(value: Any) -> Any:
    """``value`` as strict JSON can hold it: NaN and infinities become None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    return finite(value.tolist()) if hasattr(value, "tolist") else str(value)
