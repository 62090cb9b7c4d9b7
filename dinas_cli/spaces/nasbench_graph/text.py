"""Strict readers of the text forms of NAS-Bench-Graph architectures; text is matched, never evaluated."""

from __future__ import annotations

import re

from dinas_cli.errors import GenotypeError, suggest
from dinas_cli.spaces.nasbench_graph.trees import NODES, OPERATIONS, Tree, tree_of
from dinas_cli.spaces.shared.text import shown

_LONGEST = 300  # characters; the longest genotype of any dialect has under 80
_LIST = r"(?:\[([^][()]*)\]|\(([^][()]*)\))"
_BOTH = rf"{_LIST}\s*,\s*{_LIST}\s*,?"
_ARCH = re.compile(rf"(?:Arch\s*)?\(\s*{_BOTH}\s*\)|\[\s*{_BOTH}\s*\]")
_COMPACT = re.compile(r"([0-9]*):(.*)", re.DOTALL)
_HASH = re.compile("[0-9]{1,5}")


def read(text: str) -> Tree:
    """Links and operations of any dialect, checked; raise :class:`GenotypeError` naming the broken rule."""
    if len(text) > _LONGEST:
        raise GenotypeError(f"genotype of {len(text)} characters; the longest of nasbench-graph has under {_LONGEST}")
    if _HASH.fullmatch(text):
        return tree_of(int(text))
    if match := _ARCH.fullmatch(text):
        written = [part for part in match.groups() if part is not None]
        return _checked(_items(written[0]), [_unquoted(item) for item in _items(written[1])], text)
    if match := _COMPACT.fullmatch(text):
        return _checked(list(match[1]), [item.strip() for item in match[2].split(",")], text)
    raise GenotypeError(
        f"genotype {shown(text)} is in no dialect of nasbench-graph",
        "write it like ([0, 1, 1, 2], ['gcn', 'cheb', 'gin', 'fc']) or 0112:gcn,cheb,gin,fc",
    )


def _items(text: str) -> list[str]:
    items = [item.strip() for item in text.split(",")]
    return items[:-1] if items[-1] == "" else items


def _unquoted(item: str) -> str:
    return item[1:-1] if len(item) > 1 and item[0] == item[-1] and item[0] in "'\"" else item


def _checked(links: list[str], names: list[str], text: str) -> Tree:
    if len(links) != NODES or len(names) != NODES:
        counts = f"{len(links)} links and {len(names)} operations"
        raise GenotypeError(f"genotype {shown(text)} has {counts}, the space has {NODES} of each")
    for node, link in enumerate(links):
        if link not in map(str, range(node + 1)):
            taken = "the input (0)" if node == 0 else f"the input (0) or an earlier one (1 to {node})"
            raise GenotypeError(f"genotype {shown(text)}: operation {node + 1} takes {taken}, not {shown(link)}")
    for name in names:
        if name not in OPERATIONS:
            raise GenotypeError(f"unknown operation {shown(name)}", suggest(name, OPERATIONS, "operations"))
    return tuple(map(int, links)), tuple(map(OPERATIONS.index, names))
