"""A worker: takes trials of a run one after the other, until there is nothing left to do for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dinas_cli.errors import DinasError
from dinas_cli.search.runs import leases
from dinas_cli.search.runs.folder import Claim, Nothing, Run
from dinas_cli.search.trials import BackEnd, Proposer, Result

PAUSE = 1.0
"""Seconds after which a worker without a trial looks again whether there is one."""


@dataclass(frozen=True)
class Work:
    """What a worker needs to know; it can be pickled, and so reaches other processes and machines.

    The two functions are called where the work is done, so that what they make need not be pickled.
    """

    folder: Path
    trials: int
    """How many the run is to have."""
    back_end: Callable[[], BackEnd]
    proposer: Callable[[], Proposer]


def work(job: Work, most: int | None = None, patient: bool = True) -> Nothing | None:
    """Do trials of the run until all are finished, or ``most`` were; returns why there was nothing left, if so.

    A ``patient`` worker waits for the trials of others, which it takes over where they die. Raises
    :class:`DinasError` where too many trials fail, and where the trainer found here is not that of the run, because the
    images on this machine are others, for example; an interrupt gives the trial back.
    """
    run, back_end = Run(job.folder), job.back_end()
    run.check_back_end(back_end)
    proposer = job.proposer()
    done = 0
    while most is None or done < most:
        claim = run.claim(proposer, job.trials)
        if isinstance(claim, Claim):
            attempt(run, claim, back_end)
            done += 1
        elif claim.busy and patient:
            time.sleep(PAUSE)
        else:
            return claim
    return None


def attempt(run: Run, claim: Claim, back_end: BackEnd) -> None:
    """Run one trial and keep its result, unless another worker has taken it over meanwhile."""
    started = time.monotonic()
    try:
        with leases.kept(claim.folder, claim.token) as beat:
            result = back_end.run(claim.trial, claim.folder, beat)
        run.finish(claim, result)
    except leases.LeaseLost:
        return
    except DinasError as error:  # what fails for every trial: not this one's fault
        run.give_up(claim)
        raise error
    except Exception as error:
        seconds = time.monotonic() - started
        run.finish(claim, Result(None, "", seconds=seconds, failed=f"{type(error).__name__}: {error}"))
    except BaseException:
        run.give_up(claim)
        raise
