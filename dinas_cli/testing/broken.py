"""How a check fails, and what several checks ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import DinasError, GenotypeError
from dinas_cli.spaces.shared.guard import array_problem

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space, Values


class Broken(DinasError):
    """A space does not keep its contract; the message says where."""


def require(condition: object, message: str) -> None:
    """Raise :class:`Broken` with ``message`` unless ``condition`` holds."""
    if not condition:
        raise Broken(message)


def require_array(what: str, found: Any, shape: Sequence[int | None], kind: str) -> np.ndarray:
    """``found`` if it is an array of that shape (None: any length) and kind of numbers (``bool_``, ``int8``, …)."""
    problem = array_problem(found, tuple(shape), kind)
    require(problem is None, f"{what} {problem}")
    array: np.ndarray = found
    return array


def cells(space: Space, count: int, seed: int = 0) -> list[Values]:
    """Random architectures of the space."""
    return [tuple(row) for row in space.draw(count, seed).tolist()]


def broken_rule(space: Space, values: Values) -> str | None:
    """The rule that values break, None for an architecture of the space."""
    try:
        space.canonical_id(values)
    except GenotypeError as error:
        return error.message
    return None
