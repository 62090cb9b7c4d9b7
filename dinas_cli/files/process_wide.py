"""Changes of what a process has but once (warnings, logging, thread counts), made and undone by several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager


class Shared:
    """A change that the first of those inside makes and the last one undoes.

    Each thread for itself would remember what another one has changed, and leave that behind.
    """

    def __init__(self, change: Callable[[], AbstractContextManager[object]]) -> None:
        self._change = change
        self._lock = threading.Lock()
        self._inside = 0
        self._made: AbstractContextManager[object] | None = None

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Be inside."""
        with self._lock:
            if not self._inside:
                made = self._change()
                made.__enter__()
                self._made = made
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside and self._made is not None:
                    self._made.__exit__(None, None, None)
                    self._made = None
