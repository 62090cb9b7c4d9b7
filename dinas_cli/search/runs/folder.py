"""The folder of a run, which is all that its workers have in common: they agree on every step by a lock on it.

``run.json`` says what it is about, ``trials/0007/`` has the files of a trial (:mod:`.trial_files`) and the lease of the
worker on it (:mod:`.leases`), ``summary.csv`` and ``best.json`` are written anew after every result (:mod:`.summary`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from dinas_cli.errors import DinasError
from dinas_cli.files.atomic import make_dir
from dinas_cli.files.interrupts import uninterrupted
from dinas_cli.files.locks import locked
from dinas_cli.search.runs import identity, leases
from dinas_cli.search.runs.identity import Identity
from dinas_cli.search.runs.summary import write_summary
from dinas_cli.search.runs.trial_files import (
    Status,
    TrialFiles,
    read_status,
    read_trial,
    tail,
    write_result,
    write_status,
    write_trial,
)
from dinas_cli.search.trials import BackEnd, Proposer, Result, Trial

FAILURES = 3
"""Failed trials in a row that stop a run: what they have in common fails every other one, too."""
TRIES = 10
"""Workers that may die on one trial, which has failed then: it may be what they die of."""
PATIENCE = 600.0
"""Seconds to wait for others who propose or write a result."""


@dataclass(frozen=True)
class Claim:
    """A trial that is this worker's to do."""

    trial: Trial
    folder: Path
    token: str


@dataclass(frozen=True)
class Nothing:
    """Why a worker has nothing to do."""

    busy: bool
    """Whether others are at work, so that there may be something later."""
    reason: str = ""
    """Why no further trials are proposed although there might be."""


class Run:
    """One worker's view of a run; nothing about it is kept in memory but where it began."""

    def __init__(self, folder: Path) -> None:
        """Look at a run that exists; raises :class:`NotFoundError` where there is none."""
        self.folder = folder
        self.about = identity.read(folder)
        self._began = sum(trial.finished is not None for trial in self.trials())
        """Results that were there before: their failures do not count."""
        self._enough = (-1, "")
        """After how many results further trials were last thought about, and why there should be none."""

    @classmethod
    def join(cls, folder: Path, meant: Identity) -> Run:
        """Make the run in ``folder``, or take part in it; raises :class:`DinasError` where it is another one."""
        make_dir(folder)
        with _locked(folder):
            identity.begin(folder, meant)
        return cls(folder)

    def check_back_end(self, back_end: BackEnd) -> None:
        """Raise :class:`DinasError` for a trainer whose results cannot be compared with those of the run."""
        identity.compare(self.folder, {"back_end": self.about["back_end"]}, {"back_end": back_end.identity})

    def trials(self) -> list[TrialFiles]:
        """All trials, in the order of their numbers."""
        folders = sorted((self.folder / "trials").glob("[0-9]*"), key=lambda path: int(path.name))
        return [trial for folder in folders if (trial := read_trial(folder)) is not None]

    def claim(self, proposer: Proposer, count: int) -> Claim | Nothing:
        """A trial to do: one that nobody works on any more, else a new one while there are fewer than ``count``.

        Raises :class:`DinasError` after :data:`FAILURES` failed ones in a row.
        """
        with _locked(self.folder):
            if identity.read(self.folder) != self.about:
                raise DinasError(f"{self.folder} has become another run", "choose another folder with -o")
            trials = self.trials()
            self.check(trials)
            for trial in trials:
                if trial.finished and leases.on(trial.folder):  # its worker was killed after it had the result
                    self._tell(trial.folder, trial.finished.result)
                    leases.clear(trial.folder)
            open_ = [trial for trial in trials if trial.finished is None]
            now = leases.file_system_time(self.folder)
            for trial in open_:
                if not leases.alive(trial.folder, now) and (claim := self._take(trial)) is not None:
                    return claim
            told = [trial.told for trial in trials if trial.finished]
            reason = ""
            if len(trials) < count:
                if self._enough[0] != len(told):
                    self._enough = len(told), proposer.enough(told)
                reason = self._enough[1]
                new = [] if reason else proposer.propose(told, [trial.trial.record for trial in open_], 1)
                if new:
                    return self._add(new[0], {trial.trial.number for trial in trials})
                reason = reason or "there are no further networks within the limits"
            return Nothing(any(trial.finished is None for trial in self.trials()), reason)

    def finish(self, claim: Claim, result: Result) -> None:
        """Keep what came out of a claimed trial; raises :class:`LeaseLost` where somebody else has it by now."""
        with _locked(self.folder), uninterrupted():
            if not leases.holds(claim.folder, claim.token):
                raise leases.LeaseLost(f"another worker has taken over {claim.folder}")
            self._end(claim.folder, result)
            leases.release(claim.folder, claim.token)

    def give_up(self, claim: Claim) -> None:
        """Let another worker have a claimed trial at once."""
        with _locked(self.folder), uninterrupted():
            if leases.holds(claim.folder, claim.token):
                status = read_status(claim.folder)
                write_status(claim.folder, Status("waiting", max(0, status.tries - 1)))
                leases.release(claim.folder, claim.token)

    def check(self, trials: Sequence[TrialFiles]) -> None:
        """Raise :class:`DinasError` where the last :data:`FAILURES` of the ``trials`` that ended since all failed."""
        last = in_order(trials)[self._began :][-FAILURES:]
        if len(last) == FAILURES and all(trial.finished and trial.finished.result.value is None for trial in last):
            worst = last[-1]
            assert worst.finished is not None
            log = tail(worst.folder)
            raise DinasError(
                f"{FAILURES} trials in a row failed, the last one because {worst.finished.result.failed}"
                + (f"; its log ends: {log}" if log else ""),
                f"see {worst.folder}; once it is mended the same command goes on",
            )

    def _take(self, trial: TrialFiles) -> Claim | None:
        """The lease of a trial; None where so many workers died on it that it has failed."""
        tries = read_status(trial.folder).tries
        if tries >= TRIES:
            self._end(trial.folder, Result(None, "", failed=f"{tries} workers began it and died"))
            leases.clear(trial.folder)
            return None
        token = leases.take(trial.folder)
        write_status(trial.folder, Status("running", tries + 1, leases.machine()))
        return Claim(trial.trial, trial.folder, token)

    def _add(self, trial: Trial, taken: set[int]) -> Claim:
        """Make a new trial known, with this worker on it, under the first number that no other has."""
        trial = replace(trial, number=next(number for number in itertools.count() if number not in taken))
        folder = make_dir(self.folder / "trials" / f"{trial.number:04d}")
        token = leases.take(folder)
        write_status(folder, Status("running", 1, leases.machine()))
        write_trial(folder, trial)
        return Claim(trial, folder, token)

    def _end(self, folder: Path, result: Result) -> None:
        trials = self.trials()
        write_result(folder, result, sum(trial.finished is not None for trial in trials))
        self._tell(folder, result)

    def _tell(self, folder: Path, result: Result) -> None:
        status = read_status(folder)
        write_status(folder, replace(status, state="failed" if result.value is None else "done"))
        write_summary(self.folder, self.trials())


def in_order(trials: Sequence[TrialFiles]) -> list[TrialFiles]:
    """The finished trials, in the order in which they came to an end."""
    ended = [(trial.finished.place, trial.trial.number, trial) for trial in trials if trial.finished]
    return [trial for _, _, trial in sorted(ended, key=lambda item: item[:2])]


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with locked(folder / identity.NAME, wait=PATIENCE):
        yield
