"""Nested data as plain lines, and text from outside as a terminal may show it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Members of members, named with dots; lists joined by commas."""
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple):
            yield prefix + key, ", ".join(str(item) for item in value)
        else:
            yield prefix + key, value


def visible(text: str) -> str:
    """``text`` without control characters, which could move a terminal's cursor or change its colours."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
