"""Commands run as people run them: on a terminal, and with a Ctrl-C amid their work."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.conftest import Result

DINAS = (sys.executable, "-m", "dinas_cli")
TERMINAL = {"TERM": "xterm-256color", "COLUMNS": "200"}
SECONDS = 120


@contextmanager
def started(
    command: Sequence[str], stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE, **env: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A process that heeds Ctrl-C, even where the tests themselves run in the background; killed when left behind."""

    def heed() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=os.environ | env, preexec_fn=heed)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


class Screen:
    """The terminal's end of a pseudo-terminal: what was written so far."""

    def __init__(self) -> None:
        self._ours, self.theirs = pty.openpty()
        self._shown = b""

    @property
    def text(self) -> str:
        """Without escape sequences, lines ended by ``\\n`` alone."""
        plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", self._shown)
        return plain.replace(b"\r\n", b"\n").decode()

    def started(self) -> None:
        """Call when the process has its end."""
        os.close(self.theirs)

    def read(self, seconds: float) -> bool:
        """Take in what comes within ``seconds``; false at the end."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return True
        try:
            more = os.read(self._ours, 65536)
        except OSError:  # how Linux says that the other end is closed
            return False
        self._shown += more
        return bool(more)

    def wait_for(self, pattern: str) -> None:
        """Read until ``pattern`` is there."""
        end = time.monotonic() + SECONDS
        while not re.search(pattern, self.text):
            if time.monotonic() > end or not self.read(1):
                raise AssertionError(f"{pattern!r} never came; there was: {self.text!r}")

    def close(self) -> None:
        os.close(self._ours)


def on_terminal(*args: object, **env: str) -> Result:
    """Run ``dinas`` with both outputs on terminals of their own."""
    out, err = Screen(), Screen()
    with started([*DINAS, *map(str, args)], out.theirs, err.theirs, **(TERMINAL | env)) as process:
        for screen in (out, err):
            screen.started()
        more = {out, err}
        end = time.monotonic() + SECONDS
        while more and time.monotonic() < end:
            more = {screen for screen in more if screen.read(0.05)}
        result = Result(process.wait(10), out.text, err.text)
    for screen in (out, err):
        screen.close()
    return result


def interrupted(command: Sequence[object], pattern: str, number: signal.Signals = signal.SIGINT, **env: str) -> Result:
    """Run a command whose stderr is a terminal, and press Ctrl-C once ``pattern`` is to be read there.

    ``number`` is another signal that it is sent instead.
    """
    err = Screen()
    # A file takes everything at once, so nobody waits for a reader.
    with (
        tempfile.TemporaryFile() as out,
        started([str(word) for word in command], out.fileno(), err.theirs, **(TERMINAL | env)) as process,
    ):
        err.started()
        err.wait_for(pattern)
        process.send_signal(number)
        end = time.monotonic() + SECONDS
        while err.read(0.2) and time.monotonic() < end:
            pass
        code = process.wait(10)
        out.seek(0)
        result = Result(code, out.read().decode(), err.text)
    err.close()
    return result
