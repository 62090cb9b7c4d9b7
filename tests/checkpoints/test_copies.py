"""Where copies are looked for: the Hub's own folders under its own variables, and how files leave them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dinas_cli.checkpoints.copies import asset, assets_cache, discard, hub_cache, locations, snapshot, verify
from dinas_cli.checkpoints.sources import HubSource
from dinas_cli.errors import DinasError
from tests.checkpoints.test_hub import CONTENT, entry_of

SOURCE = HubSource("someone/dinas", "1" * 40)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "home/.cache/huggingface/hub"),
        ({"XDG_CACHE_HOME": "xdg"}, "xdg/huggingface/hub"),
        ({"HF_HOME": "~/hf"}, "home/hf/hub"),
        ({"HF_HOME": "hf", "HUGGINGFACE_HUB_CACHE": "$HOME/old"}, "home/old"),
        ({"HF_HOME": "hf", "HUGGINGFACE_HUB_CACHE": "old", "HF_HUB_CACHE": "new"}, "new"),
    ],
)
def test_cache_as_the_client_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("XDG_CACHE_HOME", "HF_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "home")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert hub_cache() == Path(expected)


def test_snapshot_is_where_the_client_puts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub.file_download import repo_folder_name

    for dataset, kind in ((False, "model"), (True, "dataset")):
        folder = hub_cache() / repo_folder_name(repo_id="someone/dinas", repo_type=kind)
        source = HubSource("someone/dinas", "1" * 40, dataset)
        assert snapshot(source, "x.safetensors") == folder / "snapshots" / ("1" * 40) / "x.safetensors"
    monkeypatch.setenv("HF_ASSETS_CACHE", "/assets")
    assert assets_cache() == Path("/assets/dinas")


def test_order_of_places() -> None:
    entry = entry_of(revision="1" * 40, bundled=True, mirrors=(f"hf://a/b@{'2' * 40}", "https://example.org/"))
    kinds = [kind for kind, _ in locations(entry)]
    paths = [str(path) for _, path in locations(entry)]
    assert kinds == ["cache", "cache", "cache", "bundled"]
    assert ["someone" in paths[0], "a--b" in paths[1], str(asset(entry)) == paths[2], "weights" in paths[3]] == [
        True
    ] * 4


def test_discard_keeps_a_blob_that_another_commit_needs() -> None:
    one, two = snapshot(SOURCE, "x"), snapshot(HubSource(SOURCE.repo_id, "2" * 40), "x")
    blob = one.parents[2] / "blobs" / "abc"
    blob.parent.mkdir(parents=True)
    blob.write_bytes(CONTENT)
    for path in (one, two):
        path.parent.mkdir(parents=True)
        path.symlink_to(blob)
    discard(one)
    assert not one.parent.exists()
    assert two.read_bytes() == CONTENT
    discard(two)
    assert not blob.exists()
    discard(two)  # gone already


def test_unreadable_is_a_difference(tmp_path: Path) -> None:
    assert "cannot be read" in (verify(entry_of(), tmp_path / "none") or "")
    (tmp_path / "folder").mkdir()
    assert verify(entry_of(), tmp_path / "folder") is not None
    with pytest.raises(DinasError, match="cannot remove"):
        discard(tmp_path / "folder")
