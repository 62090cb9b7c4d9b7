"""Choices that promise much and that no sample has: what has them and keeps to the limits is sought, if there is any.

Where a limit leaves almost nothing of a choice (the wider of three embeddings, in the smallest of its models), neither
samples nor small changes get there: every way leads through what breaks the limit. The nearest misses that have the
choice are changed, round after round, so that they break the limits by less, until they keep to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.generation import chances
from dinas_cli.generation.rejection import Found

if TYPE_CHECKING:
    from dinas_cli.diffusion.generator import Conditioning, Generator
    from dinas_cli.generation.judge import Judge

CHOICES = 6
"""Choices that are looked for, those first that promise the most."""
COMMON, RARE = 0.05, 0.1
"""The share of the space that has a choice from which on it counts, and below which part of that samples miss it."""
NEAREST, CHANGES = 8, 48
"""Nearest misses of each choice that are kept from round to round, and changes of them."""
FEW = (1, 2)
"""Variables that are changed, round after round."""
ROUNDS, PATIENCE = 40, 4
"""Most rounds, and rounds in a row in which no choice gets nearer after which they end."""


def sought(
    generator: Generator, conditioning: Conditioning, judge: Judge, column: str, found: Sequence[Found], seed: int
) -> list[Found]:
    """Architectures within the limits, without names, that have what all of ``found`` lack; ``column`` says what
    promises much."""
    reference = judge.oracles.space.reference().astype(np.int64)
    ranking, breach = judge.oracles.ranking(None, column), breaches(judge, None)
    groups = []
    values = np.array([each.values for each in found])
    usual = float(np.nanmean(judge.oracles.ranking(values, column)))
    for variable, choice in missed(reference, ranking, values, usual):
        rows = np.flatnonzero(reference[:, variable] == choice)
        groups.append((variable, choice, reference[rows[np.argsort(breach[rows], kind="stable")[:NEAREST]]]))
    if not groups:
        return []
    idle, before = 0, [np.inf] * len(groups)
    for number in range(ROUNDS):
        if idle == PATIENCE:
            break
        parents = np.concatenate([rows[np.arange(CHANGES) % len(rows)] for *_, rows in groups])
        few = FEW[number % len(FEW)]
        changed = generator.redraw(conditioning, parents, few, seed=f"{seed}/missed/{number}", guidance=None)
        nearest = []
        for place, (variable, choice, rows) in enumerate(groups):
            mine = changed[place * CHANGES : (place + 1) * CHANGES]
            pool = np.unique(np.concatenate([rows, mine[mine[:, variable] == choice]]), axis=0)
            breach = breaches(judge, pool)
            order = np.argsort(breach, kind="stable")[:NEAREST]
            groups[place] = variable, choice, pool[order]
            nearest.append(float(breach[order[0]]))
        idle = 0 if any(now < then for now, then in zip(nearest, before, strict=True)) else idle + 1
        before = nearest
    kept = [row for *_, rows in groups for row in rows[judge.feasible(rows)].tolist()]
    return [Found(found[0].number, "", tuple(row), 1) for row in kept]


def missed(reference: np.ndarray, ranking: np.ndarray, found: np.ndarray, usual: float) -> list[tuple[int, int]]:
    """Variables and types of them that the space ``(R, V)`` has and ``found (B, V)`` hardly have, if they promise much.

    ``ranking (R,)`` is of the space. A type promises something whose mean is above what is ``usual`` among the found;
    those come first whose variable matters most: whose types differ most in their means.
    """
    promising: list[tuple[float, float, int, int]] = []
    rows = ~np.isnan(ranking)
    reference, ranking = reference[rows], ranking[rows]
    for variable in range(reference.shape[1]):
        has = {choice: reference[:, variable] == choice for choice in np.unique(reference[:, variable]).tolist()}
        means = {choice: float(ranking[mine].mean()) for choice, mine in has.items() if mine.mean() >= COMMON}
        for choice, mean in means.items():
            rare = float((found[:, variable] == choice).mean()) < RARE * float(has[choice].mean())
            if rare and mean > usual:
                promising.append((max(means.values()) - min(means.values()), mean, variable, choice))
    best = sorted(promising, key=lambda each: (-each[0], -each[1]))[:CHOICES]
    return [(variable, choice) for *_, variable, choice in best]


def breaches(judge: Judge, values: np.ndarray | None) -> np.ndarray:
    """By how much architectures ``(B, V)`` (None: the reference) break the limits, in deviations over the space:
    ``(B,)``, negative where all are kept, the less surely the nearer to 0; infinite where nobody knows."""
    oracles, likely = judge.oracles, []
    total = np.zeros(len(oracles.space.reference() if values is None else values))
    for limit in judge.limits:
        column, bound, upwards = limit
        everywhere = oracles.reference(column)
        known = everywhere if values is None else oracles.metric(values, column)[0]
        beyond = (bound - known if upwards else known - bound) / max(float(np.nanstd(everywhere)), 1e-12)
        total += np.where(np.isnan(beyond), np.inf, np.maximum(beyond, 0.0))
        likely.append(chances.probability(oracles, values, limit))
    return np.where(total > 0, total, -chances.least(chances.by_column(judge.limits, likely)))
