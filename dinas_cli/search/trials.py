"""What a search consists of: trials, their results, who runs them and who says what to try next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from dinas_cli.architectures.schema import Record


@dataclass(frozen=True)
class Trial:
    """One architecture to be trained."""

    number: int
    """From 0 on, in the order of proposal."""
    record: Record
    source: str = ""
    """Why it is tried, in one word: ``transfer``, ``random``, ``model`` or ``user``."""


@dataclass(frozen=True)
class Result:
    """What came out of a trial; ``value`` is None where it failed, and ``failed`` then says why."""

    value: float | None
    metric: str
    """What ``value`` is called, ``accuracy`` for example; more is better unless ``better`` says ``"min"``."""
    unit: str = ""
    better: str = "max"
    seconds: float = 0.0
    epochs: int = 0
    details: Mapping[str, Any] = field(default_factory=dict)
    """Whatever else the back end tells, as JSON: losses by epoch, parameters, early signals."""
    failed: str = ""


Beat = Callable[[], None]
"""Called at least after every epoch: tells other workers that the trial is alive."""


class BackEnd(Protocol):
    """Who trains: image sets (:mod:`.fit`), a user's command, or a benchmark table that plays the trainer."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """What makes results comparable, as JSON: data, their hash, schedule, seed. A run folder keeps to one."""
        ...

    def run(self, trial: Trial, folder: Path, beat: Beat) -> Result:
        """Train in ``folder``, which belongs to the trial; goes on from what an earlier, killed try left there.

        A trial that cannot be trained gives a result with ``failed``; what would fail for every trial raises.
        """
        ...


@dataclass(frozen=True)
class Told:
    """One finished trial, as proposals see it."""

    record: Record
    value: float | None
    """Oriented so that more is better; None: failed."""
    source: str = ""


class Proposer(Protocol):
    """Who says what to try next; a function of its arguments and a seed alone, so that any worker may ask."""

    def propose(self, told: Sequence[Told], pending: Sequence[Record], count: int) -> list[Trial]:
        """The next ``count`` trials, numbered on from ``len(told) + len(pending)``; fewer where there are no more."""
        ...

    def enough(self, told: Sequence[Told]) -> str:
        """Why further trials would teach nothing; empty: they would."""
        ...
