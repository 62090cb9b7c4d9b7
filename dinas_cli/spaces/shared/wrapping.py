"""Takes off what people keep around a genotype: quotes, names, what a log wrote before it, other programs' records."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared import literals

HOLDERS = ("genotype", "arch_str", "arch", "architecture")
"""Members of other programs' records that hold the genotype."""

_LAYERS = 5
_BEFORE = 300
"""Characters among which a name or a log's words may stand before a genotype."""
_SIGN = re.compile(r"[\w\]\"')#]\s{0,8}[:=]{1,2}\s{0,8}|>\s{1,8}")
_QUOTES = ("'", '"', "`")


def unwrapped(text: str, start: re.Pattern[str], *, call: str = "", holders: Sequence[str] = HOLDERS) -> str:
    """The genotype in ``text``, whose beginning matches ``start``; ``text`` itself where nothing is around it.

    Taken off are quotes around it all, a comma or semicolon behind it, everything before and with ``NAME =`` or
    ``name:``, everything before ``call(``, and objects one of whose members ``holders`` is the genotype; their other
    members are passed over.
    """
    for _ in range(_LAYERS):
        inner = _held(_unlabelled(_unquoted(text.strip()), start, call), holders)
        if inner == text:
            break
        text = inner
    return text


def _unquoted(text: str) -> str:
    bare = text.rstrip(",; \t\r\n")
    if len(bare) < 2 or bare[0] not in _QUOTES or bare[-1] != bare[0]:
        return bare or text
    inner = bare[1:-1]
    if bare[0] == '"':
        if "\\" in inner:
            try:
                return str(json.loads(bare))
            except ValueError:
                return bare
        if '""' in inner and '"' not in inner.replace('""', ""):  # as CSV writes a quote
            return inner.replace('""', '"')
    return bare if bare[0] in inner else inner


def _unlabelled(text: str, start: re.Pattern[str], call: str) -> str:
    if start.match(text):
        return text
    if call and (place := text.find(f"{call}(", 0, _BEFORE)) > 0 and not text[place - 1].isalnum():
        return text[place:]
    for sign in islice(_SIGN.finditer(text, 0, _BEFORE), 32):
        place = sign.end()
        if start.match(text, place) or (text[place : place + 1] in _QUOTES and start.match(text, place + 1)):
            return text[place:]
    return text


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
            return json.dumps(held)
    return text
