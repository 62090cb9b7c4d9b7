"""Errors: suggestions, and a numpy that is too old."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest

from dinas_cli.errors import NUMPY, DinasError, need_numpy, suggest
from tests.conftest import ROOT, Cli
from tests.support.bundled import needs_weights


@pytest.mark.parametrize("version", ["1.26.4", "1.9", "0.9.dev0", ""])
def test_an_old_numpy_is_refused_with_its_version(version: str) -> None:
    with pytest.raises(DinasError, match=r"too old: dinas needs 2\.0 or later") as refused:
        need_numpy(version)
    assert refused.value.hint == "pip install 'numpy>=2.0'"


@pytest.mark.parametrize("version", ["2.0.0", "2.4.6", "3.1rc1", np.__version__])
def test_others_pass(version: str) -> None:
    need_numpy(version)


def test_the_package_asks_for_the_same_numpy() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"numpy>={NUMPY[0]}.{NUMPY[1]}" in project["dependencies"]


@needs_weights
def test_commands_say_so_in_one_line(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "__version__", "1.26.4")
    result = cli("generate", "-n", "1")
    assert result.code == 1
    assert result.err == "error: numpy 1.26.4 is too old: dinas needs 2.0 or later\nhint: pip install 'numpy>=2.0'\n"


def test_suggestions_name_the_closest_and_all() -> None:
    assert suggest("drats", ["darts", "nlp"], "spaces") == "did you mean 'darts'? spaces: darts, nlp"
    assert suggest("x", [], "spaces") == "spaces: none"
