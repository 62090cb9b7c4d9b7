"""Members of JSON objects from files, whose types are checked when they are asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

MOST = 1 << 40
"""What a whole number may be at most where nothing else bounds it."""


class Fields:
    """The members of a JSON object; all methods raise :class:`ValueError` naming the member that is not as it should.

    ``known`` are the only names that it may have, where they are given.
    """

    def __init__(self, data: object, what: str, known: frozenset[str] | None = None) -> None:
        if not isinstance(data, Mapping):
            raise ValueError(f"its {what} is no object")
        self._data: Mapping[str, Any] = data
        for name in data if known is not None else ():
            if name not in (known or ()):
                raise ValueError(f"its {what} has no member {str(name)[:40]!r}")

    def text(self, name: str) -> str:
        """A member that is text."""
        return str(self._typed(name, str, "text"))

    def texts(self, name: str) -> tuple[str, ...]:
        """A member that is a list of texts, all different."""
        found = self.items(name)
        if not all(isinstance(item, str) for item in found) or len(set(found)) != len(found):
            raise ValueError(f"its {name!r} is no list of different names")
        return tuple(found)

    def items(self, name: str) -> list[Any]:
        """A member that is a list of anything."""
        found: list[Any] = self._typed(name, list, "a list")
        return found

    def flag(self, name: str) -> bool:
        """A member that is true or false."""
        return bool(self._typed(name, bool, "true or false"))

    def whole(self, name: str, least: int = 0, most: int = MOST, default: int | None = None) -> int:
        """A member that is a whole number in bounds; ``default`` where there is none."""
        if default is not None and name not in self._data:
            return default
        found = self._member(name)
        if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
            raise ValueError(f"its {name!r} is {short(found)} instead of a whole number from {least} to {most}")
        return found

    def numbers(self, name: str) -> dict[str, float]:
        """A member that is an object of finite numbers."""
        found = self._typed(name, dict, "an object")
        if not all(is_number(value) for value in found.values()):
            raise ValueError(f"its {name!r} has members that are no numbers")
        return {key: float(value) for key, value in found.items()}

    def _typed(self, name: str, kind: type, what: str) -> Any:
        found = self._member(name)
        if not isinstance(found, kind):
            raise ValueError(f"its {name!r} is {short(found)} instead of {what}")
        return found

    def _member(self, name: str) -> Any:
        if name not in self._data:
            raise ValueError(f"it lacks {name!r}")
        return self._data[name]


def is_number(value: object) -> bool:
    """Whether a member is a number that is finite, also as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond all floats
        return False


def short(value: object) -> str:
    """A member in an error line, cut where it is long."""
    if isinstance(value, list | dict):
        return f"{'a list' if isinstance(value, list) else 'an object'} of {len(value)}"
    if isinstance(value, int) and not -MOST <= value <= MOST:
        return "a number beyond all bounds"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
