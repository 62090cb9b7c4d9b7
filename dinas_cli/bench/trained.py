"""Searches with the bundled models, whose training saw most labels: the tool's own, and the sceptic's without it."""

from __future__ import annotations

from functools import cache

import numpy as np

from dinas_cli.bench.few_labels import fresh
from dinas_cli.bench.problems import Ledger
from dinas_cli.bench.searchers import ask_best
from dinas_cli.checkpoints.registry import resolve
from dinas_cli.diffusion.generator import Conditioning, Generator

TOPS, PLAIN_TOP = (0.1, 1.0, 5.0), 5.0
"""Percents that samples are asked to be among: by the tool's own search, a third each, and by the paper's."""
DRAWN, MOST_DRAWN = 576, 4608
"""Samples drawn at a time, and at most: a table that has a part of the space answers few of them."""
ROUNDS = 8
"""How often the tool's own search draws, where samples repeat themselves, before it ends with look-ups left."""
CANDIDATES = 10_000


@cache
def bundled(space: str) -> Generator:
    """The default generator of a space."""
    return Generator.load(resolve(None, space, "generator"))


def ranked_samples(ledger: Ledger, seed: int) -> None:
    """Samples of requests for :data:`TOPS`, the bundled surrogate's favourites first; then further ones, and again."""
    problem = ledger.problem
    covered = 1.0 if problem.pool is None else len(problem.pool) / (problem.space.table_rows or len(problem.pool))
    count = int(min(DRAWN / covered, MOST_DRAWN)) // len(TOPS)
    model = bundled(problem.space.name)
    asked = [Conditioning(problem.dataset, top) for top in TOPS]
    for number in range(ROUNDS):
        drawn = [model.sample(conditioning, count, seed=seed, first=number * count) for conditioning in asked]
        _favourites_first(ledger, fresh(ledger, np.concatenate(drawn)))


def plain_samples(ledger: Ledger, seed: int) -> None:
    """Samples of a top-5 % request as they come; a repeated one costs a look-up in the paper, but none here."""
    problem = ledger.problem
    for first in range(0, MOST_DRAWN, DRAWN):
        conditioning = Conditioning(problem.dataset, PLAIN_TOP)
        for row in bundled(problem.space.name).sample(conditioning, DRAWN, seed=seed, first=first).tolist():
            ledger.ask(row)


def ranked_random(ledger: Ledger, seed: int) -> None:
    """10,000 random architectures, the bundled surrogate's favourites first: no generator."""
    _favourites_first(ledger, ledger.problem.draw(CANDIDATES, seed))


def ranked_space(ledger: Ledger, seed: int) -> None:
    """Everything that can be looked up, the bundled surrogate's favourites first: no generator and no randomness."""
    _favourites_first(ledger, ledger.problem.listed)


def _favourites_first(ledger: Ledger, values: np.ndarray) -> None:
    """Look up ``values (B, V)`` in the bundled surrogate's order until the look-ups are spent."""
    ask_best(ledger, (values, ledger.problem.ranking(values)), ledger.budget)
