"""``spaces``, ``checkpoints``, ``version`` and ``doctor``: what they list, in every form, and how they end."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.checkpoints import copies, registry
from dinas_cli.cli.commands import doctor
from dinas_cli.cli.commands.version import installed
from dinas_cli.spaces.registry import get_space, space_names
from tests.checkpoints.test_registry import CONTENT, ENTRY, write
from tests.conftest import Cli


def rows(text: str) -> list[dict[str, Any]]:
    """JSON Lines or TSV as rows."""
    lines = text.splitlines()
    if text.startswith("{"):
        return [json.loads(line) for line in lines]
    header = lines[0].split("\t")
    return [dict(zip(header, line.split("\t"), strict=True)) for line in lines[1:]]


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_spaces(cli: Cli, form: list[str]) -> None:
    result = cli("spaces", *form)
    assert result.code == 0
    assert [row["name"] for row in rows(result.out)] == list(space_names())
    assert result.err == "one in full: dinas spaces NAME\n"
    assert cli("spaces", "--quiet").err == ""


@pytest.mark.parametrize("name", space_names())
def test_space_in_full(cli: Cli, name: str) -> None:
    space = get_space(name)
    data = json.loads(cli("spaces", name, "--json").out)
    assert data["datasets"] == list(space.datasets)
    assert data["dialects"] == list(space.dialects)
    for spec in space.metrics:
        assert (data["metrics"][spec.name]["unit"], data["metrics"][spec.name]["better"]) == (spec.unit, spec.better)
    table = {row["property"]: row["value"] for row in rows(cli("spaces", name).out)}
    ranked = next(spec for spec in space.metrics if spec.name == space.rank_metric)
    better = "higher is better" if ranked.better == "max" else "lower is better"
    assert f"({ranked.unit or 'no unit'}, {better}" in table[f"metrics.{ranked.name}"]
    assert {key: str(value) for key, value in data["counts"].items()} == {
        key.removeprefix("counts."): value for key, value in table.items() if key.startswith("counts.")
    }


def test_nasbench201_counts_by_alias(cli: Cli) -> None:
    counts = json.loads(cli("spaces", "nb201", "--json").out)["counts"]
    assert sorted(counts.values()) == [4930, 6466, 15625]


def test_unknown_space(cli: Cli) -> None:
    result = cli("spaces", "nasbench2001")
    assert (result.code, result.out) == (2, "")
    assert "did you mean 'nasbench201'?" in result.err


def test_version(cli: Cli) -> None:
    versions = {row["name"]: row["version"] for row in rows(cli("version", "--json").out)}
    assert versions["torch"] == installed("torch")
    assert installed("no-such-package-at-all") is None


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of one bundled checkpoint, and its file."""
    path = write(tmp_path / "checkpoints.toml", {"mine": ENTRY | {"figures": {"tau": 0.9}}})
    monkeypatch.setattr(registry, "registry_path", lambda: path)
    monkeypatch.setattr(copies, "weights_dir", lambda: tmp_path)
    (tmp_path / ENTRY["filename"]).write_bytes(CONTENT)
    return tmp_path / ENTRY["filename"]


def test_checkpoints(cli: Cli, mine: Path) -> None:
    (row,) = rows(cli("checkpoints", "list").out)
    assert (row["name"], row["bytes"], row["status"]) == ("mine", "7", "ok")
    (row,) = rows(cli("checkpoints", "info", "mine", "--json").out)
    assert row["figures"] == {"tau": 0.9}
    assert row["place"] == str(mine)
    mine.write_bytes(b"weightz")
    assert rows(cli("checkpoints", "list").out)[0]["status"].startswith("altered: SHA-256 ")
    mine.unlink()
    assert rows(cli("checkpoints", "list").out)[0]["status"] == "missing"
    result = cli("checkpoints", "info", "mien")
    assert result.code == 3
    assert "did you mean 'mine'?" in result.err


def findings(cli: Cli, code: int = 0) -> dict[str, dict[str, Any]]:
    """What the doctor says, by check."""
    result = cli("doctor", "--json")
    assert result.code == code, result.out
    return {row["check"]: row for row in rows(result.out)}


def test_doctor_finds_a_working_installation(cli: Cli, mine: Path, home: Path) -> None:
    found = findings(cli)
    for check in ("python", "torch", "numpy", "typer", "weights mine", "data folder"):
        assert found[check]["status"] == "ok", found[check]
    assert {row["status"] for row in found.values()} == {"ok"}  # what is optional is no reason to warn
    assert "nasbench201" in found["other tables"]["detail"]
    assert "dinas tables import" in found["other tables"]["hint"]
    assert found["offline"]["detail"] == "on, by HF_HUB_OFFLINE"
    assert str(home) in found["data folder"]["detail"]


def test_doctor_fails_on_altered_weights(cli: Cli, mine: Path) -> None:
    mine.write_bytes(b"weightz")
    result = cli("doctor")
    assert result.code == 1
    assert "checks failed" in result.err
    assert findings(cli, 1)["weights mine"]["status"] == "fail"


def test_doctor_fails_on_a_broken_registry_table_or_folder(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    (home / "tables").mkdir()
    (home / "tables" / "nasbench201.safetensors").write_bytes(b"not a table")
    monkeypatch.setenv("DINAS_CHECKPOINTS", str(tmp_path / "none.toml"))
    found = findings(cli, 1)
    assert found["table nasbench201"]["status"] == "fail"
    assert found["checkpoints.toml"]["status"] == "fail"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DINAS_HOME", str(tmp_path / "file" / "below"))
    assert findings(cli, 1)["data folder"]["status"] == "fail"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise ImportError('undefined symbol')", "ImportError: undefined symbol"),
        ("import os; os.abort()", f"it ends Python with {-signal.SIGABRT}"),
    ],
)
def test_doctor_fails_on_missing_old_and_broken_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, reason: str
) -> None:
    versions = {"torch": "2.1.0+cu118", "numpy": None}
    monkeypatch.setattr(doctor, "installed", lambda name: versions.get(name, "99.0"))

    (tmp_path / "safetensors.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = {finding.check: finding for finding in doctor.check_packages()}
    assert (found["torch"].status, found["torch"].hint[:12]) == ("fail", "pip install ")
    assert "older than" in found["torch"].detail
    assert (found["numpy"].status, found["numpy"].detail) == ("fail", "not installed")
    assert found["safetensors"].detail == f"99.0 does not import: {reason}"
    assert found["torch-geometric"].status == "ok"
