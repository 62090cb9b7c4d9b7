"""How a check fails, and what several checks ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import DinasError, GenotypeError

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
    """``found`` if it is an array of that shape (None: any length) and kind of numbers (``bool``, ``int8``, …)."""
    import numpy as np

    require(isinstance(found, np.ndarray), f"{what} is no array but {type(found).__name__}")
    fits = len(found.shape) == len(shape) and all(b in (None, a) for a, b in zip(found.shape, shape, strict=True))
    wanted = f"({', '.join('any' if size is None else str(size) for size in shape)})"
    require(fits, f"{what} has the shape {found.shape}, not {wanted}")
    require(np.issubdtype(found.dtype, getattr(np, kind)), f"{what} has the type {found.dtype}, not {kind}")
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
