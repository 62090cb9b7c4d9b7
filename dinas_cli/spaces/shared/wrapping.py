"""Takes off what people keep around a genotype: quotes, names, what a log wrote before it, other programs' records."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared import literals

HOLDERS = ("genotype", "arch_str", "arch", "architecture")
"""Members of other programs' records that hold the genotype."""

_LAYERS = 12
_BEFORE = 300
"""Characters among which a name or a log's words may stand before a genotype."""
_SIGN = re.compile(r"[\w\]\"')#]\s{0,8}[:=]{1,2}\s{0,8}|>\s{1,8}")
_AFTER = ",; \t\r\n"
"""What may stand behind a genotype."""
_QUOTES = ("'", '"', "`")


def unwrapped(text: str, start: re.Pattern[str], *, call: str = "", holders: Sequence[str] = HOLDERS) -> str:
    """The genotype in ``text``, whose beginning matches ``start``; ``text`` itself where nothing is around it.

    Taken off are quotes around it all, a comma or semicolon behind it, everything before and with ``NAME =`` or
    ``name:``, everything before ``call(``, and objects one of whose members ``holders`` is the genotype; their other
    members are passed over.
    """
    for _ in range(_LAYERS):
        text = text.strip()
        inner = _unquoted(text)
        if inner == text:
            inner = _unlabelled(text, start, call)
        if inner == text:
            inner = _held(text, holders)
        if inner == text:
            break
        text = inner
    return text


def _unquoted(text: str) -> str:
    bare = text.rstrip(_AFTER)
    if len(bare) < 2 or bare[0] not in _QUOTES or bare[-1] != bare[0]:
        return bare or text
    inner = bare[1:-1]
    if bare[0] == '"':
        if "\\" in inner:
            with suppress(ValueError):
                return str(json.loads(bare))
        if '""' in inner and '"' not in inner.replace('""', ""):  # as CSV writes a quote
            return inner.replace('""', '"')
    return bare if bare[0] in inner else inner


def _unlabelled(text: str, start: re.Pattern[str], call: str) -> str:
    if start.match(text):
        return text
    called = text.find(f"{call}(", 0, _BEFORE) if call else -1
    for sign in islice(_SIGN.finditer(text, 0, called if called >= 0 else _BEFORE), 32):
        rest = text[sign.end() :]
        if start.match(rest) or (rest[:1] in _QUOTES and rest.rstrip(_AFTER).endswith(rest[0])):
            return rest
    return text[called:] if called > 0 and not text[called - 1].isalnum() else text


def _held(text: str, holders: Sequence[str]) -> str:
    if not text.startswith("{") or not any(holder in text for holder in holders):
        return text
    try:
        record: Any = literals.read(text)
    except GenotypeError:
        return text
    for holder in holders:
        held = record.get(holder) if isinstance(record, dict) else None
        if isinstance(held, str):
            return str(held)
        if isinstance(held, int | list | dict) and not isinstance(held, bool):
            with suppress(RecursionError):
                return json.dumps(held)
    return text
