"""Right-angled lines between two layers: which of them climbs in which track, so that none can be taken for another.

A wire starts at one row on the left, goes level to its track, climbs there, and goes level to each of its rows on the
right (channel routing as in Hashimoto & Stevens, DAC 1971). Wires to one row end at one vertex and may join.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Wire:
    """All links that leave one vertex, or a piece of them."""

    source: int
    """The vertex, which lines that cross are told apart by."""
    start: int
    """The row it comes from."""
    rows: tuple[int, ...]
    """The rows it goes to."""
    track: int = 0
    after: Wire | None = None
    """The piece that it goes on from; None: it comes from the left border."""
    goes_on: bool = False
    """Whether another piece goes on from it; then it does not reach the right border."""

    @property
    def level(self) -> bool:
        """Whether it never climbs, so that it needs no track."""
        return self.rows == (self.start,)

    @property
    def span(self) -> tuple[int, int]:
        """First and last row of its climb."""
        return min(self.start, *self.rows), max(self.start, *self.rows)


def route(wires: Sequence[Wire]) -> tuple[list[Wire], int]:
    """Give every wire its track; some are cut into two pieces. Returns all pieces and the number of tracks."""
    pieces = list(wires)
    while (knot := _knot(pieces)) is not None:
        rows = {row for wire in pieces for row in (wire.start, *wire.rows)}
        # Two wires that trade places: one of them steps aside to a free row until the other has left.
        away = 1 if max(knot.rows) > knot.start else -1
        free = next(row for step in range(1, 2 * len(rows) + 2) for row in _aside(knot.start, step, away, rows))
        rest = Wire(knot.source, free, knot.rows, after=knot)
        knot.rows, knot.goes_on = (free,), True
        pieces.append(rest)
    climbing = [wire for wire in pieces if not wire.level]
    first = {id(wire): [other for other in climbing if _must_precede(other, wire)] for wire in climbing}
    waiting = sorted(climbing, key=_preference)
    placed: list[Wire] = []
    while waiting:
        wire = next(one for one in waiting if not any(other in waiting for other in first[id(one)]))
        waiting.remove(wire)
        wire.track = max((other.track + 1 for other in first[id(wire)]), default=0)
        while any(other.track == wire.track and _mix(other, wire) for other in placed):
            wire.track += 1
        placed.append(wire)
    return pieces, max((wire.track + 1 for wire in placed), default=0)


def _must_precede(one: Wire, other: Wire) -> bool:
    """Whether ``one`` must have left its row before ``other`` arrives there."""
    if one is other or one.level or other.level:
        return False
    if other.after is one:
        return True
    return one.after is None and not other.goes_on and one.start in other.rows and one.start not in one.rows


def _knot(wires: Sequence[Wire]) -> Wire | None:
    """A wire that can be cut to undo a circle of wires that must precede one another; None when there is no circle."""
    left = list(wires)
    while left:
        free = [wire for wire in left if not any(_must_precede(other, wire) for other in left)]
        if not free:
            inner = [wire for wire in left if any(_must_precede(wire, other) for other in left)]
            return next(wire for wire in inner if wire.after is None and not wire.goes_on)
        left = [wire for wire in left if not any(wire is one for one in free)]
    return None


def _aside(start: int, step: int, away: int, taken: set[int]) -> list[int]:
    """The free rows ``step`` away from ``start``, first on the side of ``away``."""
    return [row for row in (start + away * step, start - away * step) if row not in taken]


def _preference(wire: Wire) -> tuple[int, int]:
    """Wires that climb the same way cross least when the one nearest to where they go turns first."""
    down = max(wire.rows) > wire.start
    return (0, -wire.start) if down else (1, wire.start)


def _mix(one: Wire, other: Wire) -> bool:
    """Whether two climbs in one track would join wires that do not go to the same places."""
    return one.rows != other.rows and one.span[0] <= other.span[1] and other.span[0] <= one.span[1]
