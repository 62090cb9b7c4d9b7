"""Ways to find the best by one surrogate, with a certain amount of CPU time: samples, random cells, evolution."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count

import numpy as np

from benchmarks.common import Setup
from dinas_cli.architectures.conditions import Best, Request
from dinas_cli.diffusion.generator import Conditioning, Limit
from dinas_cli.errors import GenotypeError
from dinas_cli.files.columns import column_key
from dinas_cli.generation.generate import CONFIDENCE, generate
from dinas_cli.generation.judge import Judge
from dinas_cli.spaces.shared.protocol import Space, enumerable, is_valid

RETURNED = 16
"""Architectures that a search is asked for."""
BATCH = 256
"""Samples or random architectures made at a time."""
POPULATION, CHILDREN, TOURNAMENT = 128, 64, 10
MOST_REDRAWN = 3
"""Variables that a mutation draws anew at most."""


class Spent(Exception):  # no error: how a search learns that it is over
    """The CPU time is used up."""


@dataclass
class Search:
    """One request with everything that was scored for it, until the CPU time is over."""

    setup: Setup
    request: Request
    seconds: float
    """CPU time of one thread, from the first :meth:`fitness` or draw on; infinite: the method ends by itself."""
    values: list[np.ndarray] = field(default_factory=list)
    scores: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.judge = Judge(self.setup.guess, self.request, CONFIDENCE)
        self.column = column_key(self.setup.space.rank_metric, None, self.request.dataset)
        self.fitness(self.setup.space.draw(2, 0))  # whatever is worked out once belongs to nobody's time
        self.values, self.scores, self._told = [], [], 0.0
        self.started = time.process_time()

    @property
    def used(self) -> float:
        """CPU seconds so far."""
        return time.process_time() - self.started

    def fitness(self, values: np.ndarray) -> np.ndarray:
        """What the surrogate ranks by ``(B,)``; what does not surely meet the limit is worse the more it exceeds it."""
        score = self.setup.guess.ranking(values, self.column)
        for column, limit, _ in self.judge.limits:
            excess = self.setup.guess.metric(values, column)[0] / limit
            score = np.where(self.judge.feasible(values), score, -1e3 - np.maximum(excess, 0))
        return score

    def tell(self, values: np.ndarray) -> np.ndarray:
        """Score architectures ``(B, V)`` and keep them; raises :class:`Spent` when the time is over."""
        before = self._told
        found = self.fitness(values)
        self.values.append(values.astype(np.int64))
        self.scores.append(found)
        self._told = self.used
        if self._told + (self._told - before) / 2 > self.seconds:  # so that on average the time is right
            raise Spent
        return found

    def best(self, count: int, allowed: Callable[[np.ndarray], np.ndarray] | None = None) -> np.ndarray:
        """The ``count`` best different valid ones ``(B, V)`` that surely meet the limit, of those ``allowed``."""
        values, scores = np.concatenate(self.values), np.concatenate(self.scores)
        if allowed is not None:
            part = allowed(values)
            values, scores = values[part], scores[part]
        found: dict[str, list[int]] = {}
        for place in np.argsort(-scores, kind="stable"):
            if len(found) == count or scores[place] < -100:
                break
            row = values[place].tolist()
            try:
                found.setdefault(self.setup.space.canonical_id(row), row)
            except GenotypeError:
                continue
        return np.array(list(found.values()), np.int64).reshape(len(found), values.shape[1])


Method = Callable[[Search, int], None]
"""Tells a search about architectures, with the randomness of a seed, until it raises :class:`Spent` or returns."""


def sampled(search: Search, seed: int, top: float, guidance: float) -> None:
    """Samples of one request for a rank, under the limit if there is one."""
    surrogate, budgets = search.setup.surrogate, {}
    for budget, (column, limit, _) in zip(search.request.budgets, search.judge.limits, strict=True):
        budgets[budget.metric] = [Limit(surrogate.profile(column), limit)]
    asked, first = Conditioning(search.request.dataset, top, budgets), 0
    while True:
        search.tell(search.setup.generator.sample(asked, BATCH, seed=seed, first=first, guidance=guidance))
        first += BATCH


def drawn(search: Search, seed: int, batches: int | None = None) -> None:
    """Random architectures, or so many batches of them; of a space that can be listed, all in a random order."""
    space = search.setup.space
    if enumerable(space):
        every = np.random.default_rng(seed).permutation(space.reference())
        for start in range(0, len(every), BATCH):
            search.tell(every[start : start + BATCH])
        return
    for number in count() if batches is None else range(batches):
        search.tell(space.draw(BATCH, 10**6 * (seed + 1) + number))


def evolved(search: Search, seed: int) -> None:
    """Regularised evolution (Real et al., AAAI 2019), some children at a time: of the best of a few, the oldest go."""
    rng = np.random.default_rng(seed)
    space = search.setup.space
    members = space.draw(POPULATION, 10**6 * (seed + 1)).astype(np.int64)
    scores = search.tell(members)
    while True:
        children = members[:0]
        while len(children) < CHILDREN:
            few = rng.integers(len(members), size=(CHILDREN, TOURNAMENT))
            parents = members[few[np.arange(CHILDREN), scores[few].argmax(1)]]
            children = np.concatenate([children, mutants(space, parents, rng)])
        scores = np.concatenate([scores, search.tell(children)])[-POPULATION:]
        members = np.concatenate([members, children])[-POPULATION:]


def mutants(space: Space, parents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each of ``parents (B, V)`` with one to three variables drawn anew from what is legal: ``(B', V)``, B' <= B."""
    layout = space.layout
    choices, width = np.array(layout.choices), max(layout.choices)
    values, batch = parents.copy(), np.arange(len(parents))
    chosen = rng.random(parents.shape).argsort(1)[:, :MOST_REDRAWN]
    wanted = np.arange(MOST_REDRAWN) < rng.integers(1, MOST_REDRAWN + 1, len(parents))[:, None]
    if layout.nodes_first:
        order = np.where(wanted, chosen, layout.size).argsort(1)
        chosen, wanted = np.take_along_axis(chosen, order, 1), np.take_along_axis(wanted, order, 1)
    rows, places = np.nonzero(wanted)
    values[rows, chosen[rows, places]] = choices[chosen[rows, places]]
    saved = np.ones(len(parents), bool)
    for place in range(MOST_REDRAWN):
        rows = batch[wanted[:, place] & saved]
        variables = chosen[rows, place]
        allowed = np.arange(width) < choices[variables][:, None]
        legal = space.legal(values[rows], variables) if len(rows) else None
        if legal is not None:
            allowed &= legal[:, :width]
        saved[rows] = allowed.any(1)
        values[rows, variables] = np.where(allowed, rng.random(allowed.shape), -1).argmax(1)
    saved &= (values != parents).any(1)
    if layout.nodes_first:  # a node drawn anew may not fit the edges that are there
        saved[saved] = [is_valid(space, row) for row in values[saved].tolist()]
    return values[saved]


RANDOM = "random cells, ranked"


def polished(search: Search, seed: int, diverse: bool = False) -> None:
    """What ``dinas generate --acc best`` does, the different ones among the best with ``--diverse``."""
    request = replace(search.request, best=Best(search.setup.space.rank_metric))
    oracles, file = search.setup.guess, str(search.setup.file)
    made = generate(request, RETURNED, seed=seed, checkpoint=file, oracles=oracles, diverse=diverse)
    search.tell(np.array([record.values for record in made.records]))


METHODS: dict[str, Method] = {
    "generate --acc top5": partial(sampled, top=5.0, guidance=2.0),
    "generate --acc top0.1 --guidance 6": partial(sampled, top=0.1, guidance=6.0),
    "generate --acc best": polished,
    "generate --acc best --diverse": partial(polished, diverse=True),
    RANDOM: drawn,
    "evolution": evolved,
}
"""By what the tables call them; all of them rank by the same surrogate and check limits in the same way."""
