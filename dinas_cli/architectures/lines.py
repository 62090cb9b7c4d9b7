"""The texts of a stream: one per line, or over as many lines as it takes to close the brackets that the first opens."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

LONGEST = 1 << 20
"""Bytes of a line beyond which a stream is taken for something else, before it fills the memory."""
MOST_LINES = 500
"""Of one text; an indented record of the longest genotypes has under 400."""

_BRACKET = re.compile(r"'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"|#.*|([(\[{])|([)\]}])")
_NEW = re.compile(r"\{\s*\"schema\"|\w+\s*=\s*(?:\w+\.)?[A-Z]\w*\s*\(", re.ASCII)
"""What starts a text, whatever is open before it: a record, or ``NAME = Genotype(``."""
_MEMBER = re.compile(r"\s*([\w.]+(?::[\w.]+)+)(?:, Value)?:\s+\S+\s*", re.ASCII)
"""A member of a configuration that is printed line by line: ``space:name: value``, or ``space:name, Value: value``."""
_HEAD = "Configuration:"


@dataclass(slots=True)
class Line:
    """One line; ``text`` without its end, or ``fault``: why it cannot be read."""

    number: int
    """Counted from 1."""
    text: str = ""
    fault: str = ""
    last: int = 0
    """The number of the last line, where a text has several."""

    @property
    def numbers(self) -> str:
        """Where it stands: ``3``, or ``3-17``."""
        return f"{self.number}-{self.last}" if self.last else str(self.number)

    @property
    def opens(self) -> int:
        """How many more brackets it opens than it closes."""
        text = self.text
        counted = text.count
        if counted("{") == counted("}") and counted("[") == counted("]") and counted("(") == counted(")"):
            return 0  # nearly every line, and counting is several times faster than what follows
        return sum(bool(match[1]) - bool(match[2]) for match in _BRACKET.finditer(self.text))


def texts(stream: IO[bytes]) -> Iterator[Line]:
    """What is not blank and no comment (``#``), in order; rows of a table (below a cell ``genotype``) line by line."""
    ahead: deque[tuple[Line, int]] = deque()
    lines = _decoded(stream)
    table = False
    while (first := _peek(ahead, lines, 0)) is not None:
        line, opened = ahead.popleft()
        if not line.fault and (not line.text or line.text.isspace() or line.text[0] == "#"):
            continue
        table = table or line.text == "genotype" or ("\t" in line.text and "genotype" in line.text.split("\t"))
        count = 0 if table or line.fault else _more(line.text, opened, ahead, lines)
        rest = [ahead.popleft()[0] for _ in range(count)]
        if rest:
            yield Line(line.number, "\n".join([line.text, *(more.text for more in rest)]), last=rest[-1].number)
        else:
            yield first[0]


def _more(text: str, opened: int, ahead: deque[tuple[Line, int]], lines: Iterator[Line]) -> int:
    """How many of the following lines belong to a line; none, where its brackets are never closed."""
    member = _MEMBER.fullmatch(text)
    if member is not None or text.strip() == _HEAD:
        return _members({member[1]} if member else set(), ahead, lines)
    size = len(text)
    for place in range(MOST_LINES if opened > 0 else 0):
        found = _peek(ahead, lines, place)
        if (
            found is None
            or found[0].fault
            or _NEW.match(found[0].text)
            or (size := size + len(found[0].text)) > LONGEST
        ):
            return 0
        opened += found[1]
        if opened <= 0:
            return place + 1
    return 0


def _members(seen: set[str], ahead: deque[tuple[Line, int]], lines: Iterator[Line]) -> int:
    """How many of the following lines are further members of one configuration."""
    for place in range(MOST_LINES):
        found = _peek(ahead, lines, place)
        match = None if found is None else _MEMBER.fullmatch(found[0].text)
        if match is None or match[1] in seen:
            return place
        seen.add(match[1])
    return MOST_LINES


def _peek(ahead: deque[tuple[Line, int]], lines: Iterator[Line], place: int) -> tuple[Line, int] | None:
    """The line that is ``place`` lines ahead, and how many brackets it leaves open."""
    while len(ahead) <= place:
        line = next(lines, None)
        if line is None:
            return None
        ahead.append((line, line.opens))
    return ahead[place]


def _decoded(stream: IO[bytes]) -> Iterator[Line]:
    number = 0
    while raw := stream.readline(LONGEST):
        number += 1
        if len(raw) == LONGEST and not raw.endswith(b"\n"):
            while (rest := stream.readline(LONGEST)) and not rest.endswith(b"\n"):
                pass
            yield Line(number, fault=f"longer than {LONGEST} bytes")
            continue
        try:
            yield Line(number, raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n"))
        except UnicodeDecodeError:
            yield Line(number, fault="not UTF-8 text")
