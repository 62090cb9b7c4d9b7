"""What a pickle would come to, worked out from its instructions before anything is made of them.

A pickle is a program for a machine with a stack. A few bytes of it can ask for a memo of gigabytes, or for a tuple that
is twice in another that is twice in a third, and so on: as a key of a dictionary it takes for ever to hash. Here the
machine runs on sizes alone. Of every value it knows how many values it would be if nothing in it were shared, and how
deeply they lie in each other. Both must be in proportion to the file.
"""

from __future__ import annotations

import mmap
import os
import pickletools
from typing import IO

DEEPEST = 64
"""Containers in each other; benchmarks have some eight."""
SHARED, FEW = 50, 1 << 20
"""Values that a file may stand for: so many per byte of it, or so many at least."""

_Cell = list[int]
"""Of a value: how many values it comes to, how deep they lie in each other, and whether something else has it too."""

_WITH_LENGTH = {pickletools.TAKEN_FROM_ARGUMENT1: 1, pickletools.TAKEN_FROM_ARGUMENT4: 4,
                pickletools.TAKEN_FROM_ARGUMENT4U: 4, pickletools.TAKEN_FROM_ARGUMENT8U: 8}  # fmt: skip
_KINDS = {
    "nothing": ("PROTO", "FRAME"),
    "put": ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"),
    "get": ("GET", "BINGET", "LONG_BINGET"),
    "new": ("EMPTY_LIST", "EMPTY_DICT", "EMPTY_SET"),
    "from mark": ("LIST", "TUPLE", "DICT", "FROZENSET"),
    "from few": ("TUPLE1", "TUPLE2", "TUPLE3", "REDUCE", "NEWOBJ", "NEWOBJ_EX", "STACK_GLOBAL"),
    "tensor": ("BINPERSID",),
    "add marked": ("APPENDS", "SETITEMS", "ADDITEMS"),
    "add few": ("APPEND", "SETITEM", "BUILD"),
    "drop": ("POP",), "drop marked": ("POP_MARK",), "double": ("DUP",), "mark": ("MARK",), "stop": ("STOP",),
    "refused": ("PERSID", "EXT1", "EXT2", "EXT4", "NEXT_BUFFER", "READONLY_BUFFER", "INST", "OBJ"),
}  # fmt: skip
"""What instructions do to the stack; all others put something simple on it. The refused are in no benchmark's file."""
_KIND = {name: kind for kind, names in _KINDS.items() for name in names}
_SIMPLE = "simple"
_JOINING = frozenset({"from mark", "from few", "add marked", "add few"})
_GROWING = (b"builtins\nbytearray\n", b"__builtin__\nbytearray\n")
"""Given a number it takes as many bytes; torch would allow it."""
_GLOBAL, _MEMOIZE, _FRAME = b"c\x94\x95"


class Hostile(ValueError):
    """A pickle is damaged, or comes to more than a file of its size should; the message says which."""


def _table() -> dict[int, tuple[str, int, int, int]]:
    """Of every instruction: what it does, bytes of its argument, of a length before that, and values that it takes."""
    found = {}
    for code in pickletools.opcodes:
        size = 0 if code.arg is None else code.arg.n
        taken = len(code.stack_before) - (_KIND.get(code.name) == "add few")
        length = _WITH_LENGTH.get(size, 0)
        found[ord(code.code)] = _KIND.get(code.name, _SIMPLE), 0 if length else size, length, taken
    return found


_TABLE = _table()


def check(data: bytes | mmap.mmap, start: int = 0, *, torch: bool = False) -> int:
    """Go through the pickle that begins at ``start``; returns where it ends.

    ``torch``: whether it may refer to tensors outside of it. Raises :class:`Hostile` for one that is truncated, uses
    instructions that plain data do not need, or comes to too much.
    """
    most = max(SHARED * (len(data) - start), FEW)
    try:
        return _run(data, start, most, torch)
    except (IndexError, KeyError, ValueError) as error:
        raise error if isinstance(error, Hostile) else Hostile("it is damaged (truncated?)") from error


def check_file(stream: IO[bytes], count: int = 1, *, torch: bool = False) -> None:
    """:func:`check` the ``count`` pickles with which a file begins, without reading all of it into memory."""
    if not os.fstat(stream.fileno()).st_size:
        raise Hostile("it is empty")
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = 0
        for _ in range(count):
            at = check(data, at, torch=torch)


def _run(data: bytes | mmap.mmap, at: int, most: int, torch: bool) -> int:
    atom: _Cell = [1, 0, 0]
    stack: list[_Cell] = []
    marks: list[int] = []
    memo: dict[int, _Cell] = {}
    work, end = 0, len(data)
    while True:
        code = data[at]
        kind, size, length, taken = _TABLE[code]
        argument = at = at + 1
        if size >= 0:
            at += size + length
            if length:
                at += int.from_bytes(data[argument:at], "little")
            if at > end:
                raise Hostile("it ends in the middle of a value (truncated?)")
        else:
            for _ in range(2 if code == _GLOBAL else 1):
                at = data.find(b"\n", at) + 1 or end + 1
            if torch and data[argument:at] in _GROWING:
                raise Hostile("it asks for a bytearray, which plain data do not need")
        if kind == _SIMPLE:
            stack.append(atom)
        elif kind == "put":
            place = len(memo) if code == _MEMOIZE else _number(data[argument:at], size)
            if place > end:
                raise Hostile(f"place {place} of its memo is beyond its {end} bytes")
            memo[place] = stack[-1]
        elif kind == "get":
            cell = memo[_number(data[argument:at], size)]
            cell[2] = cell is not atom
            stack.append(cell)
        elif kind == "mark":
            marks.append(len(stack))
        elif kind == "new":
            stack.append([1, 1, 0])
        elif kind in _JOINING:
            first = len(stack) - taken if kind.endswith("few") else marks.pop()
            parts, whole = _take(stack, first, kind.startswith("from"))
            for cell in parts:
                whole[0] += cell[0]
                work += cell[0]
                if cell[1] >= whole[1]:
                    whole[1] = cell[1] + 1
            if whole[1] > DEEPEST:
                raise Hostile(f"more than {DEEPEST} containers in each other")
            if work > most:
                raise Hostile(f"it comes to more than {most} values")
        elif kind == "drop":
            if marks and marks[-1] == len(stack):
                marks.pop()  # it drops a mark, too
            else:
                stack.pop()
        elif kind == "drop marked":
            del stack[marks.pop() :]
        elif kind == "double":
            stack[-1][2] = stack[-1] is not atom
            stack.append(stack[-1])
        elif kind == "nothing":
            if code == _FRAME and int.from_bytes(data[argument:at], "little") > end - at:
                raise Hostile("a part of it is missing (truncated?)")
        elif kind == "tensor" and torch:
            stack[-1] = [1, 1, 0]
        elif kind == "stop":
            return at
        else:
            raise Hostile(f"instruction {chr(code)!r}, which plain data do not need")


def _take(stack: list[_Cell], first: int, new: bool) -> tuple[list[_Cell], _Cell]:
    """Take what is on the stack from ``first`` on, and what it goes into: something new, or what lies before it."""
    if first < (0 if new else 1):
        raise Hostile("it takes what is not there")
    parts = stack[first:]
    del stack[first:]
    if new:
        stack.append([1, 1, 0])
    elif not stack[-1][1] or stack[-1][2]:
        raise Hostile("it changes what is no container, or what it has used already")
    return parts, stack[-1]


def _number(text: bytes, size: int) -> int:
    """The argument of an instruction that names a place of the memo: a line of digits, or ``size`` bytes."""
    return int(text) if size < 0 else int.from_bytes(text, "little")
