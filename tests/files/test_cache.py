"""Kept arrays: found again as they were, only while nothing they depend on changes, and never in anybody's way."""

from __future__ import annotations

import errno
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.files.cache import MOST, cache_dir, kept

ARRAY = np.arange(12, dtype=np.float32).reshape(4, 3) / 7


class Work:
    """Counts how often it is asked."""

    def __init__(self, array: np.ndarray = ARRAY) -> None:
        self.array, self.times = array, 0

    def __call__(self) -> np.ndarray:
        self.times += 1
        return self.array.copy()


def test_the_folder_is_beside_the_data(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_dir() == home / "cache"
    monkeypatch.delenv("DINAS_HOME")
    assert cache_dir().name == "dinas"


@pytest.mark.parametrize("kind", [np.int8, np.float32, np.float64, np.uint64])
def test_what_is_kept_is_the_same(kind: type) -> None:
    work = Work(ARRAY.astype(kind))
    for _ in range(3):
        found = kept("numbers", ("a", "1"), (__name__,), work)
        assert found.dtype == kind
        assert np.array_equal(found, work.array)
        found[:] = 0  # what a caller does to it is not kept
    assert work.times == 1


def test_other_dependencies_are_other_arrays() -> None:
    work = Work()
    for depends_on in (("a", "1"), ("a", "2"), ("b", "1")):
        kept("numbers", depends_on, (), work)
    kept("others", ("a", "1"), (), work)
    assert work.times == 4


def test_other_code_makes_arrays_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "somebodys_space.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    import_module("somebodys_space")
    work = Work()
    for times, change in ((1, ""), (1, ""), (2, "x = 1\n")):
        if change:
            (tmp_path / "beside.py").write_text(change)
        kept("numbers", (), ("somebodys_space",), work)
        assert work.times == times
    sys.modules.pop("somebodys_space")


@pytest.mark.parametrize("damage", ["cut", "flipped", "header", "empty", "text", "folder"])
def test_a_broken_file_is_mended(damage: str) -> None:
    kept("numbers", (), (), Work())
    (path,) = cache_dir().iterdir()
    content = path.read_bytes()
    if damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        flipped, header = bytearray(content), bytearray(content)
        flipped[-9] ^= 1
        header[content.index(b"<f4") + 1 : content.index(b"<f4") + 2] = b"i"
        broken = {"cut": content[:-7], "flipped": flipped, "header": header, "empty": b"", "text": b"hello"}
        path.write_bytes(bytes(broken[damage]))
    work = Work()
    assert np.array_equal(kept("numbers", (), (), work), ARRAY)
    assert np.array_equal(kept("numbers", (), (), work), ARRAY)
    assert work.times == (2 if damage == "folder" else 1)


def test_a_folder_that_cannot_be_made_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "cache").write_text("in the way")
    assert np.array_equal(kept("numbers", (), (), Work()), ARRAY)
    assert (home / "cache").read_text() == "in the way"
    monkeypatch.setenv("DINAS_HOME", str(home / "cache" / "below"))
    assert np.array_equal(kept("numbers", (), (), Work()), ARRAY)


def test_a_full_disk_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert np.array_equal(kept("numbers", (), (), Work()), ARRAY)
    assert list(cache_dir().iterdir()) == []


def test_the_oldest_make_room(home: Path) -> None:
    kept("numbers", ("first",), (), Work())
    (left_over,) = [file.rename(file.with_name(".old.tmp")) for file in cache_dir().iterdir()]
    foreign = cache_dir() / "readme.txt"
    foreign.touch()
    os.utime(left_over, (1, 1))
    for number in range(MOST + 3):
        kept("numbers", (str(number),), (), Work())
        for file in cache_dir().glob("*.npy"):
            os.utime(file, (file.stat().st_mtime - 10,) * 2)
    assert len(list(cache_dir().glob("*.npy"))) == MOST
    assert not left_over.exists()
    assert foreign.exists()
    last = Work()
    kept("numbers", (str(MOST + 2),), (), last)
    assert last.times == 0


def test_many_at_once_write_one_whole_file() -> None:
    big = np.random.default_rng(0).random((500, 100))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept("numbers", (), (), Work(big)), range(24)))
    assert all(np.array_equal(array, big) for array in found)
    assert [file.suffix for file in cache_dir().iterdir()] == [".npy"]
