"""Tables have as many cells in every row as in their head, and links lead to files and headings that are there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.conftest import ROOT
from tests.support.documents import DOCUMENTS

PARSER = MarkdownIt("commonmark").enable("table")
CELL = re.compile(r"(?<!\\)\|")


def cells(line: str) -> int:
    """The number of cells of a row, which has bars at both ends; a bar in a cell has a backslash before it."""
    return len(CELL.findall(line.strip())) - 1


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_tables(path: Path) -> None:
    text = (ROOT / path).read_text("utf-8")
    lines = text.splitlines()
    tokens = PARSER.parse(text)
    tables = [token.map for token in tokens if token.type == "table_open" and token.map]
    inside = {number for start, end in tables for number in range(start, end)}
    for start, end in tables:
        counts = [cells(line) for line in lines[start:end]]
        assert len(set(counts)) == 1, f"{path}:{start + 1 + counts.index(next(n for n in counts if n != counts[0]))}"
        assert len(counts) > 2, f"{path}:{start + 1}: a table without rows"
    code = {n for token in tokens if token.type == "fence" and token.map for n in range(*token.map)}
    strays = [n + 1 for n, line in enumerate(lines) if line.lstrip().startswith("|") and n not in inside | code]
    assert not strays, f"{path}: rows outside any table: {strays}"


def test_a_row_too_short_would_be_found() -> None:
    assert cells("| a | b |") == cells(r"| a \| b | c |") == 2
    assert cells("| gpt-s | not measured yet |") != cells("| space | labels | valid |")


@cache
def anchors(path: Path) -> frozenset[str]:
    """Names by which headings can be linked to, as hosts of repositories and the site make them."""
    found = set()
    for token, inline in zip(tokens := PARSER.parse(path.read_text("utf-8")), tokens[1:], strict=False):
        if token.type == "heading_open":
            plain = "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
            found.add(re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-"))
    return frozenset(found)


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_links(path: Path) -> None:
    file = ROOT / path
    text = file.read_text("utf-8")
    targets = [
        str(child.attrs.get("href") or child.attrs.get("src") or "")
        for token in PARSER.parse(text)
        for child in token.children or ()
        if child.type in ("link_open", "image")
    ]
    targets += re.findall(r'(?:src|srcset)="([^"]+)"', text)
    for target in targets:
        if re.match(r"[a-z]+:", target):
            assert target.startswith(("https://", "mailto:")), f"{path}: {target}"
            continue
        name, _, heading = target.partition("#")
        there = (file.parent / name).resolve() if name else file
        if "commands" in there.parts:  # made when the site is built
            continue
        assert there.exists(), f"{path}: {target}"
        if heading and there.suffix == ".md":
            assert heading in anchors(there), f"{path}: {target}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_pictures_say_what_is_on_them(path: Path) -> None:
    for tag in re.findall(r"<img [^>]*>", (ROOT / path).read_text("utf-8")):
        assert len(re.search(r'alt="([^"]*)"', tag)[1]) > 10, f"{path}: {tag}"  # type: ignore[index]
