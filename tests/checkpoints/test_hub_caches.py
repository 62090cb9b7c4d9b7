"""The Hub's cache under strain: several processes at once, a full disk, a cache that cannot be written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dinas_cli.checkpoints.checkpoint import Checkpoint, to_toml
from dinas_cli.checkpoints.registry import obtain
from dinas_cli.errors import DinasError
from tests.checkpoints.test_hub import CONTENT, entry_of, leftovers
from tests.support.hub_server import Hub


@pytest.fixture
def entry(hub: Hub) -> Checkpoint:
    """A published entry."""
    return entry_of(revision=hub.add("someone/dinas", CONTENT))


DOWNLOAD = """
import sys
from dinas_cli.cli.app import run
sys.exit(run(["download", "mine", "--json"]))
"""


def test_two_processes_at_once(hub: Hub, entry: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "more.toml").write_text(to_toml(entry))
    hub.pace = 0.02
    environment = os.environ | {"DINAS_CHECKPOINTS": str(tmp_path / "more.toml")}
    command = [sys.executable, "-c", DOWNLOAD]
    running = [subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    for process in running:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert '"status": "downloaded"' in out
        assert err == ""
    assert obtain(entry).read_bytes() == CONTENT
    assert leftovers() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 128 KiB; skipped where none can be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {made.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_full_disk(hub: Hub, entry: Checkpoint, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(small_disk))
    with pytest.raises(DinasError, match=r"cannot write to .*: no space left on device") as caught:
        obtain(entry)
    assert "HF_HOME" in (caught.value.hint or "")
    assert leftovers() == []


def test_read_only_cache(hub: Hub, entry: Checkpoint, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = entry_of(b"small", revision=hub.add("someone/small", b"small"), repo_id="someone/small")
    monkeypatch.setenv("HF_HOME", str(small_disk))
    path = obtain(small)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert obtain(small) == path
    with pytest.raises(DinasError, match=r"cannot write to .*: read-only file system"):
        obtain(entry)
