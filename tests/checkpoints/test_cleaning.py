"""``dinas doctor --clean``: what killed runs have left goes, what is in use stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from dinas_cli.checkpoints.cleaning import OLD, abandoned, clean
from dinas_cli.checkpoints.copies import assets_cache
from dinas_cli.files.atomic import atomic_path
from dinas_cli.files.leftovers import temporary_name
from dinas_cli.files.locks import lock_path, locked
from tests.conftest import Cli


def test_left_overs_are_found_and_removed(
    home: Path, tmp_path: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    table = home / "tables" / "nasbench201.safetensors"
    table.parent.mkdir()
    dead = temporary_name(table, "0123456789ab", 0)
    lock = lock_path(table)
    part, fresh = (assets_cache() / name / "x.safetensors.part" for name in ("a", "b"))
    folder = tmp_path / "dinas-table-abcdefgh"
    folder.mkdir()
    for path in (dead, lock, part, fresh, folder / "x"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    then = time.time() - OLD - 10
    for path in (part, folder):
        os.utime(path, (then, then))
    assert sorted(abandoned()) == sorted([dead, lock, part, folder])
    found = cli("doctor")
    assert "of runs that were killed" in found.out
    assert "dinas doctor --clean" in found.out
    cleaned = cli("doctor", "--clean")
    assert f"removed {dead}" in cleaned.err
    assert "left-overs\tok\tnone" in cleaned.out
    assert [path.exists() for path in (dead, lock, part, fresh, folder)] == [False, False, False, True, False]


def test_what_is_in_use_stays(home: Path) -> None:
    table = home / "tables" / "x"
    table.parent.mkdir()
    with locked(table), atomic_path(table) as temporary:
        assert clean() == []
        assert temporary.exists()
        assert lock_path(table).exists()
    assert table.exists()
