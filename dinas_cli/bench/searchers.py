"""Baselines that look up until their look-ups are spent: random, local, evolutionary and predictor-guided search."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

import numpy as np

from dinas_cli.bench.predictor import Predictor
from dinas_cli.bench.problems import Ledger, Problem, Spent
from dinas_cli.spaces.shared.protocol import Values

Search = Callable[[Ledger, int], None]
"""Asks the ledger about architectures, with the randomness of a seed, until it raises :class:`Spent`."""

PATIENCE = 500
"""Tries in a row that cost no look-up after which mutants are taken one mutation further away: what is near has been
seen, or is not in the table."""
POPULATION, TOURNAMENT = 30, 10
STARTS, BATCH = 16, 8
"""Random look-ups before the first fit, and look-ups between fits, of guided search."""
PARENTS, CHILDREN = 16, 128


def search(problem: Problem, method: Search, budget: int, seed: int) -> Ledger:
    """Run one search; its ledger tells what was looked up, in order."""
    ledger = Ledger(problem, budget)
    with suppress(Spent):
        method(ledger, seed)
    return ledger


def random_search(ledger: Ledger, seed: int) -> None:
    """Look up random architectures."""
    for values in ledger.problem.draw(4 * ledger.budget, seed).tolist():
        ledger.ask(values)


def local_search(ledger: Ledger, seed: int) -> None:
    """Go to the best neighbour until there is no better one, then start anew (White et al., UAI 2021)."""
    rng = np.random.default_rng(seed)
    for start in ledger.problem.draw(4 * ledger.budget, seed).tolist():
        here, value = tuple(start), ledger.ask(start)
        while not np.isnan(value):
            neighbours = ledger.problem.neighbours(here)
            rng.shuffle(neighbours)
            answers = [_worst_if_unknown(ledger.ask(other)) for other in neighbours]
            best = int(np.argmax(answers)) if answers else -1
            if best < 0 or answers[best] <= value:
                break
            here, value = neighbours[best], answers[best]


def evolution(ledger: Ledger, seed: int) -> None:
    """Regularised evolution (Real et al., AAAI 2019): mutate the best of a random few, retire the oldest."""
    rng = np.random.default_rng(seed)
    population: deque[tuple[Values, float]] = deque()
    for values in ledger.problem.draw(4 * POPULATION, seed).tolist():
        value = ledger.ask(values)
        if not np.isnan(value):
            population.append((tuple(values), value))
        if len(population) == POPULATION:
            break
    idle = 0
    while ledger.left:
        few = rng.choice(len(population), min(TOURNAMENT, len(population)), replace=False)
        parent = max((population[i] for i in few), key=lambda member: member[1])[0]
        child = _mutant(ledger.problem, parent, rng, 1 + idle // PATIENCE)
        before = len(ledger.asked)
        value = ledger.ask(child)
        idle = 0 if len(ledger.asked) > before else idle + 1
        if not np.isnan(value):
            population.append((child, value))
            population.popleft()


def guided_search(ledger: Ledger, seed: int) -> None:
    """Predictor-guided evolution after BANANAS (White et al., AAAI 2021).

    Fit a regressor (scikit-learn's Gaussian process) to what was looked up, mutate the best, look up those of the
    mutants that its upper confidence bound puts first, and again. The choice is that of the tool's own search: what
    differs is where candidates come from.
    """
    rng = np.random.default_rng(seed)
    problem = ledger.problem
    start(ledger, STARTS, seed)
    idle = 0
    while ledger.left:
        predictor = Predictor(problem, ledger.values, np.array(ledger.answers), seed)
        order = np.argsort(ledger.answers)[::-1][:PARENTS]
        away = 1 + idle * CHILDREN // PATIENCE
        children = [_mutant(problem, ledger.asked[order[i % len(order)]], rng, away) for i in range(CHILDREN)]
        before, candidates = len(ledger.asked), _different(ledger, children)
        ask_best(ledger, (candidates, predictor.upper(candidates)), BATCH)
        idle = 0 if len(ledger.asked) > before else idle + 1


def start(ledger: Ledger, count: int, seed: int) -> None:
    """Look up ``count`` random architectures."""
    for values in ledger.problem.draw(4 * count, seed).tolist():
        if len(ledger.asked) >= count:
            break
        ledger.ask(values)


def ask_best(ledger: Ledger, scored: tuple[np.ndarray, np.ndarray], count: int) -> None:
    """Look up the ``count`` best of architectures ``(B, V)`` by scores ``(B,)``; those without an answer count not."""
    values, scores = scored
    wanted = len(ledger.asked) + count
    for place in np.argsort(-scores, kind="stable"):
        if len(ledger.asked) >= wanted:
            break
        ledger.ask(values[place].tolist())


def _mutant(problem: Problem, values: Values, rng: np.random.Generator, times: int) -> Values:
    """An architecture that is ``times`` mutations away."""
    for _ in range(times):
        values = problem.mutate(values, rng)
    return values


def _different(ledger: Ledger, candidates: Iterable[Values]) -> np.ndarray:
    """New architectures among candidates, each once: ``(B, V)``."""
    new = [values for values in dict.fromkeys(candidates) if not ledger.seen(values)]
    return np.array(new, dtype=np.int64).reshape(len(new), ledger.problem.space.layout.size)


def _worst_if_unknown(value: float) -> float:
    return -np.inf if np.isnan(value) else value


BASELINES: dict[str, Search] = {
    "random search": random_search,
    "local search": local_search,
    "evolution": evolution,
    "guided search": guided_search,
}
