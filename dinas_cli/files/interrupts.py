"""Interrupts that wait, so that a step happens completely or not at all; other signals that end a program like them."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
"""Signals that end a program unless it handles them: of a job's scheduler, of a terminal that is closed."""


class Ended(KeyboardInterrupt):
    """One of :data:`ENDING` has come; what is done about an interrupt is done about it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def end_like_interrupts() -> None:
    """Let the signals :data:`ENDING` raise :class:`Ended` once; those that are ignored, as under ``nohup``, stay so."""
    for number in ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold interrupts and the like back until the block ends, then handle the first as it would have been.

    Signals reach the main thread only: elsewhere, and where they are ignored or left to the system, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *ENDING)}
    handlers = {number: handler for number, handler in before.items() if callable(handler)}
    held: list[tuple[int, FrameType | None]] = []
    for number in handlers:
        signal.signal(number, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if held:
        number, frame = held[0]
        handlers[signal.Signals(number)](number, frame)


def _end(number: int, _frame: FrameType | None) -> None:
    # A terminal that is closed may say so twice, and what is done about the first must not be cut short.
    for other in ENDING:
        if signal.getsignal(other) is _end:
            signal.signal(other, signal.SIG_IGN)
    raise Ended(number)
