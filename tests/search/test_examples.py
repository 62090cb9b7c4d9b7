"""The examples of docs/ask-and-tell.md run as they are, with few trials and epochs."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.bundled import needs_weights
from tests.support.nightly import at_night

EXAMPLES = ROOT / "examples" / "search"
pytestmark = needs_weights


def run(name: str, folder: Path, *options: str) -> str:
    """What an example prints."""
    for package in {"sklearn", *re.findall(r"^import (optuna|ray)$", (EXAMPLES / name).read_text(), re.MULTILINE)}:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"needs the package {package}")
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), "--trials", "2", "--epochs", "1", *options],
        cwd=folder,
        env={**os.environ, "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_they_are_short_and_documented() -> None:
    text = (ROOT / "docs" / "ask-and-tell.md").read_text()
    names = [path.name for path in sorted(EXAMPLES.glob("*.py"))]
    assert names == ["plain_pytorch.py", "with_optuna.py", "with_ray.py"]
    for name in names:
        assert f"examples/search/{name}" in text
        assert (EXAMPLES / name).read_text().count("\n") < 80


def test_plain_pytorch(tmp_path: Path) -> None:
    lines = run("plain_pytorch.py", tmp_path).splitlines()
    assert [line.split()[1] for line in lines[:2]] == ["transfer", "transfer"]
    accuracies = [float(line.split()[2]) for line in lines[:2]]
    assert lines[2].startswith(f"best: {max(accuracies):.2f} %, |")


def test_with_optuna_goes_on_with_what_is_stored(tmp_path: Path) -> None:
    assert run("with_optuna.py", tmp_path, "--trials", "1").startswith("best of 1: ")
    assert run("with_optuna.py", tmp_path, "--trials", "1").startswith("best of 2: ")


@at_night
def test_with_ray(tmp_path: Path) -> None:
    lines = run("with_ray.py", tmp_path).splitlines()
    accuracies = [float(line.split()[0]) for line in lines[:2]]
    assert lines[2].startswith(f"best: {max(accuracies):.2f} %, |")
