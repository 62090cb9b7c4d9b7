"""Strict readers of genotypes: what all spaces ask of their text, and the forms that cells of summing nodes have.

Text is matched, never evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dinas_cli.errors import GenotypeError

Written = list[list[tuple[str, str]]]
"""A cell as written: for every node after the input its ``(operation, source node)`` pairs, unchecked."""

_EXAMPLES = "write it like |none~0|+|none~0|skip_connect~1|+..., ((('none', 0),), ...) or one digit per edge"
_TOKEN = re.compile(r"""\s*([()\[\],]|'[^'"]*'|"[^'"]*"|[0-9]+)\s*""")


def _enclosed(items: str) -> str:
    return rf"(?:\({items},?\)|\[{items},?\])"


_PAIR = _enclosed("n,i")
_NODE = _enclosed(f"{_PAIR}(?:,{_PAIR})*")
_TUPLE = re.compile(_enclosed(f"{_NODE}(?:,{_NODE})*"))


def clean(genotype: str, longest: int, space: str) -> str:
    """A genotype without white space around it; raise :class:`GenotypeError` for what is no text or too long."""
    if not isinstance(genotype, str):
        raise GenotypeError(f"a genotype is text, not {type(genotype).__name__}")
    text = genotype.strip()
    if len(text) > longest:
        raise GenotypeError(f"genotype of {len(text)} characters; the longest of {space} has under {longest}")
    return text


def shown(text: str) -> str:
    """Text of unknown origin for an error message: quoted, shortened, on one line and without control characters."""
    return repr(text if len(text) <= 80 else text[:77] + "...")


def read_arch_str(text: str) -> Written:
    """Read ``|operation~node|...|+|...|``; raise :class:`GenotypeError` that says which node is malformed."""
    nodes: Written = []
    for number, node in enumerate(text.split("+"), 1):
        if len(node) < 2 or not (node.startswith("|") and node.endswith("|")):
            raise GenotypeError(f"genotype {shown(text)}: node {number} must be written between two '|'")
        edges = [edge.partition("~") for edge in node[1:-1].split("|")]
        if not all(middle for _, middle, _ in edges):
            raise GenotypeError(f"genotype {shown(text)}: every edge of node {number} must be written operation~node")
        nodes.append([(operation, source) for operation, _, source in edges])
    return nodes


def read_tuple(text: str) -> Written:
    """Read ``((('operation', node),), (...), ...)``, lists and double quotes accepted; raise :class:`GenotypeError`."""
    tokens: list[str] = []
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise GenotypeError(f"genotype {shown(text)}: unexpected character {text[place]!r} in a tuple")
        tokens.append(match[1])
        place = match.end()
    # The order of token kinds is a regular language: n for a name, i for an integer, all else stands for itself.
    if not _TUPLE.fullmatch("".join("n" if t[0] in "'\"" else "i" if t[0].isdigit() else t for t in tokens)):
        raise GenotypeError(f"genotype {shown(text)} must be a tuple of nodes, each a tuple of (operation, node)")
    nodes: Written = []
    depth, name = 0, ""
    for token in tokens:
        depth += (token in "([") - (token in ")]")
        if token in "([" and depth == 2:
            nodes.append([])
        elif token[0] in "'\"":
            name = token[1:-1]
        elif token[0].isdigit():
            nodes[-1].append((name, token))
    return nodes


def read_ops(text: str, operations: Sequence[str], edges: Sequence[tuple[int, int]]) -> Written:
    """Read a digit or a comma-separated name per edge, in the order of ``edges``; raise :class:`GenotypeError`."""
    digits = "".join(map(str, range(len(operations))))
    names = [operations[int(digit)] for digit in text] if text and not text.strip(digits) else text.split(",")
    if len(names) == 1:
        raise GenotypeError(f"genotype {shown(text)} is in no dialect of its space", _EXAMPLES)
    if len(names) != len(edges):
        raise GenotypeError(f"genotype {shown(text)} has {len(names)} operations, the space has {len(edges)} edges")
    nodes: Written = [[] for _ in range(max(target for _, target in edges))]
    for name, (source, target) in zip(names, edges, strict=True):
        nodes[target - 1].append((name.strip(), str(source)))
    return nodes
