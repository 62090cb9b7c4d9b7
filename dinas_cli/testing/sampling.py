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
_REACHED = 20


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
    """Types drawn from legal ones, one variable at a time in any order, end in an architecture; every one can be."""
    import numpy as np

    random = np.random.default_rng(0)
    choices = np.array(space.layout.choices)
    walks = min(count, WALKS)
    values = np.tile(choices, (walks, 1)).astype(np.int8)
    everyone = np.arange(walks)
    for places in random.permuted(np.tile(np.arange(len(choices)), (walks, 1)), axis=1).T:
        allowed = _legal(space, values, places)
        chances = (allowed | ~allowed.any(1, keepdims=True)) * random.random(allowed.shape)
        chances[np.arange(allowed.shape[1]) >= choices[places, None]] = -1
        values[everyone, places] = chances.argmax(1)
    problems = [problem for row in values.tolist() if (problem := broken_rule(space, row)) is not None]
    least = LEAST_VALID if walks >= WALKS else 0.9
    require(
        walks - len(problems) >= least * walks,
        f"legal: {len(problems)} of {walks} random walks through legal types end in no architecture: {problems[:1]}",
    )
    for row in cells(space, _REACHED, seed=1):
        partial = choices[None].astype(np.int8)
        for place in random.permutation(len(choices)):
            allowed = _legal(space, partial, np.array([place]))
            require(allowed[0, row[place]], f"legal rules out variable {place} of {list(row)}, which draw gives")
            partial[0, place] = row[place]


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
