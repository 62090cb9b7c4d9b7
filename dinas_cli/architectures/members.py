"""Members of JSON objects, read strictly: what is there instead of what should be is said in plain words."""

from __future__ import annotations

import math
import sys
from collections.abc import Collection, Mapping
from typing import Any

from dinas_cli.files.text import brief

_LARGEST = sys.float_info.max
"""JSON can write larger numbers."""


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    names: dict[type, str] = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return names.get(type(value), "null" if value is None else "a number")


def read_object(value: Any, name: str, known: Collection[str]) -> Mapping[str, Any]:
    """An object with no other members than the ``known``; raises :class:`TypeError` or :class:`ValueError`."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} is {kind_of(value)}, not an object")
    unknown = sorted(set(value) - set(known))
    if unknown:
        raise ValueError(f"unknown member {brief(unknown[0])}")
    return value


def read_list(value: Any, name: str) -> list[Any]:
    """A list; raises :class:`TypeError` for anything else."""
    if not isinstance(value, list | tuple):
        raise TypeError(f"{name} is {kind_of(value)}, not a list")
    return list(value)


def read_text(value: Any) -> str:
    """A text; raises :class:`TypeError` for anything else."""
    if not isinstance(value, str):
        raise TypeError(f"{brief(value)} is not a text")
    return value


def read_number(value: Any, most: float = math.inf, least: float = 0.0) -> float:
    """A number above ``least`` and at most ``most``; raises :class:`TypeError` or :class:`ValueError`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{brief(value)} is not a number")
    if not least < value <= most or not -_LARGEST <= value <= _LARGEST:
        raise ValueError(f"{brief(value)} is out of range")
    return float(value)
