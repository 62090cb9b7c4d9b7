"""The text forms of NAS-Bench-101 cells: the official library's matrix and operations as JSON, and a compact one.

Besides the two dialects (see ``space.py``) these are read: ``ModelSpec(matrix=[[...]], ops=[INPUT, CONV3X3, ...])``, a
matrix and operations with a comma between them, lists or numpy arrays, what the official library gives and its files
hold (``module_adjacency``, ``module_operations``), and the module hash, which only a table can tell the cell of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from dinas_cli.errors import GenotypeError, suggest
from dinas_cli.spaces.nasbench101.cells import OPERATIONS, Edge, compact
from dinas_cli.spaces.shared import literals
from dinas_cli.spaces.shared.text import NamedInTable, shown
from dinas_cli.spaces.shared.wrapping import HOLDERS, unwrapped

Written = tuple[list[int], list[Edge]]
"""A cell as written: the operations (0 to 2) of its inner vertices, and its edges, not pruned yet."""

_EXAMPLES = 'write it like {"matrix": [[0, 1], [0, 0]], "ops": ["input", "output"]} or 2:1:'
_COMPACT = re.compile(r"([0-9]{1,2}):([01]*):([0-2]*)")
_MODULE_HASH = re.compile(r"(?:nb101-)?([0-9a-f]{32})")
_START = re.compile(
    r"(?:[\w.]+\.)?ModelSpec\s*\(|[\[(]\s*[\[(]|(?:np\.|numpy\.)?array\(|[\[(]\s*(?:np\.|numpy\.)?array\(|\{"
    r"|[0-9]{1,2}:[01]+:|(?:nb101-)?[0-9a-f]{32}$",
    re.ASCII,
)
_MEMBERS = {
    "matrix": "matrix",
    "ops": "ops",
    "module_adjacency": "matrix",
    "module_operations": "ops",
    "adjacency": "matrix",
    "operations": "ops",
    "data_format": "data_format",  # of ModelSpec; says nothing about the cell
}
_CONSTANTS = {
    "INPUT": "input",
    "OUTPUT": "output",
    "CONV3X3": OPERATIONS[0],
    "CONV1X1": OPERATIONS[1],
    "MAXPOOL3X3": OPERATIONS[2],
}
"""The names that the official library's examples have for operations."""


def read(text: str) -> Written:
    """Read any of the forms above; raise :class:`GenotypeError` naming the broken rule."""
    if not _COMPACT.fullmatch(text):
        holders = HOLDERS if "module_adjacency" in text else (*HOLDERS, "spec", "model_spec", "module_hash")
        text = unwrapped(text, _START, call="ModelSpec", holders=holders)
    if match := _MODULE_HASH.fullmatch(text):
        raise NamedInTable(int(match[1][:15], 16), f"{shown(text)} is the module hash of a cell")
    if text[:1].isdigit() or not _START.match(text):
        return read_compact(text)
    spec = literals.read(text, _EXAMPLES)
    if isinstance(spec, literals.Call):
        spec = dict(zip(("matrix", "ops"), spec.values, strict=False)) | spec.members
    elif isinstance(spec, list) and len(spec) == 2:
        spec = {"matrix": spec[0], "ops": spec[1]}
    return _read_members(spec, text)


def _read_members(spec: Any, text: str) -> Written:
    """Read the members matrix and ops, under any of their names."""
    found: dict[str, Any] = {}
    official = isinstance(spec, dict) and not {"module_adjacency", "module_operations"}.isdisjoint(spec)
    for name, value in spec.items() if isinstance(spec, dict) else ():
        member = _MEMBERS.get(name)
        if member is None and official:
            continue  # what the official library tells besides
        if member is None or member in found:
            found.clear()
            break
        found[member] = value
    if not found.keys() >= {"matrix", "ops"}:
        raise GenotypeError(f"genotype {shown(text)} must have a matrix and ops, and nothing else", _EXAMPLES)
    matrix, ops = found["matrix"], found["ops"]
    ops = ops.split(",") if isinstance(ops, str) and "," in ops else ops
    if not isinstance(ops, list) or not all(isinstance(op, str) for op in ops) or len(ops) < 2:
        raise GenotypeError(f"genotype {shown(text)}: ops must be a list of names from input to output", _EXAMPLES)
    names = [_CONSTANTS.get(op, str(op)) if isinstance(op, literals.Name) else op for op in ops]
    if isinstance(matrix, str) and len(matrix) == len(ops) ** 2 and not matrix.strip("01"):  # as in the tfrecords
        matrix = [
            [int(entry) for entry in matrix[start : start + len(ops)]] for start in range(0, len(matrix), len(ops))
        ]
    if not isinstance(matrix, list) or not all(isinstance(row, list) and len(row) == len(ops) for row in matrix):
        raise GenotypeError(
            f"genotype {shown(text)}: the matrix needs a row and a column for each of {len(ops)} ops", _EXAMPLES
        )
    return read_matrix(matrix, names)


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
                raise GenotypeError(f"entry {i},{j} of the cell's matrix is {shown(entry)}, not 0 or 1")
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
