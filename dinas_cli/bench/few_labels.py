"""The tool's method from few labels: predictor and generator trained on what was looked up, then asked for the best.

The rest of the space is unlabelled: the predictor ranks it, the generator learns what its best few percent look like
and draws candidates, the predictor chooses among them. Labels that training sees are look-ups like all others.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from dinas_cli.bench.predictor import Predictor
from dinas_cli.bench.problems import Ledger, Problem
from dinas_cli.bench.searchers import BATCH, STARTS, ask_best, start
from dinas_cli.diffusion.encoding import ConditionSpec, rank_features
from dinas_cli.diffusion.generator import Conditioning, Generator
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.generator import Trainer, TrainingConfig
from dinas_cli.training.requests import Batch

FIRST, NEXT = 200, 15
"""Training steps of the generator on the first labels, and after every further batch of them."""
REQUESTS, ANSWERS = 16, 256
"""Requests per step, and architectures that answer one at most."""
TOPS, DRAWN = (0.3, 1.0, 3.0, 10.0, 30.0), 64
"""Percents that samples are asked to be among, and how many are drawn for each of them."""

Choice = Callable[[Predictor, np.ndarray, np.random.Generator], np.ndarray]
"""Predictor and candidates ``(B, V)`` -> scores ``(B,)``; the highest are looked up."""


class RankRequests:
    """Requests for the best few percent of a pool by given scores, answered exactly: see ``training.targets``.

    Ranks are drawn between ``least`` percent and all, evenly on a log scale.
    """

    def __init__(self, problem: Problem, pool: np.ndarray, least: float = 0.1) -> None:
        self.specs: tuple[ConditionSpec, ...] = (ConditionSpec(problem.space.rank_metric, "rank"),)
        self.values, self.least = pool, least
        self.order = np.arange(len(pool))
        """Rows of the pool from the best to the worst."""

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """``count`` requests, each with some of its answers; a tenth of them ask for nothing, so that any will do."""
        asked = rng.random(count) >= 0.1
        top = np.where(asked, 10 ** rng.uniform(np.log10(self.least), 2, count), 100.0)
        sizes = np.maximum(np.ceil(top / 100 * len(self.order)), 1).astype(int)
        kept = np.minimum(sizes, ANSWERS)
        request = np.repeat(np.arange(count), kept)
        place = np.concatenate([_some(size, few, rng) for size, few in zip(sizes, kept, strict=True)])
        return Batch(
            [torch.from_numpy(rank_features(top))[:, None]],
            [torch.from_numpy(asked[:, None])],
            torch.from_numpy(request),
            torch.from_numpy(self.order[place]),
        )


class FewLabels:
    """Predictor and generator of one search, trained further whenever there are new labels."""

    def __init__(self, problem: Problem, seed: int, steps: int) -> None:
        self.problem, self.seed = problem, seed
        pool = problem.listed
        self.requests = RankRequests(problem, pool)
        data = TrainingSet(problem.space, pool, np.ones(len(pool), bool), {}, {}, {})
        config = TrainingConfig(steps=steps, requests=REQUESTS, stages=3, size="slim", seed=seed, decay=0.98)
        self.trainer = Trainer(data, self.requests, config)
        self.predictor: Predictor

    def learn(self, ledger: Ledger, steps: int) -> None:
        """Fit the predictor to all that was looked up, rank the pool by it, train the generator for some steps."""
        self.predictor = Predictor(self.problem, ledger.values, np.array(ledger.answers), self.seed)
        self.requests.order = np.argsort(-self.predictor.mean(self.requests.values), kind="stable")
        self.trainer.run(to=self.trainer.step + steps)

    def candidates(self, ledger: Ledger, number: int) -> np.ndarray:
        """New different architectures ``(B, V)`` among samples; ``number`` tells one round's from another's."""
        weights, about = self.trainer.checkpoint()
        model = Generator(about, weights)
        first = number * DRAWN
        drawn = [
            model.sample(Conditioning(self.problem.dataset, top), DRAWN, seed=self.seed, first=first) for top in TOPS
        ]
        return fresh(ledger, np.concatenate(drawn))


def fresh(ledger: Ledger, values: np.ndarray) -> np.ndarray:
    """The different architectures of ``values (B, V)`` that were not looked up yet, in their order."""
    new = [row for row in ledger.problem.different(values).tolist() if not ledger.seen(row)]
    return np.array(new, np.int64).reshape(len(new), values.shape[1])


def in_rounds(ledger: Ledger, seed: int, labels: int = STARTS) -> None:
    """Look up ``labels`` random architectures, then again and again: train, draw, look the most promising up."""
    start(ledger, labels, seed)
    rounds = -(-(ledger.budget - labels) // BATCH)
    search = FewLabels(ledger.problem, seed, FIRST + NEXT * rounds)
    for number in range(rounds):
        search.learn(ledger, NEXT if number else FIRST)
        candidates = search.candidates(ledger, number)
        left = ledger.budget - len(ledger.asked)
        ask_best(ledger, (candidates, search.predictor.upper(candidates)), -(-left // (rounds - number)))


def at_once(ledger: Ledger, seed: int, labels: int) -> None:
    """Look up ``labels`` random architectures, train once, look the most promising samples up in their order."""
    start(ledger, labels, seed)
    search = FewLabels(ledger.problem, seed, FIRST)
    search.learn(ledger, FIRST)
    candidates = search.candidates(ledger, 0)
    ask_best(ledger, (candidates, search.predictor.mean(candidates)), ledger.budget - labels)


def by_upper(predictor: Predictor, values: np.ndarray, _rng: np.random.Generator) -> np.ndarray:
    """The choice of :func:`in_rounds`."""
    return predictor.upper(values)


def whole_space(ledger: Ledger, seed: int, labels: int = STARTS, choice: Choice = by_upper) -> None:
    """The sceptic's search: as :func:`in_rounds`, but the predictor chooses among the whole space; no generator."""
    rng = np.random.default_rng(seed)
    start(ledger, labels, seed)
    pool = ledger.problem.listed
    while ledger.left:
        predictor = Predictor(ledger.problem, ledger.values, np.array(ledger.answers), seed)
        candidates = fresh(ledger, pool)
        ask_best(ledger, (candidates, choice(predictor, candidates, rng)), BATCH)


def _some(size: int, few: int, rng: np.random.Generator) -> np.ndarray:
    """``few`` different numbers below ``size``."""
    return np.arange(size) if few == size else rng.choice(size, few, replace=False)
