"""Locks: one writer at a time, in threads and processes, and nothing left behind."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dinas_cli.errors import DinasError
from dinas_cli.files.locks import FOREVER, lock_path, locked

HOLDER = """
import sys, time
from pathlib import Path
from dinas_cli.files.locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_who_waits_gets_it_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "count"
    path.write_text("0")

    def add(_: int) -> None:
        with locked(path, FOREVER):
            path.write_text(str(int(path.read_text()) + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(40)))
    assert path.read_text() == "40"
    assert list(tmp_path.iterdir()) == [path]


def test_a_lock_that_is_held_elsewhere_and_one_of_a_process_that_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(DinasError, match="file is being written by another process"), locked(path, wait=0):
            pass
        other.kill()
    assert lock_path(path).exists()
    with locked(path, wait=0):
        pass
    assert not lock_path(path).exists()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DinasError, match=r"cannot write to .*file: "), locked(tmp_path / "file" / "x"):
        pass
