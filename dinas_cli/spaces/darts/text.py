"""The text forms of DARTS genotypes; text is matched, never evaluated.

* ``genotype``, the DARTS text: ``Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], reduce=[...],
  reduce_concat=[2, 3, 4, 5])``; tuples, either quotes, any white space and ``range(2, 6)`` are read too;
* ``json``, an object with the same members;
* ``compact``, for shells: the source and operation digits of two inputs per node, ``0313-0313-0212-0213:0001-...``,
  where operations are numbered from 0 in the order of ``OPERATIONS`` without ``none``; read from nested tuples
  ``(((0, 3), (1, 3), ...), ((0, 0), ...))`` of (source, operation) too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from dinas_cli.errors import GenotypeError, UsageProblem, suggest
from dinas_cli.spaces.darts.cells import CELLS, NODES, OPERATIONS, Cell
from dinas_cli.spaces.shared.text import clean, shown

DIALECTS = ("genotype", "json", "compact")

_LONGEST = 2000  # characters; the longest genotype has under 700
_DEEPEST = 4
_NAMES = OPERATIONS[1:]
_MEMBERS = {f"{cell}{suffix}" for cell in CELLS for suffix in ("", "_concat")}
_COMPACT = re.compile(r"[0-9]{4}(?:-[0-9]{4}){3}:[0-9]{4}(?:-[0-9]{4}){3}")
_TOKEN = re.compile(r"""\s*([()\[\],=]|'[^'"]*'|"[^'"]*"|[0-9]{1,9}|[A-Za-z_]+)\s*""")
_HINT = "write it like Genotype(normal=[('sep_conv_3x3', 0), ...], normal_concat=[2, 3, 4, 5], reduce=[...], ...)"


def read(text: str) -> tuple[Cell, Cell]:
    """Both cells of a genotype in any dialect, the two inputs of every node in the order in which they are written.

    Raises :class:`GenotypeError` naming the rule that it breaks.
    """
    text = clean(text, _LONGEST, "darts")
    if _COMPACT.fullmatch(text):
        halves = [half.replace("-", "") for half in text.split(":")]
        cells = [[[int(half[at]), int(half[at + 1])] for at in range(0, 16, 2)] for half in halves]
        return _from_numbers(cells, text)
    if text.startswith("{"):
        return _from_members(_json(text), text)
    if text.startswith("Genotype"):
        return _from_members(_Reader(text).members(), text)
    if text.startswith(("(", "[")):
        return _from_numbers(_Reader(text).whole(), text)
    raise GenotypeError(f"genotype {shown(text)} is in no dialect of darts", _HINT)


def write(cells: Sequence[Cell], dialect: str | None = None) -> str:
    """Two cells as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
    if dialect == "compact":
        nodes = [["".join(f"{i}{op - 1}" for i, op in inputs) for inputs in cell] for cell in cells]
        return ":".join("-".join(cell) for cell in nodes)
    named = [[(OPERATIONS[op], i) for inputs in cell for i, op in inputs] for cell in cells]
    if dialect in (None, "genotype"):
        parts = [f"{c}={pairs!r}, {c}_concat={list(NODES)!r}" for c, pairs in zip(CELLS, named, strict=True)]
        return f"Genotype({', '.join(parts)})"
    if dialect == "json":
        members: dict[str, Any] = {}
        for name, pairs in zip(CELLS, named, strict=True):
            members |= {name: pairs, f"{name}_concat": NODES}
        return json.dumps(members, separators=(",", ":"))
    raise UsageProblem(f"unknown dialect {dialect!r}", suggest(str(dialect), DIALECTS, "dialects"))


def _json(text: str) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise GenotypeError(f"genotype {shown(text)} names a member twice")
        return dict(pairs)

    try:
        members: dict[str, Any] = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise GenotypeError(f"genotype {shown(text)} is not JSON that can be read", _HINT) from error
    return members


def _from_members(members: dict[str, Any], text: str) -> tuple[Cell, Cell]:
    """Check the members of a genotype: two lists of (name, source), all nodes concatenated."""
    for name in members:
        if name not in _MEMBERS:
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
                    f"unknown operation {shown(str(operation))}", suggest(str(operation), _NAMES, "operations")
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
                raise GenotypeError(f"unknown operation {shown(str(operation))}: operations are numbered 0 to 6")
        found.append(_cell(pairs, name))
    return found[0], found[1]


def _pairs(cell: Any, name: str, example: str) -> list[tuple[Any, Any]]:
    if isinstance(cell, list) and any(
        isinstance(part, list) and all(isinstance(x, list) for x in part) for part in cell
    ):
        raise GenotypeError(f"the pairs of the {name} cell are nested, node by node: write all 8 in one list", _HINT)
    if not isinstance(cell, list) or any(not isinstance(pair, list) or len(pair) != 2 for pair in cell):
        raise GenotypeError(f"the {name} cell is not a list of pairs like {example}", _HINT)
    if len(cell) != 2 * len(NODES):
        raise GenotypeError(f"the {name} cell has {len(cell)} inputs; its four nodes have exactly two each, 8 in all")
    return [(pair[0], pair[1]) for pair in cell]


def _cell(pairs: Sequence[tuple[Any, Any]], name: str) -> Cell:
    """The nodes of eight ``(source, operation number from 0)`` whose sources are yet to be checked."""
    nodes = []
    for place, node in enumerate(NODES):
        (one, first), (other, second) = pairs[2 * place : 2 * place + 2]
        for source in (one, other):
            if type(source) is not int or not 0 <= source < node:
                raise GenotypeError(
                    f"node {node} of the {name} cell takes its inputs from 0 to {node - 1}, not {shown(str(source))}"
                )
        if one == other:
            raise GenotypeError(f"node {node} of the {name} cell takes both inputs from {one}; they must differ")
        nodes.append(((one, first + 1), (other, second + 1)))
    return tuple(nodes)


class _Reader:
    """Reads the literals that genotypes are made of; tuples become lists."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        place = 0
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise GenotypeError(f"genotype {shown(text)}: unexpected character {shown(text[place])}")
            self.tokens.append(match[1])
            place = match.end()
        self.tokens.reverse()

    def members(self) -> dict[str, Any]:
        """``Genotype(name=value, ...)`` to the end of the text."""
        self._expect("Genotype")
        self._expect("(")
        found: dict[str, Any] = {}
        while not self._accept(")"):
            name = self._next()
            self._expect("=")
            if name in found:
                raise GenotypeError(f"genotype {shown(self.text)} names a member twice")
            found[name] = self._value(0)
            if not self._accept(","):
                self._expect(")")
                break
        return self._end(found)

    def whole(self) -> Any:
        """One value to the end of the text."""
        return self._end(self._value(0))

    def _value(self, depth: int) -> Any:
        token = self._next()
        if token == "range":
            bounds = self._value(depth)
            if not isinstance(bounds, list) or not bounds or any(type(bound) is not int for bound in bounds[:2]):
                raise self._wrong("range")
            start, stop = ([0, *bounds] if len(bounds) == 1 else bounds)[:2]
            return list(range(start, min(stop, start + 10)))
        if token in ("(", "["):
            if depth == _DEEPEST:
                raise GenotypeError(f"genotype {shown(self.text)} is nested too deeply")
            close = ")" if token == "(" else "]"
            items: list[Any] = []
            while not self._accept(close):
                items.append(self._value(depth + 1))
                if not self._accept(","):
                    self._expect(close)
                    break
            return items
        if token[0] in "'\"":
            return token[1:-1]
        if token.isdecimal():
            return int(token)
        raise self._wrong(token)

    def _next(self) -> str:
        if not self.tokens:
            raise GenotypeError(f"genotype {shown(self.text)} ends too early", _HINT)
        return self.tokens.pop()

    def _accept(self, token: str) -> bool:
        if self.tokens and self.tokens[-1] == token:
            self.tokens.pop()
            return True
        return False

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise self._wrong(found)

    def _end(self, value: Any) -> Any:
        if self.tokens:
            raise self._wrong(self.tokens[-1])
        return value

    def _wrong(self, token: str) -> GenotypeError:
        return GenotypeError(f"genotype {shown(self.text)}: unexpected {shown(token)}", _HINT)
