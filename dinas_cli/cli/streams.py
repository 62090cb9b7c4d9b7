"""Standard streams that were closed before the program began: nothing takes their numbers, nothing goes astray.

A file that is opened first would get the number of a closed stream, and what any library prints would end up in it.
Words for people go nowhere when standard error is closed, never to standard output; data that cannot be written are a
failure, but only once there are some.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import TextIO

from dinas_cli.files.interrupts import end_like_interrupts


class ClosedOutput(io.TextIOBase):
    """Stands for a standard output that is closed: whatever is written is refused."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        """Raise :class:`OSError`."""
        raise OSError(errno.EBADF, "it is closed")

    def fileno(self) -> int:
        """The number that it would have."""
        return 1


def prepare() -> None:
    """Make the process ready for a command: streams as above, and signals that end it as Ctrl-C does."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.fdopen(_nothing(number), "w" if number else "r", closefd=False)
            setattr(sys, name, ClosedOutput() if name == "stdout" else null)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show µ or – gets an escape, not a crash
            stream.reconfigure(errors="backslashreplace")
    end_like_interrupts()


def say(text: str, stream: TextIO) -> None:
    """Write a line of words; that nobody can hear them any more ends no work."""
    try:
        print(text, file=stream, flush=True)
    except (OSError, ValueError):
        silence(stream)


def silence(stream: TextIO) -> None:
    """Send what is still buffered nowhere: the interpreter would try to write it once more, and complain."""
    with suppress(OSError, ValueError):
        number = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)


def _nothing(number: int) -> int:
    """A descriptor that nothing is read from or written to: ``number`` itself, where no file has taken it."""
    opened = os.open(os.devnull, os.O_RDWR)
    try:
        os.fstat(number)
    except OSError:
        os.dup2(opened, number)
        os.close(opened)
        return number
    return opened
