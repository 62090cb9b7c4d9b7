"""What the tool and its rivals return to one request, and their figures over seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from benchmarks.common import Setup, mean_sd
from benchmarks.rival_methods import RETURNED, Search, Spent
from dinas_cli.architectures.conditions import Request
from dinas_cli.errors import UnsatisfiedError
from dinas_cli.generation.generate import generate


def generated(setup: Setup, request: Request, seed: int) -> np.ndarray:
    """Architectures ``(n, V)`` that the tool returns; none where it has no answer."""
    try:
        made = generate(request, RETURNED, seed=seed, checkpoint=str(setup.file), oracles=setup.guess).records
    except UnsatisfiedError:
        made = []
    return np.array([record.values for record in made], np.int64)


def searched(
    run: Callable[[Search, int], None], seconds: float, setup: Setup, request: Request, seed: int
) -> np.ndarray:
    """The best ``(n, V)`` that a search on the surrogate finds, as sure of the limit as the tool is."""
    search = Search(setup, request, seconds)
    with suppress(Spent):
        run(search, seed)
    return search.best(RETURNED)


def over_seeds(runs: Sequence[np.ndarray], judge: Callable[[np.ndarray], dict[str, float]]) -> dict[str, Any]:
    """How many of the ``runs`` are empty, and mean and deviation over the others of what the ``judge`` says of each."""
    told = [judge(run) for run in runs if len(run)]
    means = {key: mean_sd([each[key] for each in told]) for key in (told[0] if told else ())}
    return {"empty": sum(not len(run) for run in runs), **means}
