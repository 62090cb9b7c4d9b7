"""How single values look in JSON, in TSV and to people."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from dinas_cli.files.text import visible
from dinas_cli.units import format_number

_PLAIN = frozenset({str, int, bool, type(None)})


def plain(value: Any) -> Any:
    """``value`` as JSON can hold it: numpy values unwrapped, NaN and infinities ``None``, tuples lists."""
    if type(value) in _PLAIN:  # most values by far, and a look-up is several times faster than what follows
        return value
    if type(value) is float:
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return str(value)


def tsv_cell(value: Any) -> str:
    """One TSV cell: exact numbers, ``yes``/``no``, JSON for what has structure; nothing that does not print."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return json.dumps(value, allow_nan=False, separators=(",", ":"))
    return visible(str(value))


def human_cell(value: Any, unit: str) -> str:
    """One cell for people: rounded numbers, ``–`` where nothing is known."""
    value = plain(value)
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float) and unit:
        return format_number(value, unit)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return visible(str(value))


def counted(number: int, noun: str) -> str:
    """``1 file``, ``3 files``, ``1,204 files``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
