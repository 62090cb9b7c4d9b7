"""Reads the literals in which people keep genotypes, Python's, numpy's and JSON's alike, without evaluating any.

Lists, tuples and arrays all become lists; ``range``, ``list(...)``, ``np.array(...)`` and numpy's numbers are taken for
what they hold. One call of another name, such as ``Genotype(...)``, may enclose it all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared.text import shown

DEEPEST = 8
_TOKEN = re.compile(
    r"""(?:\s|\#[^\n]*\n)*+(?:([()\[\]{},:=])|[ub]?('[^'\\\n]*'|"(?:[^"\\\n]|\\.)*")"""
    r"""|([+-]?[0-9]{1,15}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,3})?)(?!\w)|([A-Za-z_][\w.]*))(?:\s|\#[^\n]*(?:\n|$))*+"""
)
_QUOTED, _NUMBER = 2, 3
"""Groups of a token."""
_HOLDERS = frozenset({"list", "tuple", "array", "asarray", "tensor", "str_"})
_NUMPY_NUMBER = re.compile("u?int[0-9]*_?|float[0-9]*_?|bool_?")
_CONSTANTS = {"None": None, "null": None, "True": True, "true": True, "False": False, "false": False}
_LONGEST_RANGE = 16


@dataclass(frozen=True)
class Call:
    """``name(values, ..., member=value, ...)``; the name without the modules before it."""

    name: str
    values: list[Any]
    members: dict[str, Any]


class Name(str):
    """A word without quotes, as constants are written."""

    __slots__ = ()


def read(text: str, hint: str | None = None) -> Any:
    """The value that ``text`` writes; several values with commas between them are a list.

    Raises :class:`GenotypeError` with ``hint`` for anything else.
    """
    if text[:1] in ("{", "["):
        try:
            return json.loads(text, object_pairs_hook=lambda pairs: _unique(pairs, text))
        except (ValueError, RecursionError):
            pass
    return _Reader(text, hint).whole()


class _Reader:
    def __init__(self, text: str, hint: str | None) -> None:
        self.text, self.hint = text, hint
        self.tokens: list[Any] = []
        """Last one first: signs and words as they are, texts and numbers as a tuple of the value."""
        place = 0
        for match in _TOKEN.finditer(text):
            if match.start() != place:
                break
            place = match.end()
            kind, token = match.lastindex, match[match.lastindex or 0]
            if kind == _QUOTED:
                self.tokens.append((self._text(token),))
            else:
                self.tokens.append((_number(token),) if kind == _NUMBER else token)
        if place != len(text):
            raise self._wrong(text[place], "unexpected character")
        self.tokens.reverse()

    def whole(self) -> Any:
        """One value to the end of the text, or several with commas."""
        values = [self._value(0)]
        while self._accept(","):
            if self.tokens:
                values.append(self._value(0))
        if self.tokens:
            raise self._wrong(self.tokens[-1])
        return values[0] if len(values) == 1 else values

    def _value(self, depth: int) -> Any:
        token = self._next()
        if isinstance(token, tuple):
            return token[0]
        if depth == DEEPEST:
            raise GenotypeError(f"genotype {shown(self.text)} is nested too deeply", self.hint)
        if token in ("(", "["):
            return self._items(")" if token == "(" else "]", depth)
        if token == "{":
            return self._object(depth)
        if token in _CONSTANTS:
            return _CONSTANTS[token]
        if not token[0].isalpha() and token[0] != "_":
            raise self._wrong(token)
        if not self._accept("("):
            return Name(token)
        return self._called(token, depth)

    def _items(self, close: str, depth: int) -> list[Any]:
        items: list[Any] = []
        while not self._accept(close):
            items.append(self._value(depth + 1))
            # numpy prints arrays without commas
            if not self._accept(",") and (close == ")" or not (isinstance(self._peek(), tuple) or self._peek() == "[")):
                self._expect(close)
                break
        return items

    def _object(self, depth: int) -> dict[str, Any]:
        pairs = []
        while not self._accept("}"):
            token = self._next()
            key = token[0] if isinstance(token, tuple) else None
            if not isinstance(key, str):
                raise self._wrong(token)
            self._expect(":")
            pairs.append((key, self._value(depth + 1)))
            if not self._accept(","):
                self._expect("}")
                break
        return _unique(pairs, self.text)

    def _called(self, name: str, depth: int) -> Any:
        last = name.rpartition(".")[2]
        values: list[Any] = []
        members: list[tuple[str, Any]] = []
        while not self._accept(")"):
            if len(self.tokens) > 1 and self.tokens[-2] == "=" and isinstance(self.tokens[-1], str):
                member = self._next()
                self._expect("=")
                members.append((member, self._value(depth + 1)))
            else:
                values.append(self._value(depth + 1))
            if not self._accept(","):
                self._expect(")")
                break
        if last == "range":
            return self._range(values)
        if last in _HOLDERS or _NUMPY_NUMBER.fullmatch(last):
            if not values:
                raise self._wrong(name)
            return _whole(values[0]) if "array" in last or last == "tensor" else values[0]
        if depth:
            raise self._wrong(name)
        return Call(last, values, _unique(members, self.text))

    def _range(self, bounds: Sequence[Any]) -> list[int]:
        if not 1 <= len(bounds) <= 2 or any(type(bound) is not int for bound in bounds):
            raise self._wrong("range")
        start, stop = (0, *bounds)[-2:]
        return list(range(start, min(stop, start + _LONGEST_RANGE)))

    def _text(self, quoted: str) -> str:
        if "\\" not in quoted:
            return quoted[1:-1]
        try:
            return str(json.loads(quoted))
        except ValueError as error:
            raise self._wrong(quoted) from error

    def _peek(self) -> Any:
        return self.tokens[-1] if self.tokens else None

    def _next(self) -> Any:
        if not self.tokens:
            raise GenotypeError(f"genotype {shown(self.text)} ends too early", self.hint)
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

    def _wrong(self, token: Any, what: str = "unexpected") -> GenotypeError:
        written = token[0] if isinstance(token, tuple) else token
        return GenotypeError(f"genotype {shown(self.text)}: {what} {shown(written)}", self.hint)


def _number(text: str) -> int | float:
    return float(text) if any(sign in text for sign in ".eE") else int(text)


def _whole(value: Any) -> Any:
    """An array of truth values or fractions, as matrices are often kept, with whole numbers for 0 and 1."""
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, bool | float) and value in (0, 1) else value


def _unique(pairs: list[tuple[str, Any]], text: str) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise GenotypeError(f"genotype {shown(text)} names a member twice")
    return dict(pairs)
