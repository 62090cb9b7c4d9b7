"""Files of the project that nothing else reads: they can be parsed, and agree with the rest."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from dinas_cli.cli.app import COMMANDS
from tests.conftest import ROOT

yaml = pytest.importorskip("yaml")
FORMS = [*sorted((ROOT / ".github").rglob("*.yml")), ROOT / ".pre-commit-config.yaml", ROOT / "CITATION.cff"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_yaml(path: Path) -> None:
    assert yaml.safe_load(path.read_text("utf-8"))


def test_ci_calls_the_script_on_all_pythons_that_are_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = {found[1] for name in project["classifiers"] if (found := re.search(r":: (3\.\d+)$", name))}
    (job,) = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"].values()
    assert set(job["strategy"]["matrix"]["python"]) == named
    assert len(job["strategy"]["matrix"]["os"]) == 3
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]


def test_releases_keep_no_secret() -> None:
    text = (ROOT / ".github/workflows/release.yml").read_text("utf-8")
    assert "secrets." not in text
    assert yaml.safe_load(text)["jobs"]["publish"]["permissions"] == {"id-token": "write"}


def test_changelog() -> None:
    heads = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", head) for head in heads[1:])


def test_reference_of_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs" / "site")
    (tmp_path / "gone.md").write_text("a command that is no more")
    import_module("reference").write_commands(tmp_path)
    assert {path.stem for path in tmp_path.glob("*.md")} == {"index", *COMMANDS}
    assert "--latency" in (tmp_path / "generate.md").read_text("utf-8")
    assert "## `dinas devices add`" in (tmp_path / "devices.md").read_text("utf-8")
    for name, line in COMMANDS.items():
        assert f"| [dinas {name}]({name}.md) | {line} |" in (tmp_path / "index.md").read_text("utf-8")
