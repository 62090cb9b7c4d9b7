"""How sure answers are where nobody says how sure they have to be: as sure as there are enough of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dinas_cli.architectures.conditions import Request
from dinas_cli.generation.judge import Judge
from dinas_cli.generation.rejection import Progress, Samples, rejection_sample
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.shared.protocol import Values, enumerable

CONFIDENCES = (0.98, 0.95, 0.9, 0.85, 0.8)
"""Probabilities with which each limit is kept, in the order in which they are tried."""


def judge_for(oracles: Oracles, request: Request, confidence: float | None) -> Judge:
    """The judge of a request at the first confidence to try.

    Where limits are uncertain, what keeps to them by luck can push the rank beyond all that surely does. If nobody said
    how sure to be and nothing satisfies at any confidence, the rank gives way: it is lenient.
    """
    judge = Judge(oracles, request, CONFIDENCES[0] if confidence is None else confidence)
    if confidence is not None or request.rank is None or (judge.reference_sureness >= CONFIDENCES[-1]).any():
        return judge
    lenient = Judge(oracles, request, CONFIDENCES[0], lenient=True)
    return lenient if (lenient.reference_sureness >= CONFIDENCES[-1]).any() else judge


def within_reach(judge: Judge, levels: Sequence[float], count: int, exclude: Sequence[Values]) -> Sequence[float]:
    """The ``levels`` without the first ones, at which fewer than ``count`` architectures satisfy but more at a later.

    Only where all architectures can be listed; elsewhere samples have to tell. ``exclude`` do not count.
    """
    space = judge.oracles.space
    if len(levels) == 1 or not enumerable(space):
        return levels
    reference, known = space.reference(), {space.canonical_id(values) for values in exclude}
    found: set[str] = set()
    enough, last = [], np.inf
    for level in levels:
        for row in np.flatnonzero((judge.reference_sureness >= level) & (judge.reference_sureness < last)).tolist():
            if len(found) == count:
                break
            found |= {space.canonical_id(reference[row].tolist())} - known
        enough.append(len(found))
        last = level
    return levels[enough.index(enough[-1]) :]


def sample_surely(
    draw: Callable[[int, int], np.ndarray],
    judge: Judge,
    levels: Sequence[float],
    count: int,
    exclude: Sequence[Values] = (),
    progress: Progress = lambda _found, _drawn: None,
    least: int = 0,
) -> Samples:
    """Samples at the first of the confidences ``levels`` at which ``count`` are found, else where the most are.

    What is found is what that confidence alone would have found: a sample is drawn and judged once, and looked at again
    at each level. ``draw`` is called with the number of the first sample and how many: ``(count, V)``, unchecked.
    """
    drawn: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def judged(first: int, size: int) -> tuple[np.ndarray, np.ndarray]:
        if first not in drawn:
            values = draw(first, size)
            drawn[first] = values, judge.sureness(values)
        return drawn[first]

    best: Samples | None = None
    last = np.inf
    for level in levels:
        # A sample that no level before has taken, or none has looked yet.
        if best is None or any(((level <= sure) & (sure < last)).any() for _, sure in drawn.values()):
            samples = rejection_sample(judged, judge.at(level), count, exclude, progress, least)
            if best is None or len(samples.found) > len(best.found):
                best = samples
            if samples.interrupted or len(samples.found) >= count:
                break
        last = level
    assert best is not None
    if not best.found:
        best.judge = judge.at(levels[-1])
    return best
