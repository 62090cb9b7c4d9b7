"""One writer at a time: shared files are read, changed and written, or a folder is worked in, under a lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dinas_cli.errors import DinasError, reason_of

PATIENCE = 60.0
"""Seconds to wait for a writer, none of which holds a lock for longer than it takes to write one file."""
FOREVER = -1.0
"""For what others do only once, and take their time for."""


def lock_path(path: Path) -> Path:
    """The lock file of ``path``, hidden beside it and gone when nobody holds it."""
    return path.with_name(f".{path.name[:60]}.lock")


def locked_path(lock: Path) -> Path:
    """What a lock file is of: the inverse of :func:`lock_path`, but for names that it cuts."""
    return lock.with_name(lock.name[1:].removesuffix(".lock"))


@contextmanager
def locked(path: Path, wait: float = PATIENCE) -> Iterator[None]:
    """Keep all others who do the same, threads too, from writing ``path`` until the block ends.

    The system frees the lock of a process that is killed. Raises :class:`DinasError` when somebody else holds it for
    longer than ``wait`` seconds, and where the folder of ``path`` cannot be written.
    """
    from filelock import FileLock, Timeout

    where = lock_path(path)
    lock = FileLock(where, timeout=wait)
    try:
        lock.acquire()
    except Timeout as error:
        raise DinasError(
            f"{path} is being written by another process", "wait until it is done, or choose another place"
        ) from error
    except (OSError, NotImplementedError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise DinasError(f"cannot write to {path.parent}: {reason}", "choose another folder") from error
    try:
        yield
    finally:
        with suppress(OSError):  # who waits for it notices that it is gone, and makes a new one
            where.unlink()
        lock.release()
