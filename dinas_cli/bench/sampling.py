"""Samples of a model as a suite judges them: validity, variety, the share of the best, best of k look-ups, time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.diffusion.generator import Conditioning
from dinas_cli.spaces.shared.protocol import enumerable

if TYPE_CHECKING:
    from dinas_cli.bench.problems import Problem
    from dinas_cli.diffusion.generator import Generator

TOP = 5.0
"""Percent that samples are asked to be among."""
LOOK_UPS = (16, 192)
RUNS = 3


@dataclass(frozen=True)
class Setting:
    """How samples are drawn."""

    calls: int | None = None
    """Network calls; None: the model's own number."""
    sampler: str | None = None
    guidance: float = 2.0


class Judge:
    """What counts as true of a problem: the table where it holds the whole space, otherwise the surrogate."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.source = "table" if enumerable(problem.space) else "surrogate"

    def quality(self, values: np.ndarray) -> np.ndarray:
        """The ranked metric ``(B,)`` of architectures ``(B, V)``, more is better; NaN where the table has none."""
        if self.source == "surrogate":
            return self.problem.predict(values)
        return self.problem.sign * self.problem.look_up(values)

    @cached_property
    def least(self) -> float:
        """The value from which on an architecture is among the best :data:`TOP` percent."""
        return float(np.nanquantile(self.quality(self.problem.space.reference()), 1 - TOP / 100))

    def figures(self, values: np.ndarray) -> dict[str, Any]:
        """Shares of samples ``(B, V)`` as drawn, those that break a rule included, and the best of the first k.

        ``best`` has, for every number of look-ups, the best value and the test accuracy read there (None without one).
        """
        valid = np.array([self.problem.valid(row) for row in values.tolist()])
        quality = np.full(len(values), -np.inf)
        if valid.any():
            quality[valid] = np.nan_to_num(self.quality(values[valid]), nan=-np.inf)
        ids = {self.problem.space.canonical_id(row) for row in values[valid].tolist()}
        return {
            "samples": len(values),
            "valid": float(valid.mean()),
            "unique": len(ids) / len(values),
            "top": float((quality >= self.least).mean()),
            "best": {str(k): self._best(values[:k], quality[:k]) for k in LOOK_UPS if k <= len(values)},
        }

    def _best(self, values: np.ndarray, quality: np.ndarray) -> list[float | None]:
        chosen = int(np.argmax(quality))
        if np.isinf(quality[chosen]):
            return [None, None]
        test = self.problem.test(values[chosen : chosen + 1])
        return [self.problem.sign * float(quality[chosen]), None if test is None else float(test[0])]


def draw(model: Generator, problem: Problem, setting: Setting, count: int, seed: int) -> np.ndarray:
    """Samples ``(count, V)`` of a request for the top :data:`TOP` percent."""
    conditioning = Conditioning(problem.dataset, TOP)
    return model.sample(
        conditioning, count, seed=seed, guidance=setting.guidance, steps=setting.calls, sampler=setting.sampler
    )


@contextmanager
def one_core() -> Iterator[None]:
    """Let sampling work on one thread for a while."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def milliseconds(work: Mapping[str, Callable[[], Any]], runs: int = RUNS) -> dict[str, float]:
    """CPU time of each piece of work on one thread: the median of ``runs``, in which they take turns, after one more.

    CPU time is what an idle core would take: other processes on the machine do not count.
    """
    times: dict[str, list[float]] = {name: [] for name in work}
    with one_core():
        for run in range(runs + 1):
            for name, task in work.items():
                started = time.process_time()
                task()
                if run:
                    times[name].append(1e3 * (time.process_time() - started))
    return {name: median(found) for name, found in times.items()}


def wall_milliseconds(task: Callable[[], Any]) -> float:
    """Time of a piece of work by the clock, on all cores that it uses: the median of some runs after one more."""
    times = []
    for run in range(2 * RUNS + 1):
        started = time.perf_counter()
        task()
        if run:
            times.append(1e3 * (time.perf_counter() - started))
    return median(times)
