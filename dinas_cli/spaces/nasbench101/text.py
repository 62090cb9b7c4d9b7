"""The text forms of NAS-Bench-101 cells: the official library's matrix and operations as JSON, and a compact one."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from dinas_cli.errors import GenotypeError, suggest
from dinas_cli.spaces.nasbench101.cells import OPERATIONS, Edge, compact
from dinas_cli.spaces.shared.text import shown

Written = tuple[list[int], list[Edge]]
"""A cell as written: the operations (0 to 2) of its inner vertices, and its edges, not pruned yet."""

_EXAMPLES = 'write it like {"matrix": [[0, 1], [0, 0]], "ops": ["input", "output"]} or 2:1:'
_COMPACT = re.compile(r"([0-9]{1,2}):([01]*):([0-2]*)")


def read_spec(text: str) -> Written:
    """Read ``{"matrix": [[...]], "ops": [...]}``; raise :class:`GenotypeError` naming the broken rule."""
    try:
        spec = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise GenotypeError(f"genotype {shown(text)} is no JSON: {type(error).__name__}", _EXAMPLES) from error
    if not isinstance(spec, dict) or set(spec) != {"matrix", "ops"}:
        raise GenotypeError(f"genotype {shown(text)} must have a matrix and ops, and nothing else", _EXAMPLES)
    matrix, ops = spec["matrix"], spec["ops"]
    if not isinstance(ops, list) or not all(isinstance(op, str) for op in ops) or len(ops) < 2:
        raise GenotypeError(f"genotype {shown(text)}: ops must be a list of names from input to output")
    if not isinstance(matrix, list) or not all(isinstance(row, list) and len(row) == len(ops) for row in matrix):
        raise GenotypeError(f"genotype {shown(text)}: the matrix needs a row and a column for each of {len(ops)} ops")
    return read_matrix(matrix, ops)


def read_matrix(matrix: Sequence[Sequence[Any]], ops: Sequence[str]) -> Written:
    """Read an adjacency matrix and operation names, as many of each; raise :class:`GenotypeError`."""
    if len(matrix) != len(ops):
        raise GenotypeError(f"the cell's matrix has {len(matrix)} rows for {len(ops)} operations")
    if ops[0] != "input" or ops[-1] != "output":
        raise GenotypeError(f"a cell's ops start with input and end with output, not {shown(ops[0])}, {shown(ops[-1])}")
    edges = []
    for i, row in enumerate(matrix):
        for j, entry in enumerate(row):
            if type(entry) is not int or entry not in (0, 1):
                raise GenotypeError(f"entry {i},{j} of the cell's matrix is {shown(str(entry))}, not 0 or 1")
            if entry and j <= i:
                raise GenotypeError(
                    f"edge {i}-{j} of the cell runs backwards: the matrix must be upper triangular, or it is cyclic"
                )
            if entry:
                edges.append((i, j))
    return [_operation(name) for name in ops[1:-1]], edges


def read_compact(text: str) -> Written:
    """Read ``vertices:upper triangle of the matrix, row by row:operations``; raise :class:`GenotypeError`."""
    match = _COMPACT.fullmatch(text)
    if match is None:
        raise GenotypeError(f"genotype {shown(text)} is in no dialect of its space", _EXAMPLES)
    vertices, bits, digits = int(match[1]), match[2], match[3]
    if vertices < 2:
        raise GenotypeError(f"genotype {shown(text)}: a cell has at least two vertices, input and output")
    pairs = list(combinations(range(vertices), 2))
    if len(bits) != len(pairs):
        raise GenotypeError(f"genotype {shown(text)} has {len(bits)} edge bits, {vertices} vertices need {len(pairs)}")
    if len(digits) != vertices - 2:
        raise GenotypeError(
            f"genotype {shown(text)} has {len(digits)} operations, {vertices} vertices need {vertices - 2}"
        )
    return [int(digit) for digit in digits], [pair for pair, bit in zip(pairs, bits, strict=True) if bit == "1"]


def write_spec(values: Sequence[int]) -> str:
    """A valid cell as the JSON of the official library's matrix and operations."""
    operations, edges = compact(values)
    size = len(operations) + 2
    matrix = [[int((i, j) in edges) for j in range(size)] for i in range(size)]
    return json.dumps({"matrix": matrix, "ops": ["input", *(OPERATIONS[op] for op in operations), "output"]})


def write_compact(values: Sequence[int]) -> str:
    """A valid cell as ``vertices:upper triangle:operations``."""
    operations, edges = compact(values)
    size = len(operations) + 2
    bits = "".join(str(int(pair in edges)) for pair in combinations(range(size), 2))
    return f"{size}:{bits}:{''.join(map(str, operations))}"


def _operation(name: str) -> int:
    if name not in OPERATIONS:
        raise GenotypeError(f"unknown operation {shown(name)}", suggest(name, OPERATIONS, "operations"))
    return OPERATIONS.index(name)
