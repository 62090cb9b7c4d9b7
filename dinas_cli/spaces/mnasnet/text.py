"""Genotypes of networks, in three dialects that can each express every network.

* ``compact``: a term for every block, ``e6k3l1,e4k5l2s,…``: expansion, kernel, layers, and an s for squeeze-excite;
* ``json``, the benchmark's: ``{"block0_e": 6, "block0_k": 3, "block0_l": 1, "block0_se": false, …}``;
* ``lists``, of the benchmark's ``manual_sample``: ``[[6, 4, …], [3, 5, …], [1, 2, …], [False, True, …]]``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from dinas_cli.errors import GenotypeError, find_name
from dinas_cli.spaces.mnasnet.blocks import WIDTHS, Block
from dinas_cli.spaces.shared import literals
from dinas_cli.spaces.shared.text import clean, shown
from dinas_cli.spaces.shared.wrapping import unwrapped

DIALECTS = ("compact", "json", "lists")
_TERM = r"e([0-9]{1,3})k([0-9]{1,3})l([0-9]{1,3})(s?)"
_START = re.compile(rf"{_TERM}|\{{|\[ *\[", re.ASCII)
_PARTS = ("e", "k", "l", "se")
_HINT = 'write it like e6k3l1,e4k5l2s,… (seven blocks), or {"block0_e": 6, "block0_k": 3, …}'


def read(genotype: str) -> tuple[Block, ...]:
    """Parse a genotype of any dialect; raise :class:`GenotypeError` naming the broken rule.

    Whether blocks may choose what they do is not asked here.
    """
    text = unwrapped(clean(genotype, 4000, "the benchmark"), _START)
    if text[:1] in ("{", "["):
        found = literals.read(text, _HINT)
        return members(found) if isinstance(found, dict) else _lists(found, text)
    matches = [re.fullmatch(_TERM, term, re.ASCII) for term in text.replace(" ", "").split(",")]
    if not all(matches):
        raise GenotypeError(f"genotype {shown(text)} is no mnasnet network", _HINT)
    return tuple(Block(int(m[1]), int(m[2]), int(m[3]), bool(m[4])) for m in matches if m)


def write(blocks: tuple[Block, ...], dialect: str | None) -> str:
    """The genotype of a network; raise :class:`UsageProblem` for an unknown dialect."""
    name = find_name(dialect, DIALECTS, "dialect")
    rows = [(block.expansion, block.kernel, block.layers, block.gate) for block in blocks]
    if name == "json":
        return json.dumps(
            {f"block{n}_{part}": v for n, row in enumerate(rows) for part, v in zip(_PARTS, row, strict=True)}
        )
    if name == "lists":
        return str([list(column) for column in zip(*rows, strict=True)])
    return ",".join(f"e{e}k{k}l{n}{'s' if gate else ''}" for e, k, n, gate in rows)


def members(found: dict[Any, Any]) -> tuple[Block, ...]:
    """The blocks of the benchmark's own object; raise :class:`GenotypeError` for one that is none."""
    missing = [name for n in range(len(WIDTHS)) for part in _PARTS if (name := f"block{n}_{part}") not in found]
    if missing:
        raise GenotypeError(f"the network has no {missing[0]}", _HINT)
    return tuple(_block([found[f"block{n}_{part}"] for part in _PARTS]) for n in range(len(WIDTHS)))


def _lists(found: Any, text: str) -> tuple[Block, ...]:
    whole = isinstance(found, list) and len(found) == len(_PARTS) and all(isinstance(part, list) for part in found)
    if not whole or {len(part) for part in found} != {len(WIDTHS)}:
        raise GenotypeError(f"genotype {shown(text)} is not four lists of {len(WIDTHS)}", _HINT)
    return tuple(_block(list(row)) for row in zip(*found, strict=True))


def _block(row: list[Any]) -> Block:
    expansion, kernel, layers, gate = row
    for value in row[:3]:
        if type(value) is not int:
            raise GenotypeError(f"{shown(value)} is not a whole number", _HINT)
    if type(gate) is not bool:
        raise GenotypeError(f"squeeze-excite is {shown(gate)}, not true or false", _HINT)
    return Block(expansion, kernel, layers, gate)
