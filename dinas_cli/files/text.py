"""Text from outside as numbers, as plain lines, and as a terminal may show it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\s*", re.ASCII)

SPELLED = {
    "×": "x", "–": "-", "−": "-", "·": ".", "→": "->", "≤": "<=", "≥": ">=", "µ": "u", "μ": "u", "′": "'", "…": "...",
    "²": "^2", "³": "^3", "↓": "/", "σ": "sigma", "τ": "tau", "⊙": "*", "∞": "inf", "│": "|", "─": "-", "±": "+-",
    "▶": ">",
}  # fmt: skip
"""What stands for characters that are not ASCII, where nothing else can be shown."""

_SPELLING = str.maketrans(SPELLED)
_BRIEF = 80
_LONGEST_WORD, _LONGEST_LINE = 400, 2000
"""Characters of a message; file names are shorter, and lists of names too."""


def flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Members of members, named with dots; lists joined by commas."""
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{key}.")
        elif isinstance(value, list | tuple):
            yield prefix + key, ", ".join(str(item) for item in value)
        else:
            yield prefix + key, value


def as_number(text: str) -> float:
    """``text`` as a finite number; raise :class:`ValueError` for anything else (``1_0``, ``nan``, ``1e999``)."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]!r} is not a number")
    return value


def visible(text: str) -> str:
    """``text`` on one line, with nothing that moves a terminal's cursor, changes its colours or turns letters around.

    Control characters, line ends, bidirectional marks and whatever else does not print is written as Python escapes it.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def spelled(text: str) -> str:
    """``text`` with what :data:`SPELLED` knows in ASCII; letters of names stay as they are."""
    return text if text.isascii() else text.translate(_SPELLING)


def one_line(text: str) -> str:
    """A message as :func:`visible` text: white space becomes single spaces, and what is too long loses its middle."""
    return _cut(visible(" ".join(_cut(word, _LONGEST_WORD) for word in text.split())), _LONGEST_LINE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-most // 4 :]}"


def brief(value: object) -> str:
    """A value as Python shows it, for a message: shortened, and printable whatever it holds."""
    try:
        text = repr(value[:_BRIEF] if isinstance(value, str) else value)
    except (RecursionError, ValueError):  # nested more deeply, or with more digits, than Python shows
        text = f"a {type(value).__name__}"
    return visible(text if len(text) <= _BRIEF else text[: _BRIEF - 3] + "...")
