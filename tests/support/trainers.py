"""Back ends and proposals for tests of runs: quick ones, whose every step leaves a trace in the folder of its trial."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dinas_cli.architectures.conditions import Request
from dinas_cli.architectures.schema import Record
from dinas_cli.search.runs.folder import Run
from dinas_cli.search.runs.identity import Identity
from dinas_cli.search.runs.worker import Work
from dinas_cli.search.trials import Beat, Result, Told, Trial
from dinas_cli.spaces.registry import get_space

SPACE = "nasbench201"


@dataclass(frozen=True)
class Steps:
    """Trains ``epochs`` of ``pause`` seconds each, one line of ``epochs.txt`` for each, and goes on after a kill.

    The value is the number of the trial; trials from ``fails`` on fail.
    """

    epochs: int = 3
    pause: float = 0.0
    fails: int = 1 << 30

    @property
    def identity(self) -> Mapping[str, Any]:
        return {"kind": "steps", "epochs": self.epochs}

    def run(self, trial: Trial, folder: Path, beat: Beat) -> Result:
        log = folder / "epochs.txt"
        done = len(log.read_text().splitlines()) if log.exists() else 0
        for epoch in range(done, self.epochs):
            time.sleep(self.pause)
            with open(log, "a") as stream:
                stream.write(f"{epoch} {os.getpid()}\n")
            beat()
        with open(folder / "ends.txt", "a") as stream:
            stream.write(f"{os.getpid()}\n")
        if trial.number >= self.fails:
            (folder / "log.txt").write_text("step 1\nout of tune\n")
            return Result(None, "score", failed="it is out of tune")
        return Result(float(trial.number), "score", epochs=self.epochs)


@dataclass(frozen=True)
class Listed:
    """Proposes the cells of the space in their order."""

    most: int = 1 << 30

    def propose(self, told: Sequence[Told], pending: Sequence[Record], count: int) -> list[Trial]:
        space, first = get_space(SPACE), len(told) + len(pending)
        rows = space.reference()[first : min(first + count, self.most)].tolist()
        found = [Record(space.canonical_id(row), SPACE, space.decode(row), values=tuple(row)) for row in rows]
        return [Trial(first + place, record, "user") for place, record in enumerate(found)]

    def enough(self, told: Sequence[Told]) -> str:
        return ""


def job(folder: Path, trials: int, back_end: Steps, proposer: Listed | None = None) -> Work:
    """Work in a run of that back end, which is made or joined."""
    Run.join(folder, Identity(Request(SPACE), back_end.identity))
    return Work(folder, trials, partial(_itself, back_end), partial(_itself, proposer or Listed()))


def check_whole(folder: Path, trials: int, epochs: int, kills: int) -> None:
    """Every trial has one result and was ended once, and a kill has cost at most one epoch or one end of a trial."""
    found = Run(folder).trials()
    assert [trial.trial.number for trial in found] == list(range(trials))
    assert sorted(trial.finished.place for trial in found if trial.finished) == list(range(trials))
    assert [trial.finished.result.value for trial in found if trial.finished] == [float(n) for n in range(trials)]
    lines = sum(len((trial.folder / "epochs.txt").read_text().splitlines()) for trial in found)
    ends = sum(len((trial.folder / "ends.txt").read_text().splitlines()) for trial in found)
    assert trials * epochs <= lines <= trials * epochs + kills
    assert trials <= ends <= trials + kills
    assert not list(folder.glob("trials/*/lease.json"))
    assert len((folder / "summary.csv").read_text().splitlines()) == trials + 1


def _itself(thing: Any) -> Any:
    return thing
