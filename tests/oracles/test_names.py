"""Official names that only a table can tell: found there, and where they are not, the hint says what to import."""

from __future__ import annotations

from pathlib import Path

import dinas_cli
from dinas_cli.spaces.nasbench101.space import SPACE
from tests.conftest import Cli
from tests.spaces.nasbench101.test_read_csv import HEADER, lines
from tests.support.benchmark_files import write_csv
from tests.support.nasbench101_files import CELLS, GENOTYPES, partial

NAME = SPACE.canonical_id(CELLS[0]).removeprefix("nb101-")


def test_module_hashes_are_found_in_the_table(cli: Cli, tmp_path: Path) -> None:
    partial(write_csv(tmp_path / "a.csv", HEADER, lines()))
    file = tmp_path / "cells.txt"
    file.write_text(f"{NAME}\nnb101-{NAME}\n{'0' * 32}\n{GENOTYPES[1]}\n")
    result = cli("convert", file, "-s", "nb101", "--dialect", "compact")
    assert result.out.splitlines() == [GENOTYPES[0], GENOTYPES[0], GENOTYPES[1]]
    assert result.code == 1
    assert f"error: {file}:3: '{'0' * 32}' is the module hash of a cell" in result.err
    assert "the imported one has no such" in result.err
    assert cli("eval", NAME, "-s", "nb101", "-q").out.splitlines()[1].startswith(f"nb101-{NAME}\tnasbench101\t{{")
    assert dinas_cli.evaluate(NAME, "nasbench101")[0].values == tuple(CELLS[0])


def test_without_a_table(cli: Cli) -> None:
    result = cli("show", NAME, "-s", "nb101")
    assert result.code == 1
    assert "hint: dinas tables import nasbench101 FILE..." in result.err
