"""Strict readers of the text forms of NAS-Bench-Graph architectures; text is matched, never evaluated.

Besides the dialects (see ``space.py``) these are read: the official library's ``Arch([0, 1, 1, 2], ['gcn', ...])``,
lists or numpy arrays of both, and objects with a member of links and one of operations.
"""

from __future__ import annotations

import re
from typing import Any

from dinas_cli.errors import GenotypeError, suggest
from dinas_cli.spaces.nasbench_graph.trees import NODES, OPERATIONS, Tree, tree_of
from dinas_cli.spaces.shared import literals
from dinas_cli.spaces.shared.text import shown
from dinas_cli.spaces.shared.wrapping import HOLDERS, unwrapped

LONGEST = 1000
"""Characters; the longest genotype of any dialect has under 80."""
_START = re.compile(
    r"(?:[\w.]+\.)?Arch\s*\(|[\[(]\s*[\[(]|(?:[\[(]\s*)?(?:np\.|numpy\.)?array\(|\{|[0-9]*:\s*[a-z]|[0-9]{1,5}$",
    re.ASCII,
)
_COMPACT = re.compile(r"([0-9]*):(.*)", re.DOTALL)
_HASH = re.compile("[0-9]{1,5}")
_LINKS, _OPERATIONS = ("lk", "link", "links"), ("op", "ops", "operations")
_HINT = "write it like ([0, 1, 1, 2], ['gcn', 'cheb', 'gin', 'fc']) or 0112:gcn,cheb,gin,fc"


def read(text: str) -> Tree:
    """Links and operations of any dialect, checked; raise :class:`GenotypeError` naming the broken rule."""
    text = unwrapped(text, _START, call="Arch", holders=(*HOLDERS, "hash"))
    if _HASH.fullmatch(text):
        return tree_of(int(text))
    if match := _COMPACT.fullmatch(text):
        return _checked(list(match[1]), [item.strip() for item in match[2].split(",")], text)
    if not _START.match(text):
        raise GenotypeError(f"genotype {shown(text)} is in no dialect of nasbench-graph", _HINT)
    written = literals.read(text, _HINT)
    if isinstance(written, literals.Call):
        written = dict(zip(("lk", "op"), written.values, strict=False)) | written.members
    if isinstance(written, dict):
        written = [next((written[name] for name in names if name in written), None) for names in (_LINKS, _OPERATIONS)]
    if not isinstance(written, list) or len(written) != 2 or not all(map(_is_flat, written)):
        raise GenotypeError(f"genotype {shown(text)} is not a list of links and one of operations", _HINT)
    links, names = written
    return _checked([str(link) for link in links], [str(name) for name in names], text)


def _is_flat(part: Any) -> bool:
    return isinstance(part, list) and all(isinstance(item, str | int | float) for item in part)


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
