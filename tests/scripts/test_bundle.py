"""``scripts/bundle.py``: weights into the package, entries into the registry, the rest of the registry as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from dinas_cli.checkpoints import copies, registry
from dinas_cli.checkpoints.checkpoint import to_toml
from dinas_cli.checkpoints.copies import verify
from dinas_cli.checkpoints.registry import load_registry
from tests.checkpoints.test_publish import GENERATOR, SURROGATE, weights
from tests.conftest import ROOT

Main = Callable[[list[str]], int]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a registry of its own, still without entries, and a folder for weights."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "checkpoints.toml").write_text("# What a registry is.\n# [checkpoints.NAME]\n")
    monkeypatch.setattr(registry, "registry_path", lambda: tmp_path / "checkpoints.toml")
    monkeypatch.setattr(registry, "weights_dir", lambda: tmp_path / "weights")
    monkeypatch.setattr(copies, "weights_dir", lambda: tmp_path / "weights")
    return tmp_path


@pytest.fixture
def bundle(package: Path, monkeypatch: pytest.MonkeyPatch) -> Main:
    """The script's ``main``, with measured figures from a folder that is empty so far."""
    spec = spec_from_file_location("bundle", ROOT / "scripts" / "bundle.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "RESULTS", package / "results")
    main: Main = module.main
    return main


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """What a training leaves behind."""
    folder = tmp_path / "out"
    folder.mkdir()
    weights(folder / "nasbench201.safetensors", "generator", GENERATOR)
    weights(folder / "nasbench201-surrogate.safetensors", "surrogate", SURROGATE)
    return folder


def test_files_and_entries(package: Path, bundle: Main, trained: Path) -> None:
    assert bundle([str(trained), "nasbench201"]) == 0
    text = (package / "checkpoints.toml").read_text()
    assert text.startswith("# What a registry is.\n# [checkpoints.NAME]\n\n[checkpoints.nasbench201]\n")
    entries = load_registry()
    assert list(entries) == ["nasbench201", "nasbench201-surrogate"]
    assert all(entry.bundled and entry.licence == "MIT" for entry in entries.values())
    assert all(verify(entry, package / "weights" / entry.filename) is None for entry in entries.values())
    assert entries["nasbench201-surrogate"].figures == {"kendall_tau": {"acc@cifar10": 0.9}}


def test_figures_are_taken_up_and_the_place_on_the_hub_kept(package: Path, bundle: Main, trained: Path) -> None:
    assert bundle([str(trained), "nasbench201"]) == 0
    entry = load_registry()["nasbench201"]
    published = replace(entry, repo_id="someone/nets", revision="0" * 40)
    (package / "checkpoints.toml").write_text(f"# What a registry is.\n\n{to_toml(published)}")
    about = {"checkpoint_sha256": entry.sha256, "seeds": 5, "command": "python -m benchmarks.constraints"}
    summary = {"within": {"mean": 0.97, "sd": 0.01}, "cells": 360}
    (package / "results").mkdir()
    (package / "results" / "constraints.json").write_text(json.dumps({"about": about, "summary": summary}))
    other = {"about": about | {"checkpoint_sha256": "0" * 64}, "summary": summary}
    (package / "results" / "other.json").write_text(json.dumps(other))
    assert bundle([str(package / "weights"), "nasbench201"]) == 0
    found = load_registry()["nasbench201"]
    assert (found.repo_id, found.revision) == ("someone/nets", "0" * 40)
    assert found.figures == {"constraints": {"within": 0.97, "seeds": 5, "command": about["command"]}}


def test_entries_of_ones_own_stay_out(
    package: Path, bundle: Main, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bundle([str(trained), "nasbench201"]) == 0
    mine = replace(load_registry()["nasbench201"], name="mine")
    (tmp_path / "mine.toml").write_text(to_toml(mine))
    monkeypatch.setenv("DINAS_CHECKPOINTS", str(tmp_path / "mine.toml"))
    assert bundle([str(trained), "nasbench201"]) == 0
    assert "mine" not in (package / "checkpoints.toml").read_text()


def test_usage(bundle: Main, capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle([]) == 2
    assert capsys.readouterr().err.startswith("usage: ")
