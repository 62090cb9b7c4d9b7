"""What killed writers leave is removed by the next; what others are writing is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from dinas_cli.files.atomic import atomic_paths, atomic_write
from dinas_cli.files.leftovers import leftovers

WRITER = """
import sys, time
from pathlib import Path
from dinas_cli.files.atomic import atomic_paths
with atomic_paths([Path(name) for name in sys.argv[1:]]) as files:
    for file in files:
        file.write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_the_next_write_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    long = tmp_path / ("長" * 80)
    names = [long.with_name(long.name + ending) for ending in ("a", "b", "c")]
    with subprocess.Popen([sys.executable, "-c", WRITER, *map(str, names)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"writing\n"
        assert atomic_write(tmp_path / "x", "x").read_text() == "x"
        assert not list(leftovers(tmp_path))
        assert len(list(tmp_path.iterdir())) == 4
        other.kill()
    assert len(list(leftovers(tmp_path))) == 3
    atomic_write(tmp_path / "x", "y", force=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]


def test_only_files_of_ours_are_left_overs(tmp_path: Path) -> None:
    kept = [tmp_path / name for name in (".x.tmp", "x.0123456789ab-0.dinas.tmp", ".x.0123456789ab.tmp")]
    for path in kept:
        path.write_text("")
    folder = tmp_path / ".x.0123456789ab-0.dinas.tmp"
    folder.mkdir()
    pipe = tmp_path / ".x.0123456789ac-0.dinas.tmp"
    os.mkfifo(pipe)
    atomic_write(tmp_path / "new", "")
    assert sorted(tmp_path.iterdir()) == sorted([*kept, folder, pipe, tmp_path / "new"])


def test_many_files_take_few_descriptors(tmp_path: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    with atomic_paths([tmp_path / f"{number}" for number in range(200)]):
        assert len(os.listdir("/dev/fd")) <= before + 1
    assert len(list(tmp_path.iterdir())) == 200
