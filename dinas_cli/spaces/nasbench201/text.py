"""The text forms of NAS-Bench-201 cells, each able to express every cell; text is matched, never evaluated.

* ``arch_str``, the benchmark's own: ``|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|``;
* ``tuple``, the nested form of the official library: ``((('nor_conv_3x3', 0),), (('none', 0), ...), ...)``, or lists;
* ``ops``, one digit (0-4) per edge in the order of ``EDGES``: ``301004``; six comma-separated names are accepted too.
"""

from __future__ import annotations

from collections.abc import Sequence

from dinas_cli.errors import GenotypeError, UsageProblem, suggest
from dinas_cli.spaces.nasbench201.cells import OPERATIONS
from dinas_cli.spaces.shared.protocol import Values
from dinas_cli.spaces.shared.summing_cells import EDGES
from dinas_cli.spaces.shared.text import Written, clean, read_arch_str, read_ops, read_tuple, shown

DIALECTS = ("arch_str", "tuple", "ops")

_LONGEST = 1000  # characters; the longest genotype of any dialect has under 200


def read(genotype: str) -> Values:
    """Operation numbers ``(6,)`` of a cell in any dialect; raise :class:`GenotypeError` naming the rule it breaks."""
    text = clean(genotype, _LONGEST, "nasbench201")
    if text.startswith("|"):
        written = read_arch_str(text)
    elif text.startswith(("(", "[")):
        written = read_tuple(text)
    else:
        written = read_ops(text, OPERATIONS, EDGES)
    return _resolve(written, text)


def write(cell: Sequence[int], dialect: str | None = None) -> str:
    """Operation numbers ``(6,)`` as a genotype; raise :class:`UsageProblem` for an unknown dialect."""
    names = [OPERATIONS[value] for value in cell]
    nodes = [[(names[e], i) for e, (i, j) in enumerate(EDGES) if j == node] for node in (1, 2, 3)]
    if dialect in (None, "arch_str"):
        return "+".join("|" + "".join(f"{op}~{i}|" for op, i in node) for node in nodes)
    if dialect == "tuple":
        return repr(tuple(tuple(node) for node in nodes))
    if dialect == "ops":
        return "".join(map(str, cell))
    raise UsageProblem(f"unknown dialect {dialect!r}", suggest(str(dialect), DIALECTS, "dialects"))


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
