"""Paths that lead nowhere, to themselves or into a home that is not there, and files nested too deeply: a line each."""

from __future__ import annotations

from pathlib import Path

import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.files.atomic import data_dir, expanded
from dinas_cli.files.cache import kept
from tests.conftest import Cli

CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|none~0|skip_connect~1|nor_conv_3x3~2|"
DEEP = {
    "lists": "a = " + "[" * 5000 + "]" * 5000,
    "tables": "x = " + "{a=" * 5000 + "1" + "}" * 5000,
    "dots": "[checkpoints.x.figures." + ".".join("a" * 5000) + "]\nx = 1\n",
}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dangling.py", "dangling.py is a link into folder"),
        ("loop.py", "loop.py is a link that leads to itself"),
        ("loop/x.py", "loop/x.py is a link that leads to itself"),
        ("~nosuchuser/x.py", "~nosuchuser/x.py: there is no such home folder"),
        ("~nosuchuser/nets", "~nosuchuser/nets: there is no such home folder"),
    ],
)
def test_outputs(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dangling.py").symlink_to("nowhere/x.py")
    for loop in ("loop.py", "loop"):
        (tmp_path / loop).symlink_to(loop)
    before = sorted(tmp_path.iterdir())
    result = cli("export", CELL, "-s", "nasbench201", "-o", name)
    error, hint = result.err.splitlines()
    assert words in error
    assert hint.startswith("hint: ")
    assert result.code in (1, 2)
    assert sorted(tmp_path.iterdir()) == before


def test_a_link_to_a_file_that_is_not_there_yet(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "link.py").symlink_to("there.py")
    assert cli("export", CELL, "-s", "nasbench201", "-o", tmp_path / "link.py").code == 0
    assert (tmp_path / "there.py").is_file()
    assert (tmp_path / "link.py").is_symlink()


@pytest.mark.parametrize("name", ["DINAS_HOME", "HF_HOME"])
def test_a_home_that_is_not_there(cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "~nosuchuser/x")
    result = cli("checkpoints" if name == "HF_HOME" else "tables", "list")
    assert result.code == 2
    assert "~nosuchuser/x: there is no such home folder" in result.err


def test_nobody_has_a_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a container whose user is in no list."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda _: (_ for _ in ()).throw(KeyError("no such user")))
    for name in ("DINAS_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UsageProblem, match="there is no such home folder"):
        expanded("~/x")
    with pytest.raises(UsageProblem, match="this user has no home folder"):
        data_dir()
    import numpy as np

    assert kept("x", (), (__name__,), lambda: np.zeros(3)).tolist() == [0, 0, 0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", DEEP)
def test_deep_toml(cli: Cli, tmp_path: Path, name: str) -> None:
    path = tmp_path / "deep.toml"
    path.write_text(DEEP[name])
    result = cli("checkpoints", "list", "--registry", path)
    assert result.code == 1
    assert result.err.splitlines()[0] == f"error: {path} is not TOML: tables or lists are nested too deeply"
