"""Right-angled wires between two layers: whatever the rows, no wire lies on another that goes elsewhere."""

from __future__ import annotations

import random
from collections import defaultdict

from dinas_cli.draw.channels import Wire, route


def check(wires: list[Wire]) -> int:
    """Route and check; returns the number of tracks."""
    wanted = {wire.source: (wire.start, wire.rows) for wire in wires}
    pieces, tracks = route(wires)
    level: dict[tuple[int, int], list[Wire]] = defaultdict(list)  # (row, column): who passes or ends there
    climbing: dict[tuple[int, int], list[Wire]] = defaultdict(list)
    reached: dict[int, set[int]] = defaultdict(set)
    for wire in pieces:
        come = -1 if wire.after is None else wire.after.track
        if wire.level:
            at = tracks
        else:
            at = wire.track
            assert come < at < tracks
            for row in range(wire.span[0], wire.span[1] + 1):
                climbing[row, at].append(wire)
        for column in range(come, at + 1):
            level[wire.start, column].append(wire)
        if not wire.goes_on:
            reached[wire.source] |= set(wire.rows)
            for row in wire.rows:
                for column in range(at, tracks + 1):
                    level[row, column].append(wire)
        if wire.after is None:
            assert wire.start == wanted[wire.source][0]
        else:
            assert wire.after.goes_on
            assert wire.after.rows == (wire.start,)
    assert {source: tuple(sorted(rows)) for source, rows in reached.items()} == {s: r for s, (_, r) in wanted.items()}
    for places in (level, climbing):
        for (row, _), here in places.items():
            different = {wire.source: wire for wire in here}.values()
            if len(different) > 1:
                assert all(not wire.goes_on for wire in different)
                if places is level:
                    assert all(row in wire.rows for wire in different)
                else:
                    assert len({wire.rows for wire in different}) == 1
    ends = {(row, at) for wire in pieces if not wire.level for row in (wire.start, *wire.rows) for at in (wire.track,)}
    for row, at in ends:  # a corner lies on no other wire's level line, unless both go to that row
        wires_here = {wire.source: wire for wire in [*level[row, at], *climbing[row, at]]}.values()
        turning = [w for w in wires_here if not w.level and w.track == at and row in (w.start, *w.rows)]
        for turn in turning:
            for other in level[row, at]:
                if other.source != turn.source:
                    assert row in other.rows
                    assert row in turn.rows
    return tracks


def test_level_wires_need_no_track() -> None:
    assert check([Wire(0, 0, (0,)), Wire(1, 2, (2,))]) == 0


def test_wires_to_one_place_share_a_track() -> None:
    assert check([Wire(0, 0, (4,)), Wire(1, 2, (4,)), Wire(2, 8, (4,))]) == 1


def test_trading_places_takes_a_step_aside() -> None:
    wires = [Wire(0, 0, (2,)), Wire(1, 2, (0,))]
    assert check(wires) == 3
    assert check([Wire(0, 0, (2,)), Wire(1, 2, (4,)), Wire(2, 4, (0,))]) >= 3


def test_any_wires() -> None:
    chance = random.Random(0)
    for _ in range(3000):
        rows = [2 * row for row in range(chance.randrange(1, 8))]
        shift = chance.choice((0, 0, 1))
        starts = chance.sample(rows, chance.randrange(1, len(rows) + 1))
        wires = []
        for source, start in enumerate(starts):
            targets = chance.sample(rows, chance.randrange(1, min(3, len(rows)) + 1))
            wires.append(Wire(source, start, tuple(sorted(row + shift for row in targets))))
        check(wires)
