"""The text forms of NAS-Bench-201 cells, each able to express every cell; text is matched, never evaluated.

* ``arch_str``, the benchmark's own: ``|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|``;
* ``tuple``, the nested form of the official library: ``((('nor_conv_3x3', 0),), (('none', 0), ...), ...)``, or lists;
* ``ops``, one digit (0-4) per edge in the order of ``EDGES``: ``301004``; six comma-separated names are read too.

Read are also the library's ``Structure(4 nodes with |...|)``, its index (``nasbench201:5374``, see ``official.py``) and
records with a member ``arch_str``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dinas_cli.errors import GenotypeError, find_name, suggest
from dinas_cli.spaces.nasbench201.cells import CELLS, OPERATIONS
from dinas_cli.spaces.nasbench201.official import cell_of
from dinas_cli.spaces.shared import literals
from dinas_cli.spaces.shared.protocol import Values
from dinas_cli.spaces.shared.summing_cells import EDGES
from dinas_cli.spaces.shared.text import clean, shown
from dinas_cli.spaces.shared.wrapping import HOLDERS, unwrapped

DIALECTS = ("arch_str", "tuple", "ops")

Written = list[list[tuple[str, str]]]
"""A cell as written: for every node after the input its ``(operation, source node)`` pairs, unchecked."""

_LONGEST = 2000  # characters; the longest genotype of any dialect has under 200
_EXAMPLES = "write it like |none~0|+|none~0|skip_connect~1|+..., ((('none', 0),), ...) or one digit per edge"
_START = re.compile(r"\||[\[(]\s*[\[(]|\{|[0-4]{6}\s*$|\w+\s*(?:,\s*\w+\s*){5}$", re.ASCII)
_USUAL = re.compile(r"\|(\w+)~0\|\+\|(\w+)~0\|(\w+)~1\|\+\|(\w+)~0\|(\w+)~1\|(\w+)~2\|")
"""Edges in their order, as nearly all genotypes have them; what else there is takes several times longer to read."""
_NUMBERS = {name: number for number, name in enumerate(OPERATIONS)}
_STRUCTURE = re.compile(r"[^|]{0,300}?Structure\(\s*[0-9]+ nodes with (.*?)\s*\)", re.DOTALL)
_INDEX = re.compile(r"(nasbench201|nb201|nats|index|arch_index)?\s*[:=#]?\s*([0-9]{1,5})", re.ASCII)


def read(genotype: str) -> Values:
    """Operation numbers ``(6,)`` of a cell in any dialect; raise :class:`GenotypeError` naming the rule it breaks."""
    text = clean(genotype, _LONGEST, "nasbench201")
    if (usual := _USUAL.fullmatch(text)) and _NUMBERS.keys() >= set(usual.groups()):
        return tuple(map(_NUMBERS.__getitem__, usual.groups()))
    if not (text.startswith("|") and text.endswith("|")):
        text = unwrapped(text, _START, holders=(*HOLDERS, "arch_index", "index"))
        if match := _STRUCTURE.fullmatch(text):
            text = match[1]
    if text.startswith("|"):
        written = read_arch_str(text)
    elif text.startswith(("(", "[")):
        written = read_nested(text)
    elif match := _INDEX.fullmatch(text):
        return _read_index(match[2], text, plain=match[2] == text)
    else:
        written = read_ops(text)
    return _resolve(written, text)


def write(cell: Sequence[int], dialect: str | None = None) -> str:
    """Operation numbers ``(6,)`` as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
    names = [OPERATIONS[value] for value in cell]
    nodes = [[(names[e], i) for e, (i, j) in enumerate(EDGES) if j == node] for node in (1, 2, 3)]
    chosen = find_name(dialect, DIALECTS, "dialect")
    if chosen == "arch_str":
        return "+".join("|" + "".join(f"{op}~{i}|" for op, i in node) for node in nodes)
    if chosen == "tuple":
        return repr(tuple(tuple(node) for node in nodes))
    return "".join(map(str, cell))


def read_arch_str(text: str) -> Written:
    """Read ``|operation~node|...|+|...|``; raise :class:`GenotypeError` that says which node is malformed."""
    nodes: Written = []
    for number, node in enumerate(text.split("+"), 1):
        if len(node) < 2 or not (node.startswith("|") and node.endswith("|")):
            raise GenotypeError(f"genotype {shown(text)}: node {number} must be written between two '|'", _EXAMPLES)
        edges = [edge.partition("~") for edge in node[1:-1].split("|")]
        if not all(middle for _, middle, _ in edges):
            raise GenotypeError(
                f"genotype {shown(text)}: every edge of node {number} must be written operation~node", _EXAMPLES
            )
        nodes.append([(operation, source) for operation, _, source in edges])
    return nodes


def read_nested(text: str) -> Written:
    """Read ``((('operation', node),), (...), ...)``, tuples or lists; raise :class:`GenotypeError`."""
    nodes = literals.read(text, _EXAMPLES)
    pairs = [pair for node in nodes if isinstance(node, list) for pair in node] if isinstance(nodes, list) else []
    if (
        not pairs
        or not all(isinstance(node, list) for node in nodes)
        or any(not isinstance(pair, list) or [type(part) for part in pair] != [str, int] for pair in pairs)
    ):
        raise GenotypeError(
            f"genotype {shown(text)} must be a tuple of nodes, each a tuple of (operation, node)", _EXAMPLES
        )
    return [[(operation, str(source)) for operation, source in node] for node in nodes]


def read_ops(text: str) -> Written:
    """Read a digit or a comma-separated name per edge, in the order of ``EDGES``; raise :class:`GenotypeError`."""
    digits = "".join(map(str, range(len(OPERATIONS))))
    names = [OPERATIONS[int(digit)] for digit in text] if text and not text.strip(digits) else text.split(",")
    if len(names) == 1:
        raise GenotypeError(f"genotype {shown(text)} is in no dialect of its space", _EXAMPLES)
    if len(names) != len(EDGES):
        raise GenotypeError(
            f"genotype {shown(text)} has {len(names)} operations, the space has {len(EDGES)} edges", _EXAMPLES
        )
    nodes: Written = [[] for _ in range(3)]
    for name, (source, target) in zip(names, EDGES, strict=True):
        nodes[target - 1].append((name.strip(), str(source)))
    return nodes


def _read_index(digits: str, text: str, *, plain: bool) -> Values:
    """The cell of an official index; digits that could be those of ``ops`` with some missing must say what they are."""
    if plain and not digits.strip("01234"):
        raise GenotypeError(
            f"genotype {shown(text)} has {len(digits)} operations, the space has {len(EDGES)} edges",
            f"the official index is written nasbench201:{digits}",
        )
    if int(digits) >= CELLS:
        raise GenotypeError(f"genotype {shown(text)} is no index: they go from 0 to {CELLS - 1}", _EXAMPLES)
    return cell_of(int(digits))


def _resolve(written: Written, text: str) -> Values:
    """Check that every node names each earlier node once, in any order, with a known operation."""
    if len(written) != 3:
        raise GenotypeError(f"genotype {shown(text)} has {len(written)} nodes besides the input, the space has 3")
    found: dict[tuple[int, int], int] = {}
    for j, node in enumerate(written, 1):
        for name, source in node:
            if name not in OPERATIONS:
                raise GenotypeError(f"unknown operation {shown(name)}", suggest(name, OPERATIONS, "operations"))
            if source not in map(str, range(j)):
                raise GenotypeError(
                    f"genotype {shown(text)}: node {j} takes input from earlier nodes, not {shown(source)}"
                )
            if (int(source), j) in found:
                raise GenotypeError(f"genotype {shown(text)}: node {j} has two edges from node {source}")
            found[int(source), j] = OPERATIONS.index(name)
    for i, j in EDGES:
        if (i, j) not in found:
            raise GenotypeError(f"genotype {shown(text)}: node {j} lacks its edge from node {i} (none~{i} for none)")
    return tuple(found[edge] for edge in EDGES)
