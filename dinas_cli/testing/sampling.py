"""Checks of where architectures come from: random ones, those that stand for the space, what may still be drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dinas_cli.testing.broken import broken_rule, cells, require, require_array

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space

WALKS = 200
LEAST_VALID = 0.98
"""Share of walks through legal types that must end in an architecture."""
LEAST_REACHED = 0.5
"""Share of drawn architectures that legal types must lead to: strict rules may lose some, not most."""
_RETRACED = 20


def check_draw(space: Space, count: int) -> None:
    """Random architectures are valid, as many as asked for, and the same for the same seed."""
    import numpy as np

    drawn = require_array("draw", space.draw(count, 0), (count, space.layout.size), "int8")
    _require_choices("draw", space, drawn)
    require(np.array_equal(drawn, space.draw(count, 0)), "draw: the same seed gives other architectures")
    require(not np.array_equal(drawn, space.draw(count, 1)), "draw: another seed gives the same architectures")
    for row in drawn.tolist():
        problem = broken_rule(space, row)
        require(problem is None, f"draw gives {row}, which is none of the space: {problem}")


def check_reference(space: Space, count: int) -> None:
    """What stands for the space is valid and always the same; where it is the whole space, it has each key once."""
    import numpy as np

    rows = require_array("reference", space.reference(), (None, space.layout.size), "int8")
    _require_choices("reference", space, rows)
    require(len(rows) > 1, f"reference: {len(rows)} architectures stand for the space")
    require(np.array_equal(rows, space.reference()), "reference: the second call gives others")
    some = rows[np.random.default_rng(0).permutation(len(rows))[:count]]
    for row in some.tolist():
        problem = broken_rule(space, row)
        require(problem is None, f"reference has {row}, which is none of the space: {problem}")
    if space.table_rows == len(rows):
        known = {space.key(row) for row in rows.tolist()}
        require(len(known) == len(rows), "reference: as many rows as the table, and two have one key")
        for row in cells(space, min(count, 200)):
            require(space.key(row) in known, f"reference: it is the whole space, and lacks {row}")


def check_legal(space: Space, count: int) -> None:
    """Types drawn from legal ones, one variable at a time in any order, end in an architecture, and most can be had."""
    import numpy as np

    values = walk(space, WALKS)
    problems = [problem for row in values.tolist() if (problem := broken_rule(space, row)) is not None]
    require(
        len(problems) <= (1 - LEAST_VALID) * WALKS,
        f"legal: {len(problems)} of {WALKS} random walks through legal types end in no architecture: {problems[:1]}",
    )
    lost = []
    random, choices = np.random.default_rng(1), np.array(space.layout.choices)
    drawn = cells(space, _RETRACED, seed=1)
    for row, order in zip(drawn, _orders(space, _RETRACED, random), strict=True):
        partial = choices[None].astype(np.int8)
        for place in order:
            if not _legal(space, partial, np.array([place]))[0, row[place]]:
                lost.append(f"{space.decode(row)} at variable {place}")
                break
            partial[0, place] = row[place]
    require(
        len(lost) < LEAST_REACHED * len(drawn),
        f"legal rules out {len(lost)} of {len(drawn)} architectures that draw gives: {lost[:1]}",
    )


def walk(space: Space, count: int) -> np.ndarray:
    """What sampling could give, ``(count, V)``: variables in random orders, types drawn from those that are legal."""
    import numpy as np

    random, choices = np.random.default_rng(0), np.array(space.layout.choices)
    values = np.tile(choices, (count, 1)).astype(np.int8)
    for places in _orders(space, count, random).T:
        allowed = _legal(space, values, places)
        chances = (allowed | ~allowed.any(1, keepdims=True)) * random.random(allowed.shape)
        chances[np.arange(allowed.shape[1]) >= choices[places, None]] = -1
        values[np.arange(count), places] = chances.argmax(1)
    return values


def _orders(space: Space, count: int, random: np.random.Generator) -> np.ndarray:
    """Random orders ``(count, V)`` in which variables may be drawn."""
    import numpy as np

    ranks = random.random((count, space.layout.size))
    if space.layout.nodes_first:
        ranks[:, len(space.layout.free_nodes) :] += 1
    return np.argsort(ranks, 1)


def _legal(space: Space, values: np.ndarray, variables: np.ndarray) -> np.ndarray:
    """What ``legal`` allows, ``(B, W)``, checked for shape and that nothing else is touched."""
    import numpy as np

    choices = np.array(space.layout.choices)
    possible = np.arange(choices.max()) < choices[variables, None]
    before = values.copy()
    allowed = space.legal(values, variables)
    require(np.array_equal(values, before), "legal changes the values it is asked about")
    if allowed is None:
        return possible
    require_array("legal", allowed, possible.shape, "bool_")
    require(not (allowed & ~possible).any(), "legal allows types that a variable does not have")
    return allowed


def _require_choices(what: str, space: Space, rows: np.ndarray) -> None:
    """Raise :class:`Broken` for values outside of the layout's choices."""
    outside = ((rows < 0) | (rows >= space.layout.choices)).any(1)
    require(not outside.any(), f"{what}: {rows[outside][:1].tolist()} is outside of the layout's choices")
