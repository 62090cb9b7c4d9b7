"""Leases: who works on a trial, and whether that worker is still alive, on whatever machine it runs.

A lease is a small file in the folder of its trial. Its holder touches it every few seconds; one that was not touched
for a while is free to be taken. Times are those of the file system that all share, so that clocks of machines may
differ. A worker that is killed on this very machine is noticed at once, by its process number.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dinas_cli.errors import DinasError
from dinas_cli.files.atomic import atomic_write
from dinas_cli.search.trials import Beat

NAME = "lease.json"
BEAT = 5.0
"""Seconds between two heart-beats."""
STALE = 60.0
"""Seconds without one after which a worker counts as dead: longer than file systems of networks keep old times."""


class LeaseLost(DinasError):
    """Another worker took the trial, because this one did not answer for too long; what it found is not wanted."""


def machine() -> str:
    """A name of this machine, and of the container in it, whose process numbers mean something here."""
    try:
        inside = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        inside = 0
    return f"{socket.gethostname()}/{inside}"


def take(folder: Path) -> str:
    """Write a new lease of the trial in ``folder``, whoever had one before; returns its token.

    To be called under the lock of the run.
    """
    token = secrets.token_hex(8)
    about = {"host": machine(), "pid": os.getpid(), "token": token, "time": time.strftime("%Y-%m-%dT%H:%M:%S%z")}
    atomic_write(folder / NAME, json.dumps(about) + "\n", force=True)
    return token


def release(folder: Path, token: str) -> None:
    """Remove the lease, if it is still that of ``token``."""
    if holds(folder, token):
        clear(folder)


def on(folder: Path) -> bool:
    """Whether there is a lease of the trial, whoever has it."""
    return (folder / NAME).exists()


def clear(folder: Path) -> None:
    """Remove the lease of the trial, whoever has it; to be called under the lock of the run."""
    (folder / NAME).unlink(missing_ok=True)


def holds(folder: Path, token: str) -> bool:
    """Whether the lease of the trial is that of ``token``."""
    return _read(folder).get("token") == token


def alive(folder: Path, now: float) -> bool:
    """Whether somebody works on the trial; ``now`` is the time of the file system (:func:`file_system_time`)."""
    about = _read(folder)
    if not about:
        return False
    if about.get("host") == machine() and not _runs(about.get("pid")):
        return False
    try:
        return now - (folder / NAME).stat().st_mtime <= STALE
    except OSError:
        return False


def file_system_time(folder: Path) -> float:
    """What the file system that holds ``folder`` takes for the present."""
    probe = folder / f".{secrets.token_hex(6)}.clock"
    try:
        probe.touch()
        return probe.stat().st_mtime
    finally:
        probe.unlink(missing_ok=True)


@contextmanager
def kept(folder: Path, token: str) -> Iterator[Beat]:
    """Keep a lease alive until the block ends; yields what raises :class:`LeaseLost` once somebody else has it."""
    over, lease = threading.Event(), folder / NAME

    def touch() -> bool:
        held = holds(folder, token)
        if held:
            with suppress(OSError):  # a file system that is away for a moment
                os.utime(lease)
        return held

    def beats() -> None:
        while not over.wait(BEAT) and touch():
            pass

    def beat() -> None:
        if not touch():
            raise LeaseLost(f"another worker has taken over {folder}", "it did not hear of this one for too long")

    thread = threading.Thread(target=beats, name=f"lease of {folder.name}", daemon=True)
    thread.start()
    try:
        yield beat
    finally:
        over.set()
        thread.join()


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / NAME).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _runs(pid: object) -> bool:
    """Whether a process of this machine has that number."""
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
