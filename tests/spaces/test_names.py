"""No room but ``spaces/`` names a space: what differs between them is behind the protocol."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dinas_cli
from dinas_cli.spaces.registry import BUILT_IN, get_space

PACKAGE = Path(dinas_cli.__file__).parent
MODULES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    # A published experiment is about the benchmarks that it was made on.
    if path.relative_to(PACKAGE).parts[0] != "spaces" and path.relative_to(PACKAGE).parts[:2] != ("bench", "suites")
]
NAMES = {name for space in map(get_space, BUILT_IN) for name in (space.name, *space.aliases, *space.device_aliases)}
_WORD = re.compile(r"[A-Za-z0-9_-]+")


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and text of every string constant that is not a docstring."""
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_space_is_named(path: Path) -> None:
    found = {
        line: named for line, text in texts(ast.parse(path.read_text())) if (named := NAMES & {*_WORD.findall(text)})
    }
    assert not found


def test_a_name_would_be_found() -> None:
    tree = ast.parse('"""darts"""\nif space == "darts" or space in ["nb201"] or f"{x} hwnasbench":\n    "nlp"\n')
    assert {text for _, text in texts(tree)} & NAMES == {"darts", "nb201"}
    assert "hwnasbench" in {word for _, text in texts(tree) for word in _WORD.findall(text)}
