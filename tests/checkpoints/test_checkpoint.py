"""Entries and their sources: strict reading, faithful writing."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.checkpoints.checkpoint import Checkpoint, to_toml
from dinas_cli.checkpoints.registry import load_registry, read_registry
from dinas_cli.checkpoints.sources import FolderSource, HubSource, UrlSource, is_safe
from dinas_cli.errors import CorruptFileError
from tests.checkpoints.test_registry import ENTRY, write

COMMIT = "0123456789" * 4
HUB = {"bundled": False, "repo_id": "someone/dinas", "revision": COMMIT}


def read(path: Path, **changes: Any) -> Checkpoint:
    """The entry ``x`` with these changes, written to a file and read again."""
    entry = {key: value for key, value in (ENTRY | changes).items() if value is not None}
    return read_registry(write(path / "c.toml", {"x": entry}))["x"]


def test_sources_in_order(tmp_path: Path) -> None:
    mirrors = [
        f"hf://other/copy@{COMMIT}",
        f"hf://datasets/other/copy@{COMMIT}",
        "https://example.org/files/",
        "https://example.org/records/1?download=1",
        "http://localhost:8000/x",
        "./usb",
        "/mnt/share",
    ]
    entry = read(tmp_path, **HUB, mirrors=mirrors)
    assert entry.sources() == [
        HubSource("someone/dinas", COMMIT),
        HubSource("other/copy", COMMIT),
        HubSource("other/copy", COMMIT, dataset=True),
        UrlSource("https://example.org/files/"),
        UrlSource("https://example.org/records/1?download=1"),
        UrlSource("http://localhost:8000/x"),
        FolderSource(tmp_path / "usb"),  # relative to the file that names it
        FolderSource(Path("/mnt/share")),
    ]
    assert UrlSource("https://example.org/files/").file("a") == "https://example.org/files/a"
    assert UrlSource("https://example.org/a").file("b") == "https://example.org/a"


def test_mirrors_alone_are_enough(tmp_path: Path) -> None:
    assert read(tmp_path, bundled=False, mirrors=["https://example.org/"]).repo_id is None


def test_tables_need_no_training(tmp_path: Path) -> None:
    less = dict.fromkeys(("conditions", "label_budget", "seed"))
    table = read(tmp_path, kind="table", **HUB, **less)
    assert (table.conditions, table.label_budget, table.seed) == ((), 0, 0)
    with pytest.raises(CorruptFileError, match="'conditions' is missing"):
        read(tmp_path, **HUB, **less)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"repo_id": "someone/dinas"}, "'repo_id' and 'revision' belong together"),
        ({"revision": COMMIT}, "'repo_id' and 'revision' belong together"),
        ({**HUB, "repo_id": "dinas"}, "not OWNER/NAME"),
        ({**HUB, "repo_id": "../x/y"}, "not OWNER/NAME"),
        ({**HUB, "revision": COMMIT[:7]}, "not a full commit SHA"),
        ({"mirrors": ["http://example.org/"]}, "mirror 'http://example.org/' is neither https nor a folder"),
        ({"mirrors": ["ftp://example.org/"]}, "is neither https nor a folder"),
        ({"mirrors": ["file:///etc/passwd"]}, "is neither https nor a folder"),
        ({"mirrors": ["hf://other/copy"]}, "does not pin a repository to a full commit SHA"),
        ({"mirrors": ["hf://other/copy@main"]}, "does not pin"),
        ({"mirrors": "https://example.org/"}, "not a list"),
        ({"mirrors": [1]}, "'mirrors' is not a list of names"),
        ({"figures": [1]}, "not a dict"),
    ],
)
def test_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CorruptFileError, match=message):
        read(tmp_path, **changes)


def test_refused_name(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('[checkpoints."a/b"]\n')
    with pytest.raises(CorruptFileError):
        read_registry(tmp_path / "c.toml")


def test_written_entries_read_the_same(tmp_path: Path) -> None:
    odd = dataclasses.replace(
        read(tmp_path, **HUB, mirrors=["https://example.org/ä"]),
        licence='a "b" \\ \x7f \n ☃',
        figures={"τ": 0.9, "kendall tau": {"acc@cifar10": 0.5, "deep": {"n": 3}}, "list": [1, 2], "big": 1e300},
    )
    entries = {**load_registry(), "x": odd, "dotted.name": dataclasses.replace(odd, name="dotted.name")}
    (tmp_path / "again.toml").write_text("\n".join(map(to_toml, entries.values())), encoding="utf-8")
    assert read_registry(tmp_path / "again.toml") == entries


@pytest.mark.parametrize("url", ["https://", "http://127.0.0.1.example.org/", "http://[::1", "//localhost/x", "x"])
def test_unsafe_addresses(url: str) -> None:
    assert not is_safe(url)
    assert is_safe("http://[::1]:8000/")
