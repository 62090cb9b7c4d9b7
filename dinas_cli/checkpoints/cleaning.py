"""What runs that were killed have left in folders of ours: found, and removed when asked to."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dinas_cli.checkpoints.copies import assets_cache
from dinas_cli.errors import DinasError
from dinas_cli.files.atomic import data_dir
from dinas_cli.files.cache import cache_dir
from dinas_cli.files.leftovers import leftovers, remove_leftovers
from dinas_cli.files.locks import lock_path, locked, locked_path

OLD = 24 * 3600.0
"""Seconds after which what could still be in use is not any more: an unfinished download, a folder for one run."""


def abandoned() -> list[Path]:
    """Temporary files whose writer is gone, locks, old unfinished downloads and old temporary folders."""
    return [path for folder in _folders() for path in leftovers(folder)] + [*_locks(), *_old()]


def clean() -> list[Path]:
    """Remove them; returns what is gone."""
    removed = [path for folder in _folders() for path in remove_leftovers(folder)]
    for path in _locks():
        with suppress(DinasError), locked(locked_path(path), wait=0):
            removed.append(path)  # which goes with the lock
    for path in _old():
        with suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            removed.append(path)
    return removed


def _folders() -> Iterator[Path]:
    for top in dict.fromkeys((data_dir(), cache_dir(), assets_cache())):
        if top.is_dir():
            yield top
            yield from (path for path in top.rglob("*") if path.is_dir() and not path.is_symlink())


def _locks() -> Iterator[Path]:
    """Locks in the folders of tables and devices that nobody holds."""
    for folder in (data_dir() / "tables", data_dir() / "devices"):
        for path in sorted(folder.glob(".*.lock")):
            if path == lock_path(locked_path(path)):
                yield path


def _old() -> Iterator[Path]:
    found = [*assets_cache().glob("*/*.part"), *Path(tempfile.gettempdir()).glob("dinas-table-*")]
    for path in found:
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > OLD:
                yield path
