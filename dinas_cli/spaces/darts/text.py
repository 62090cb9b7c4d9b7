"""The text forms of DARTS genotypes; text is matched, never evaluated.

* ``genotype``, the DARTS text: ``Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], reduce=[...],
  reduce_concat=[2, 3, 4, 5])``; members without their names, ``range(2, 6)``, a list per node, and triples whose third
  is a number (of which GDAS prints weights) are read too;
* ``json``, an object with the same members;
* ``compact``, for shells: the source and operation digits of two inputs per node, ``0313-0313-0212-0213:0001-...``,
  where operations are numbered from 0 in the order of ``OPERATIONS`` without ``none``; read from nested tuples
  ``(((0, 3), (1, 3), ...), ((0, 0), ...))`` of (source, operation) too;
* configurations of NAS-Bench-301, see :mod:`dinas_cli.spaces.darts.configuration`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from dinas_cli.errors import GenotypeError, find_name, suggest
from dinas_cli.spaces.darts.cells import CELLS, NODES, OPERATIONS, Cell
from dinas_cli.spaces.darts.configuration import is_configuration, read_lines, read_members
from dinas_cli.spaces.shared import literals
from dinas_cli.spaces.shared.text import clean, shown
from dinas_cli.spaces.shared.wrapping import HOLDERS, unwrapped

DIALECTS = ("genotype", "json", "compact")

_LONGEST = 8000  # characters; the longest genotype has under 700, a configuration or indented JSON some thousand
_NAMES = OPERATIONS[1:]
_MEMBERS = {f"{cell}{suffix}" for cell in CELLS for suffix in ("", "_concat")}
_COMPACT = re.compile(r"[0-9]{4}(?:-[0-9]{4}){3}:[0-9]{4}(?:-[0-9]{4}){3}")
_ORDER = ("normal", "normal_concat", "reduce", "reduce_concat")
_UNUSED = ("connectN", "connects")
"""Members that newer code of GDAS's authors adds to a genotype, None in DARTS' space."""
_START = re.compile(r"(?:[\w.]+\.)?(?:Genotype|Configuration)\s*\(|[\[(]\s*[\[(]|\{|[0-9]{4}-[0-9]{4}-", re.ASCII)
_HINT = "write it like Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], reduce=[...], ...)"


def read(text: str) -> tuple[Cell, Cell]:
    """Both cells of a genotype in any dialect, the two inputs of every node in the order in which they are written.

    Raises :class:`GenotypeError` naming the rule that it breaks.
    """
    text = clean(text, _LONGEST, "darts")
    if members := read_lines(text):
        return _from_members(members, text)
    text = unwrapped(text, _START, call="Genotype", holders=(*HOLDERS, "config", "configuration"))
    if _COMPACT.fullmatch(text):
        halves = [half.replace("-", "") for half in text.split(":")]
        cells = [[[int(half[at]), int(half[at + 1])] for at in range(0, 16, 2)] for half in halves]
        return _from_numbers(cells, text)
    if not _START.match(text) or text[0].isdigit():
        raise GenotypeError(f"genotype {shown(text)} is in no dialect of darts", _HINT)
    value = literals.read(text, _HINT)
    if isinstance(value, literals.Call):
        value = _called(value, text)
    return _from_members(value, text) if isinstance(value, dict) else _from_numbers(value, text)


def write(cells: Sequence[Cell], dialect: str | None = None) -> str:
    """Two cells as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
    chosen = find_name(dialect, DIALECTS, "dialect")
    if chosen == "compact":
        nodes = [["".join(f"{i}{op - 1}" for i, op in inputs) for inputs in cell] for cell in cells]
        return ":".join("-".join(cell) for cell in nodes)
    named = [[(OPERATIONS[op], i) for inputs in cell for i, op in inputs] for cell in cells]
    if chosen == "genotype":
        parts = [f"{c}={pairs!r}, {c}_concat={list(NODES)!r}" for c, pairs in zip(CELLS, named, strict=True)]
        return f"Genotype({', '.join(parts)})"
    members: dict[str, Any] = {}
    for name, pairs in zip(CELLS, named, strict=True):
        members |= {name: pairs, f"{name}_concat": NODES}
    return json.dumps(members, separators=(",", ":"))


def _called(call: literals.Call, text: str) -> dict[str, Any]:
    """The members of ``Genotype(...)``, or of ``Configuration(values={...})``."""
    if call.name == "Configuration":
        return dict(next((found for found in (*call.members.values(), *call.values) if isinstance(found, dict)), {}))
    named = dict(zip(_ORDER, call.values, strict=False))
    twice = len(call.values) > len(_ORDER) or named.keys() & call.members.keys()
    if call.name != "Genotype" or twice:
        what = "names a member twice" if twice else f"is {shown(call.name)}(...), not Genotype(...)"
        raise GenotypeError(f"genotype {shown(text)} {what}", _HINT)
    return named | call.members


def _from_members(members: dict[str, Any], text: str) -> tuple[Cell, Cell]:
    """Check the members of a genotype: two lists of (name, source), all nodes concatenated."""
    if is_configuration(members):
        members = read_members(members)
    for name in members:
        if name not in _MEMBERS and not (name in _UNUSED and members[name] is None):
            raise GenotypeError(f"unknown member {shown(name)}", suggest(name, sorted(_MEMBERS), "members"))
    missing = [name for name in CELLS if name not in members]
    if missing:
        raise GenotypeError(f"genotype {shown(text)} has no member {missing[0]!r}", _HINT)
    cells = []
    for name in CELLS:
        concat = members.get(f"{name}_concat", list(NODES))
        if not isinstance(concat, list) or any(type(node) is not int for node in concat) or sorted(concat) != [*NODES]:
            raise GenotypeError(f"{name}_concat is not [2, 3, 4, 5]: a darts cell concatenates all of its four nodes")
        pairs = _pairs(members[name], name, f"('{_NAMES[3]}', 0)")
        numbers = []
        for operation, source in pairs:
            if not isinstance(operation, str) or operation not in _NAMES:
                raise GenotypeError(
                    f"unknown operation {shown(operation)}", suggest(str(operation), _NAMES, "operations")
                )
            numbers.append((source, _NAMES.index(operation)))
        cells.append(_cell(numbers, name))
    return cells[0], cells[1]


def _from_numbers(cells: Any, text: str) -> tuple[Cell, Cell]:
    """Check two lists of (source, operation number)."""
    if not isinstance(cells, list) or len(cells) != len(CELLS):
        raise GenotypeError(f"genotype {shown(text)} is not two cells, the normal and the reduction cell", _HINT)
    found = []
    for name, cell in zip(CELLS, cells, strict=True):
        pairs = _pairs(cell, name, "(0, 3)")
        for _, operation in pairs:
            if type(operation) is not int or not 0 <= operation < len(_NAMES):
                raise GenotypeError(f"unknown operation {shown(operation)}: operations are numbered 0 to 6")
        found.append(_cell(pairs, name))
    return found[0], found[1]


def _pairs(cell: Any, name: str, example: str) -> list[tuple[Any, Any]]:
    """The eight inputs of a cell, of one list or of a list per node."""
    wrong = f"the {name} cell is not a list of pairs like {example}"
    if not isinstance(cell, list):
        raise GenotypeError(wrong, _HINT)
    if len(cell) == len(NODES) and all(
        isinstance(x, list | tuple) for node in cell if isinstance(node, list) for x in node
    ):
        cell = [pair for place, node in enumerate(cell) for pair in _inputs(node, NODES[place], name)]
    if any(not isinstance(pair, list | tuple) or not _is_pair(pair) for pair in cell):
        raise GenotypeError(wrong, _HINT)
    if len(cell) != 2 * len(NODES):
        raise GenotypeError(f"the {name} cell has {len(cell)} inputs; its four nodes have exactly two each, 8 in all")
    return [(pair[0], pair[1]) for pair in cell]


def _inputs(node: Any, number: int, name: str) -> list[Any]:
    """The two inputs of one node; where all of its edges are listed, those of them that are not ``none``."""
    inputs = list(node) if isinstance(node, list) else [node]
    if len(inputs) > 2:
        inputs = [pair for pair in inputs if "none" not in pair]
    if len(inputs) != 2:
        raise GenotypeError(
            f"node {number} of the {name} cell has {len(inputs)} inputs; every node of a darts cell has exactly two"
        )
    return inputs


def _is_pair(pair: Sequence[Any]) -> bool:
    return len(pair) == 2 or (len(pair) == 3 and isinstance(pair[2], int | float))


def _cell(pairs: Sequence[tuple[Any, Any]], name: str) -> Cell:
    """The nodes of eight ``(source, operation number from 0)`` whose sources are yet to be checked."""
    nodes = []
    for place, node in enumerate(NODES):
        (one, first), (other, second) = pairs[2 * place : 2 * place + 2]
        for source in (one, other):
            if type(source) is not int or not 0 <= source < node:
                raise GenotypeError(
                    f"node {node} of the {name} cell takes its inputs from 0 to {node - 1}, not {shown(source)}"
                )
        if one == other:
            raise GenotypeError(f"node {node} of the {name} cell takes both inputs from {one}; they must differ")
        nodes.append(((one, first + 1), (other, second + 1)))
    return tuple(nodes)
