"""``dinas spaces`` with packages around: what is refused is named everywhere, and the rest works."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dinas_cli.spaces.registry import BUILT_IN
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.testing import CHECKS
from tests.conftest import Cli
from tests.support.bundled import needs_weights

REASON = "space 'gone' of dinas-gone 1.2 is refused: importing dinas_gone:SPACE raises ImportError: no licence"


@pytest.fixture
def gone(install: Callable[..., Path]) -> None:
    """A package whose import fails."""
    install({"gone": "dinas_gone:SPACE"}, {"dinas_gone.py": "raise ImportError('no licence')\n"}, name="dinas-gone")


@pytest.mark.usefixtures("gone")
def test_a_refused_space_is_named_and_the_others_are_listed(cli: Cli) -> None:
    result = cli("spaces", "--json")
    assert result.code == 0
    assert [json.loads(line)["name"] for line in result.out.splitlines()] == list(BUILT_IN)
    assert result.err.splitlines()[0] == f"warning: {REASON}"


@pytest.mark.usefixtures("gone")
@pytest.mark.parametrize(
    "words",
    [
        ["spaces", "gone"],
        ["spaces", "check", "gone"],
        ["generate", "--space", "gone"],
        ["eval", "0", "--space", "gone"],
        ["train", "--space", "gone", "-o", "never"],
        ["tables", "import", "gone"],
        ["devices", "list", "--space", "gone"],
    ],
)
def test_whoever_asks_for_it_is_told_why(cli: Cli, words: list[str]) -> None:
    result = cli(*words)
    assert (result.code, result.out) == (1, "")
    assert result.err == f"error: {REASON}\nhint: update dinas-gone, or: pip uninstall dinas-gone\n"


@pytest.mark.usefixtures("gone")
def test_the_doctor_reports_it(cli: Cli) -> None:
    result = cli("doctor", "--json")
    assert result.code == 1
    rows = [json.loads(line) for line in result.out.splitlines()]
    (row,) = [row for row in rows if row["status"] == "fail"]
    assert (row["check"], row["detail"]) == ("space gone", REASON)


@needs_weights
@pytest.mark.usefixtures("gone")
def test_other_spaces_work_as_ever(shell: Cli) -> None:
    assert shell("generate", "--space", "nb201", "--acc", "top5", "-n", "2", "-q").code == 0
    assert shell("tables", "list").code == shell("checkpoints", "list").code == 0
    assert "hint: did you mean 'nasbench201'?" in shell("generate", "--space", "nasbench2001").err


def test_check(cli: Cli, stack: Space) -> None:
    result = cli("spaces", "check", "stack", "--count", "30", "--json")
    assert (result.code, result.err) == (0, "stack keeps its contract\n")
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [row["check"] for row in rows] == [check.name for check in CHECKS]
    assert {(row["status"], row["reason"]) for row in rows} == {("ok", None)}


def test_check_of_a_broken_space(cli: Cli, stack: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dinas_stack.PARAMETERS", (0, 72, 585, 0))
    result = cli("spaces", "check", "stack", "--count", "30")
    assert result.code == 1
    (row,) = [line.split("\t") for line in result.out.splitlines() if "\tfailed\t" in line]
    assert row[0] == "network"
    assert row[2].startswith("closed_form gives ")
    assert result.err == "error: 1 of 16 checks of stack failed\nhint: see docs/new-space.md\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check"], "which space is to be checked?"),
        (["nasbench201", "darts"], "one space at a time"),
        (["check", "nasbench201", "darts"], "one space at a time"),
        (["nasbench201", "--count", "30"], "--count says how much to check"),
        (["check", "nasbench2001"], "unknown space 'nasbench2001'"),
    ],
)
def test_wrong_usage(cli: Cli, words: list[str], message: str) -> None:
    result = cli("spaces", *words)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
