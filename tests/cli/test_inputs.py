"""Architectures that can be used, and those that cannot."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dinas_cli.architectures.records import Record
from dinas_cli.cli.inputs import Inputs
from dinas_cli.cli.output import Sink
from dinas_cli.errors import DinasError, UsageProblem


def test_lines_that_cannot_be_used_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "cells.txt"
    path.write_text("301004\n\n# a remark\nnonsense\n333132\n000000\n")
    said = io.StringIO()
    usable = Inputs(Sink("tsv", stderr=said), [str(path)], "nasbench201")

    def make(record: Record) -> str:
        if record.genotype == "333132":
            raise UsageProblem("not this one", "another")
        return record.genotype

    assert list(usable.each(make)) == ["301004", "000000"]
    assert usable.failed()
    assert f"error: {path}:4: genotype 'nonsense'" in said.getvalue()
    assert f"error: {path}:5: not this one\nhint: another\n" in said.getvalue()


def test_a_wrong_option_ends_the_reading() -> None:
    usable = Inputs(Sink("tsv", stderr=io.StringIO()), ["301004", "333132"], "nasbench201")

    def check(record: Record) -> None:
        raise UsageProblem("no such thing")

    with pytest.raises(UsageProblem, match="no such thing"):
        list(usable.each(lambda record: record, check))


def test_no_architectures_at_all(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    usable = Inputs(Sink("tsv"), [str(tmp_path / "empty.txt")], "nasbench201")
    assert list(usable.each(lambda record: record)) == []
    with pytest.raises(DinasError, match="no architectures in the input"):
        usable.failed()


def test_all_used() -> None:
    usable = Inputs(Sink("tsv"), ["301004"], "nasbench201")
    assert [record.values for record in usable.each(lambda record: record)] == [(3, 0, 1, 0, 0, 4)]
    assert not usable.failed()
