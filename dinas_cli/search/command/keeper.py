"""Keeps a program and all that it starts from outliving whoever waits for it; run by itself, and so knows nothing else.

``python keeper.py GRACE PROGRAM ARGUMENT…`` runs the program in a process group of its own and ends with its exit
status. When standard input ends, because who waits has closed it or was killed, the whole group gets SIGTERM, and
SIGKILL after GRACE seconds. What the program leaves running ends with it.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Run the program of the command line; its exit status, 128 more than the number of a signal that ended it."""
    grace, program = float(sys.argv[1]), sys.argv[2:]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # who waits hears them, and closes standard input
    try:
        child = subprocess.Popen(program, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_as_usual)
    except OSError as error:
        sys.stderr.write(f"cannot run {program[0]}: {error.strerror}\n")
        return 127
    ended = threading.Event()

    def watch() -> None:
        while os.read(0, 4096):
            pass
        _signal(child.pid, signal.SIGTERM)
        if not ended.wait(grace):
            _signal(child.pid, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    status = child.wait()
    ended.set()
    _signal(child.pid, signal.SIGKILL)
    return status if status >= 0 else 128 - status


def _as_usual() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    sys.exit(main())
