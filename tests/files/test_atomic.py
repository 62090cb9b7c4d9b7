"""Files: complete or not at all, nothing overwritten unasked, failures in one line."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from dinas_cli.errors import DinasError, NotFoundError
from dinas_cli.files.atomic import atomic_path, atomic_write, check_target, data_dir, make_dir, sha256_file


def test_data_folder_follows_the_environment_and_is_not_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DINAS_HOME", str(tmp_path / "data"))
    assert data_dir() == tmp_path / "data"
    assert not data_dir().exists()
    monkeypatch.setenv("DINAS_HOME", "~/data")
    assert data_dir() == Path.home() / "data"
    monkeypatch.delenv("DINAS_HOME")
    assert data_dir().name == "dinas"


@pytest.mark.parametrize("data", ["Grüße\n", b"\x00\xff"])
def test_writes_text_and_bytes(tmp_path: Path, data: str | bytes) -> None:
    path = atomic_write(tmp_path / "file", data)
    assert path.read_bytes() == (data.encode() if isinstance(data, str) else data)
    assert list(tmp_path.iterdir()) == [path]
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(DinasError, match="exists already") as caught:
        atomic_write(path, "new")
    assert caught.value.exit_code == 1
    assert "--force" in (caught.value.hint or "")
    assert path.read_text() == "old"
    atomic_write(path, "new", force=True)
    assert path.read_text() == "new"


def test_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def write() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("ours")
            path.write_text("theirs")

    with pytest.raises(DinasError, match="exists already"):
        write()
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_interrupted_write_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def write() -> None:
        with atomic_path(tmp_path / "file") as temporary:
            temporary.write_text("half")
            raise error

    with pytest.raises(error):
        write()
    assert list(tmp_path.iterdir()) == []


def test_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    atomic_write(tmp_path / "link", "new", force=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_impossible_targets(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("")
    with pytest.raises(DinasError, match="is a folder"):
        check_target(tmp_path)
    with pytest.raises(DinasError, match="not a regular file"):
        check_target(tmp_path / "pipe", force=True)
    with pytest.raises(DinasError, match="does not exist") as caught:
        check_target(tmp_path / "no" / "file")
    assert caught.value.hint == f"create it first: mkdir -p {tmp_path / 'no'}"
    with pytest.raises(DinasError, match="cannot create folder"):
        make_dir(tmp_path / "file" / "below")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_disk_is_one_line(tmp_path: Path) -> None:
    def write() -> None:
        with atomic_path(tmp_path / "file"), open("/dev/full", "wb", buffering=0) as stream:
            stream.write(b"x")

    with pytest.raises(DinasError, match=r"cannot write .*no space left"):
        write()
    assert list(tmp_path.iterdir()) == []


def test_hash(tmp_path: Path) -> None:
    path = atomic_write(tmp_path / "file", b"dinas")
    assert sha256_file(path) == hashlib.sha256(b"dinas").hexdigest()
    with pytest.raises(NotFoundError):
        sha256_file(tmp_path / "none")
    with pytest.raises(DinasError, match="cannot read"):
        sha256_file(tmp_path)
