"""The registry: read strictly, every wrong key named; files found in one place and verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.checkpoints import copies, registry
from dinas_cli.checkpoints.registry import (
    Checkpoint,
    broken_registries,
    default_checkpoint,
    find_checkpoint,
    load_registry,
    read_registry,
    resolve,
)
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem
from dinas_cli.spaces.registry import space_names

CONTENT = b"weights"
ENTRY: dict[str, Any] = {
    "kind": "generator",
    "space": "nasbench201",
    "filename": "mine.safetensors",
    "sha256": hashlib.sha256(CONTENT).hexdigest(),
    "bytes": len(CONTENT),
    "licence": "MIT",
    "bundled": True,
    "conditions": ["rank", "latency"],
    "label_budget": 100,
    "seed": 0,
    "command": "dinas train --space nasbench201 --out mine.safetensors",
}


def write(path: Path, entries: dict[str, dict[str, Any]]) -> Path:
    """A registry file; every value used here is written the same in JSON and TOML, but for tables."""
    lines = []
    for name, entry in entries.items():
        lines.append(f"[checkpoints.{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in entry.items() if not isinstance(value, dict)]
        for key, value in entry.items():
            if isinstance(value, dict):
                lines.append(f"[checkpoints.{name}.{key}]")
                lines += [f"{inner} = {json.dumps(item)}" for inner, item in value.items()]
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One bundled generator ``mine`` with its file; returns the file."""
    monkeypatch.setenv("DINAS_CHECKPOINTS", str(write(tmp_path / "more.toml", {"mine": ENTRY})))
    monkeypatch.setattr(copies, "weights_dir", lambda: tmp_path)
    file = tmp_path / "mine.safetensors"
    file.write_bytes(CONTENT)
    return file


def test_shipped_registry_is_valid_and_its_files_are_right() -> None:
    for name, entry in read_registry(registry.registry_path()).items():
        assert entry.name == name
        assert entry.space in space_names()
        assert entry.conditions
        if entry.bundled:
            assert resolve(name, entry.space, entry.kind).stat().st_size <= 4_000_000


def test_further_file_adds_entries(mine: Path) -> None:
    shipped = read_registry(registry.registry_path())
    assert list(load_registry()) == [*shipped, "mine"]
    assert find_checkpoint("mine") == Checkpoint(name="mine", **{**ENTRY, "conditions": ("rank", "latency")})


def test_figures_and_place_on_the_hub(tmp_path: Path) -> None:
    hub = {"bundled": False, "repo_id": "someone/dinas", "revision": "0" * 40, "figures": {"tau": 0.9}}
    entry = read_registry(write(tmp_path / "c.toml", {"x": ENTRY | hub}))["x"]
    assert (entry.repo_id, entry.revision, entry.figures) == ("someone/dinas", "0" * 40, {"tau": 0.9})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"licens": "MIT"}, "checkpoints.x: unknown key 'licens'"),
        ({"sha256": None}, "checkpoints.x: key 'sha256' is missing"),
        ({"sha256": "abc"}, "'sha256' is 'abc', not 64 hexadecimal digits"),
        ({"kind": "oracle"}, "'kind' is 'oracle', not one of generator, surrogate"),
        ({"bytes": "7"}, "'bytes' is '7', not a int"),
        ({"bytes": True}, "'bytes' is True, not a int"),
        ({"seed": -1}, "'seed' is -1, not a int"),
        ({"bundled": "yes"}, "'bundled' is 'yes', not a bool"),
        ({"filename": "../x.safetensors"}, "not a plain name"),
        ({"filename": "x.pth"}, "not a plain name"),
        ({"conditions": [1]}, "'conditions' is not a list of names"),
        ({"revision": "main"}, "'revision' is 'main', not a full commit SHA"),
        ({"bundled": False}, "neither bundled nor on the Hub"),
    ],
)
def test_refused_entries(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    entry = {key: value for key, value in (ENTRY | change).items() if value is not None}
    with pytest.raises(CorruptFileError) as caught:
        read_registry(write(tmp_path / "c.toml", {"x": entry}))
    assert message in caught.value.message
    assert str(tmp_path / "c.toml") in caught.value.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[checkpoint.x]", "unknown key 'checkpoint'"),
        (b"checkpoints = 3", "'checkpoints' is not a table"),
        (b"[checkpoints]\nx = 3", "checkpoints.x is not a table"),
        (b"nonsense", "is not TOML"),
        (b"\xff", "is not TOML"),
    ],
)
def test_refused_files(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "c.toml").write_bytes(content)
    with pytest.raises(CorruptFileError, match=message):
        read_registry(tmp_path / "c.toml")


def test_missing_further_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINAS_CHECKPOINTS", str(tmp_path / "none.toml"))
    with pytest.raises(NotFoundError):
        load_registry()
    with pytest.raises(DinasError, match="cannot read"):
        read_registry(tmp_path)


def test_resolve_finds_and_verifies(mine: Path) -> None:
    assert resolve("mine", "nasbench201", "generator") == mine
    assert resolve(str(mine), "nasbench201", "surrogate") == mine
    with pytest.raises(UsageProblem, match="is a generator of nasbench201, not a surrogate of nasbench201"):
        resolve("mine", "nasbench201", "surrogate")
    with pytest.raises(NotFoundError) as caught:
        resolve("mime", "nasbench201", "generator")
    assert "did you mean 'mine'?" in (caught.value.hint or "")
    with pytest.raises(NotFoundError, match="no such file"):
        resolve("elsewhere/mine.safetensors", "nasbench201", "generator")
    with pytest.raises(NotFoundError, match="no surrogate for space 'other'"):
        default_checkpoint("other", "surrogate")


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"weightz", "SHA-256 .*, not "), (b"weight", "6 bytes, not 7"), (None, "not on this machine")],
)
def test_altered_truncated_and_missing_files_are_refused(mine: Path, content: bytes | None, message: str) -> None:
    mine.unlink()
    if content is not None:
        mine.write_bytes(content)
    with pytest.raises(CorruptFileError if content else NotFoundError, match=message) as caught:
        resolve("mine", "nasbench201", "generator")
    assert caught.value.hint == "install dinas again"


@pytest.fixture
def other(install: Callable[..., Path], tmp_path: Path) -> Callable[[dict[str, dict[str, Any]] | None], Path]:
    """A package with the toy's space and a registry of these entries, bundled files included; returns the registry."""

    def call(entries: dict[str, dict[str, Any]] | None) -> Path:
        path = tmp_path / "checkpoints.toml"
        (tmp_path / "weights").mkdir()
        (tmp_path / "weights" / "mine.safetensors").write_bytes(CONTENT)
        code = (
            "from pathlib import Path\nfrom tests.support.toy import ToySpace\n"
            f"class Own(ToySpace):\n    checkpoints = Path({str(path)!r})\nSPACE = Own()\n"
        )
        install({"toy": "dinas_own:SPACE"}, {"dinas_own.py": code}, name="dinas-own")
        return path if entries is None else write(path, entries)

    return call


def test_weights_of_another_package(
    other: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = other({"toy": ENTRY | {"space": "toy"}})
    shipped = read_registry(registry.registry_path())
    assert list(load_registry()) == [*shipped, "toy"]
    assert list(load_registry("toy")) == ["toy"]
    assert (
        resolve(None, "toy", "generator")
        == resolve("toy", "toy", "generator")
        == path.parent / "weights" / "mine.safetensors"
    )
    assert not broken_registries()
    again = write(tmp_path / "again.toml", {"toy": ENTRY | {"space": "toy", "seed": 7}})
    monkeypatch.setenv("DINAS_CHECKPOINTS", str(again))
    assert default_checkpoint("toy", "generator").seed == 7


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (None, "no such file"),
        ({"toy": ENTRY}, "checkpoints.toy is about nasbench201"),
        ({"nasbench201": ENTRY | {"space": "toy"}}, "there is a checkpoint 'nasbench201' of nasbench201"),
        ({"toy": {"kind": "generator"}}, "checkpoints.toy: key 'space' is missing"),
    ],
)
def test_a_broken_registry_of_another_package_harms_nothing_else(
    other: Callable[..., Path], entries: dict[str, dict[str, Any]] | None, words: str
) -> None:
    other(entries)
    assert load_registry() == read_registry(registry.registry_path())
    assert default_checkpoint("nasbench201", "generator").space == "nasbench201"
    (error,) = broken_registries()
    assert error.message.startswith("dinas-own 1.2: ")
    assert words in error.message
    assert error.hint == "update dinas-own"
    with pytest.raises(CorruptFileError) as caught:
        default_checkpoint("toy", "generator")
    assert caught.value.message == error.message
