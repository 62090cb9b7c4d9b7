"""What docs/drawing.md shows is what the commands give."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT, Cli

TEXT = (ROOT / "docs" / "drawing.md").read_text("utf-8")


def test_examples(cli: Cli) -> None:
    examples = re.findall(r"^```console\n\$ dinas (.*?)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert len(examples) == 2
    for line, shown in examples:
        assert cli(*shlex.split(line)).out == shown


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures(cli: Cli, tmp_path: Path, theme: str) -> None:
    assert cli("show", "333132", "-s", "nasbench201", "-o", tmp_path / "a.svg", "--theme", theme).code == 0
    shown = ROOT / "docs" / "pictures" / f"nasbench201-{theme}.svg"
    assert (tmp_path / "a.svg").read_text("utf-8") == shown.read_text("utf-8")
    assert shown.name in TEXT
