"""Mirrors: addresses over real HTTP and folders; resumed, verified, never trusted."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dinas_cli.checkpoints import mirrors
from dinas_cli.checkpoints.checkpoint import Checkpoint, to_toml
from dinas_cli.checkpoints.copies import asset, status
from dinas_cli.checkpoints.downloads import fetch
from dinas_cli.checkpoints.registry import obtain
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, OfflineError
from tests.checkpoints.test_hub import BAD, CONTENT, entry_of
from tests.checkpoints.test_hub_caches import small_disk
from tests.support.hub_server import TOKEN, Hub

__all__ = ["small_disk"]


@pytest.fixture
def entry(hub: Hub) -> Checkpoint:
    """An entry that only a web server has."""
    hub.files["mine.safetensors"] = CONTENT
    return entry_of(repo_id=None, mirrors=(f"{hub.url}/files/",))


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits between attempts."""
    monkeypatch.setattr(mirrors, "PAUSE", 0.02)


def part(entry: Checkpoint) -> Path:
    """Where an unfinished download lies."""
    return asset(entry).with_name("mine.safetensors.part")


def test_download_then_no_request(hub: Hub, entry: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    path = obtain(entry)
    assert path == asset(entry)
    assert path.read_bytes() == CONTENT
    assert obtain(entry) == path
    (request,) = hub.requests
    assert request.authorization is None  # the token is for the Hub
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_address_of_the_file_itself(hub: Hub, entry: Checkpoint) -> None:
    hub.files["records/17"] = CONTENT
    assert obtain(entry_of(repo_id=None, mirrors=(f"{hub.url}/files/records/17?download=1",))).is_file()


def test_redirect(hub: Hub, entry: Checkpoint) -> None:
    hub.files["old"] = f"{hub.storage}/files/mine.safetensors".encode()
    assert obtain(entry_of(repo_id=None, mirrors=(f"{hub.url}/files/old",))).read_bytes() == CONTENT
    hub.files["unsafe"] = b"http://example.org/mine.safetensors"
    other = entry_of(BAD, repo_id=None, mirrors=(f"{hub.url}/files/unsafe",))
    with pytest.raises(CorruptFileError, match="which is not https"):
        obtain(other)


@pytest.mark.parametrize("reset", [False, True])
def test_cut_connections_are_resumed(hub: Hub, entry: Checkpoint, reset: bool) -> None:
    hub.cuts, hub.reset = [100_000, 0, 50_000], reset
    assert obtain(entry).read_bytes() == CONTENT
    if not reset:  # a reset may take bytes with it that were on their way
        assert hub.transferred() == len(CONTENT)
        assert [request.range for request in hub.requests] == [
            None,
            "bytes=100000-",
            "bytes=100000-",
            "bytes=150000-",
        ]


def test_next_run_goes_on_where_the_last_one_gave_up(hub: Hub, entry: Checkpoint) -> None:
    hub.cuts = [200_000] + [0] * mirrors.PATIENCE
    with pytest.raises(OfflineError, match="the connection was cut"):
        obtain(entry)
    assert part(entry).stat().st_size == 200_000
    assert not asset(entry).exists()
    assert obtain(entry).read_bytes() == CONTENT
    assert hub.transferred() == len(CONTENT)


def test_killed_process_leaves_what_the_next_one_needs(hub: Hub, entry: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text(to_toml(entry))
    hub.pace = 0.05
    environment = os.environ | {"DINAS_CHECKPOINTS": str(tmp_path / "more.toml")}
    command = [sys.executable, "-m", "dinas_cli", "download", "mine"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    waited = threading.Event()
    while hub.transferred() < 100_000 and not waited.wait(0.01):
        assert process.poll() is None
    process.kill()
    process.wait()
    had = part(entry).stat().st_size
    assert 0 < had < len(CONTENT)
    hub.pace = 0.0
    assert obtain(entry).read_bytes() == CONTENT
    assert hub.requests[-1].range == f"bytes={had}-"


def test_server_without_ranges(hub: Hub, entry: Checkpoint) -> None:
    hub.ranges, hub.cuts = False, [100_000]
    assert obtain(entry).read_bytes() == CONTENT


@pytest.mark.parametrize("left", [BAD[:1000][::-1], BAD, CONTENT + b"more"])
def test_useless_remains_are_thrown_away(hub: Hub, entry: Checkpoint, left: bytes) -> None:
    part(entry).parent.mkdir(parents=True)
    part(entry).write_bytes(left)
    assert obtain(entry).read_bytes() == CONTENT
    assert not part(entry).exists()


@pytest.mark.parametrize("wrong", [BAD, CONTENT[:-1], CONTENT + b"more", b""])
def test_wrong_file_is_never_kept(hub: Hub, entry: Checkpoint, wrong: bytes) -> None:
    hub.files["mine.safetensors"] = wrong
    with pytest.raises(CorruptFileError):
        obtain(entry)
    assert status(entry) == "not downloaded"
    assert not part(entry).exists()


def test_endless_answer_is_cut_off(hub: Hub, entry: Checkpoint) -> None:
    hub.replaced, hub.lengths = CONTENT * 3, False
    with pytest.raises(CorruptFileError, match="more than 300000 bytes"):
        obtain(entry)
    assert status(entry) == "not downloaded"
    assert not part(entry).exists()
    hub.replaced = None
    assert obtain(entry).read_bytes() == CONTENT


def test_good_file_stays(hub: Hub, entry: Checkpoint) -> None:
    path = obtain(entry)
    hub.files["mine.safetensors"] = BAD
    assert fetch(entry).path == path
    path.write_bytes(BAD)
    with pytest.raises(CorruptFileError):
        obtain(entry)
    hub.files["mine.safetensors"] = CONTENT
    assert obtain(entry).read_bytes() == CONTENT


def test_statuses(hub: Hub, entry: Checkpoint) -> None:
    hub.statuses = [503, 429, 500]
    assert obtain(entry).read_bytes() == CONTENT
    other = entry_of(BAD, repo_id=None, mirrors=entry.mirrors)
    hub.statuses = [503] * 50
    with pytest.raises(OfflineError, match="answers 503"):
        obtain(other)
    hub.statuses = [410]
    with pytest.raises(NotFoundError, match="answers 410"):
        obtain(other)


def test_two_at_once_transfer_once(hub: Hub, entry: Checkpoint) -> None:
    hub.pace = 0.01
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(obtain(entry))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [asset(entry)] * 3
    assert hub.transferred() == len(CONTENT)


def test_full_disk(hub: Hub, entry: Checkpoint, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(small_disk))
    with pytest.raises(DinasError, match=r"cannot write to .*: no space left on device"):
        obtain(entry)
    assert not part(entry).exists()


def test_folder(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # a folder needs no network
    entry = entry_of(repo_id=None, mirrors=(str(tmp_path / "empty"), str(tmp_path)))
    with pytest.raises(NotFoundError, match=r"no file .*; no file"):
        obtain(entry)
    (tmp_path / "mine.safetensors").write_bytes(BAD)
    with pytest.raises(CorruptFileError, match="SHA-256"):
        obtain(entry)
    (tmp_path / "mine.safetensors").write_bytes(CONTENT)
    path = obtain(entry)
    (tmp_path / "mine.safetensors").unlink()
    assert obtain(entry) == path == asset(entry)
    assert hub.requests == []


def test_full_disk_while_copying(tmp_path: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.safetensors").write_bytes(CONTENT)
    monkeypatch.setenv("HF_HOME", str(small_disk))
    entry = entry_of(repo_id=None, mirrors=(str(tmp_path),))
    with pytest.raises(DinasError, match="no space left on device"):
        obtain(entry)
    assert list(asset(entry).parent.iterdir()) == []
