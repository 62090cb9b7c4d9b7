"""Temporary files: known by their names, held by who writes them, and removed by the next when nobody does any more.

Whoever is killed leaves them behind. The system frees what a process has locked, and by that they are told from those
of a writer at work. Files of one call share a token, and one of them, the last to take its place, is held for all.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

if sys.platform != "win32":  # there nothing can be told, and nothing is removed
    import fcntl

_NAME = re.compile(r"\..*\.([0-9a-f]{12})-[0-9]+\.dinas\.tmp", re.DOTALL)


def temporary_name(target: Path, token: str, number: int) -> Path:
    """A hidden name beside ``target``: that of :func:`hold` with ``number`` 0, others for what goes with it."""
    return target.with_name(f".{target.name[:40]}.{token}-{number}.dinas.tmp")


def hold(target: Path) -> tuple[str, Path, int]:
    """Make a temporary file for ``target`` and hold it: its token, its path and a descriptor that is to be closed."""
    while True:
        token = secrets.token_hex(6)
        path = temporary_name(target, token, 0)
        # O_EXCL with the usual mode, so that the file gets the permissions of any other file the user makes.
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        try:
            _lock(descriptor)
            taken = not os.fstat(descriptor).st_nlink
        except BlockingIOError:
            taken = True
        except OSError:  # a file system without locks
            taken = False
        if not taken:
            return token, path, descriptor
        os.close(descriptor)  # somebody took it for a left-over, as nobody held it for a moment


def leftovers(folder: Path) -> Iterator[Path]:
    """Temporary files in ``folder`` whose writer is gone; none where that cannot be told."""
    groups: dict[str, list[Path]] = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if match:
                groups.setdefault(match[1], []).append(folder / entry.name)
    for paths in groups.values():
        with ExitStack() as stack:  # held until the caller has done with them: a new file must not be mistaken for one
            if all(_nobodys(path, stack) for path in paths):
                yield from paths


def remove_leftovers(folder: Path) -> list[Path]:
    """Remove them; returns those that are gone."""
    removed = []
    for path in leftovers(folder):
        with suppress(OSError):
            path.unlink()
            removed.append(path)
    return removed


def _nobodys(path: Path, stack: ExitStack) -> bool:
    """Whether nobody writes a temporary file, which is held by ``stack`` then; False where that cannot be told."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return False
    stack.callback(os.close, descriptor)
    try:
        _lock(descriptor)
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def _lock(descriptor: int) -> None:
    """Raise :class:`OSError` where another process has locked the file, and where files cannot be locked."""
    if sys.platform == "win32":
        raise OSError("no such locks")
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
