"""Trials that a program of the user's trains: it prints lines of JSON, the last of which has the metric."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from dinas_cli.exporting.plan import plan
from dinas_cli.files.atomic import atomic_write
from dinas_cli.files.text import brief
from dinas_cli.files.typed import is_number
from dinas_cli.search.command import keeper, template
from dinas_cli.search.runs.trial_files import LOG
from dinas_cli.search.trials import Beat, Result, Trial

SOURCE = "network.py"
GRACE = 5.0
"""Seconds that a program has to end after SIGTERM."""
_LONGEST = 1 << 20
"""Bytes of a line of JSON."""


@dataclass(frozen=True)
class CommandTrials:
    """A :class:`~dinas_cli.search.trials.BackEnd` that runs ``command`` once for every trial.

    The program is started in ``cwd`` and not by a shell; its output goes to the trial's log. It has failed with an
    exit status other than 0, without a line of JSON that has a finite number as ``metric``, and after ``timeout``
    seconds. Every such line that it prints counts as a sign of life, so one per epoch is welcome.
    """

    command: str
    metric: str = "accuracy"
    better: str = "max"
    epochs: int | None = None
    timeout: float | None = None
    skeleton: str | None = None
    sizes: Mapping[str, int | float | bool | None] = field(default_factory=dict)
    """Of the network in the source file: options of :func:`dinas_cli.spaces.shared.skeletons.choose`."""
    cwd: Path = field(default_factory=Path.cwd)

    @property
    def identity(self) -> Mapping[str, Any]:
        """What makes results comparable."""
        sizes = {name: size for name, size in self.sizes.items() if size is not None}
        return {
            "kind": "command",
            "command": self.command,
            "metric": self.metric,
            "better": self.better,
            **({"epochs": self.epochs} if self.epochs is not None else {}),
            **({"skeleton": self.skeleton} if self.skeleton is not None else {}),
            **sizes,
        }

    def run(self, trial: Trial, folder: Path, beat: Beat) -> Result:
        """Write the network's source into ``folder`` and run the program on it."""
        folder, words = folder.absolute(), template.parse(self.command)
        source = folder / SOURCE
        network = plan(trial.record, None, self.skeleton, self.sizes)
        atomic_write(source, network.source(), force=True)
        given = {
            "source": str(source),
            "id": network.record.id,
            "genotype": network.record.genotype,
            "epochs": "" if self.epochs is None else str(self.epochs),
            "folder": str(folder),
        }
        line = template.fill(words, given)
        started = time.monotonic()
        with open(folder / LOG, "ab", buffering=0) as log:
            log.write(f"$ {' '.join(line)}\n".encode(errors="backslashreplace"))
            last, status, late = self._run(line, log, beat)
        failed = self._failure(last, status, late)
        return Result(
            value=None if failed else float(last[self.metric]),
            metric=self.metric,
            better=self.better,
            seconds=time.monotonic() - started,
            epochs=self.epochs or 0,
            details=last,
            failed=failed,
        )

    def _run(self, line: list[str], log: IO[bytes], beat: Beat) -> tuple[dict[str, Any], int, bool]:
        """The last line of JSON, the exit status, and whether time was up."""
        last: dict[str, Any] = {}
        late = threading.Event()
        command = [sys.executable, "-I", keeper.__file__, str(GRACE), *line]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=log, cwd=self.cwd, start_new_session=True
        ) as process:
            stdin, stdout = process.stdin, process.stdout
            assert stdin is not None
            assert stdout is not None

            def end() -> None:
                late.set()
                _close(stdin)

            timer = threading.Timer(self.timeout or 0.0, end)
            timer.daemon = True
            if self.timeout is not None:
                timer.start()
            try:
                for text in iter(lambda: stdout.readline(_LONGEST), b""):
                    log.write(text)
                    found = _json(text)
                    if found is not None:
                        last = found
                        beat()
                process.wait()
            finally:  # also when interrupted, or when another worker has the trial
                timer.cancel()
                _close(stdin)
                process.wait()
                _close(stdout)
        return last, process.returncode, late.is_set()

    def _failure(self, last: Mapping[str, Any], status: int, late: bool) -> str:
        """Why a program that ended so has failed; empty: it has not."""
        if late:
            return f"it was not done after {self.timeout:g} s"
        if status:
            return f"its exit status is {status}"
        if not last:
            return "it printed no line of JSON"
        if self.metric not in last:
            return f"its last line of JSON has no {brief(self.metric)} (it has {', '.join(map(brief, last))})"
        if not is_number(last[self.metric]):
            return f"its {self.metric} is {brief(last[self.metric])}"
        return ""


def _json(text: bytes) -> dict[str, Any] | None:
    """The object that a line of output is, if it is one; of several after carriage returns the last."""
    line = text.strip().rpartition(b"\r")[2].strip()
    if not line.startswith(b"{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _close(stream: IO[bytes]) -> None:
    with suppress(OSError, ValueError):
        stream.close()
