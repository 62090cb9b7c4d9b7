"""Reads configurations of NAS-Bench-301, as its ConfigSpace prints them: an operation by edge, inputs by node.

``{'NetworkSelectorDatasetInfo:darts:edge_normal_0': 'max_pool_3x3', ..., '...:inputs_node_normal_3': '0_1', ...}``, or
a member per line (``name: value``, or ``name, Value: value``, below ``Configuration:``). Edges are numbered 0 to 13 in
each cell, by node and then by source; those that are not chosen are missing or have the value ``#na#``. Other members,
such as learning rates, are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.darts.cells import CELLS, EDGES, NODES
from dinas_cli.spaces.shared.text import shown

_EDGE = re.compile(r"(?:.*(?::|_COLON_))?edge_(normal|reduce)_([0-9]{1,2})", re.ASCII)
_INPUTS = re.compile(r"(?:.*(?::|_COLON_))?inputs_node_(normal|reduce)_([2-5])", re.ASCII)
_LINE = re.compile(r"\s*['\"]?([\w:.]*\w)['\"]?\s*(?:,\s*Value)?\s*[:=]\s*['\"]?([\w.+#-]+)['\"]?\s*,?\s*", re.ASCII)
_LONGEST_LINE = 200
_ABSENT = ("#na#", "none", "None", None)

Pairs = list[tuple[Any, Any]]
"""(operation, source) of the inputs of a cell, node by node."""


def is_configuration(members: Mapping[str, Any]) -> bool:
    """Whether the members of an object are those of a configuration."""
    return any(_EDGE.fullmatch(name) for name in members)


def read_lines(text: str) -> dict[str, str]:
    """The members of a configuration that is printed line by line; empty for anything else."""
    members: dict[str, str] = {}
    for line in text.splitlines() if "edge_" in text else ():
        match = _LINE.fullmatch(line) if len(line) < _LONGEST_LINE else None
        if match is not None:
            if match[1] in members:
                raise GenotypeError(f"configuration {shown(text)} names {shown(match[1])} twice")
            members[match[1]] = match[2]
        elif line.strip() not in ("", "Configuration:", "{", "}", "Configuration(values={", "})"):
            return {}
    return members if is_configuration(members) else {}


def read_members(members: Mapping[str, Any]) -> dict[str, list[Pairs]]:
    """By the name of a cell the inputs of each of its nodes; raise :class:`GenotypeError` naming the broken rule."""
    cells: dict[str, dict[int, Pairs]] = {name: {node: [] for node in NODES} for name in CELLS}
    for name, value in sorted(members.items(), key=lambda member: _number(member[0])):
        match = _EDGE.fullmatch(name)
        if match is None or value in _ABSENT:
            continue
        if int(match[2]) >= len(EDGES):
            raise GenotypeError(f"{shown(name)}: a darts cell has edges 0 to {len(EDGES) - 1}")
        source, node = EDGES[int(match[2])]
        cells[match[1]][node].append((value, source))
    for name, value in members.items():
        match = _INPUTS.fullmatch(name)
        if match is None or value in _ABSENT:
            continue
        sources = [str(source) for _, source in cells[match[1]][int(match[2])]]
        if value != "_".join(sources):
            origin = " and ".join(sources) or "nowhere"
            raise GenotypeError(f"{shown(name)} is {shown(value)}, but the edges into this node come from {origin}")
    return {name: list(nodes.values()) for name, nodes in cells.items()}


def _number(name: str) -> int:
    match = _EDGE.fullmatch(name)
    return int(match[2]) if match else -1
