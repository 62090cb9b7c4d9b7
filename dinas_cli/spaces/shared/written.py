"""Values that remember how an architecture was written, for networks whose names or channels depend on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class AsWritten(tuple[int, ...]):
    """Values of an architecture, equal to the plain ones, with the order of its text in :attr:`form`.

    Two texts can stand for one architecture and yet name the modules of its network differently. What builds or writes
    the architecture follows ``form``; everything else takes the values for what they are, and arrays of values know
    nothing of it.
    """

    form: Any
    """Whatever the space keeps of the text; None: nothing."""

    def __new__(cls, values: Iterable[int], form: Any = None) -> AsWritten:
        made = super().__new__(cls, values)
        made.form = form
        return made


def form_of(values: Iterable[int]) -> Any:
    """How values were written, None for plain ones."""
    return values.form if isinstance(values, AsWritten) else None
