"""What a driver sees of a run while workers, its own and others', are at it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dinas_cli.search.runs.folder import Run, in_order
from dinas_cli.search.runs.summary import ranked
from dinas_cli.search.runs.trial_files import TrialFiles

LOOK = 0.5
"""Seconds between two looks at the folder."""


@dataclass(frozen=True)
class Seen:
    """One trial that came to an end, among those that had."""

    trial: TrialFiles
    ended: int
    """How many have, with this one."""
    best: TrialFiles | None
    """The best of them; None: all failed."""


Watcher = Callable[[Seen], None]
"""Called once for every trial that ends, in that order."""


class Watch:
    """Tells a watcher of results as they appear in the folder, whoever wrote them."""

    def __init__(self, run: Run, watcher: Watcher) -> None:
        self._run, self._watcher = run, watcher
        self._count = len(self._results())
        self._told = len(in_order(run.trials()))

    def look(self) -> None:
        """Tell what is new; cheap where nothing is."""
        count = len(self._results())
        if count == self._count:
            return
        self._count = count
        ended = in_order(self._run.trials())
        for place in range(self._told, len(ended)):
            best = ranked(ended[: place + 1])
            self._watcher(Seen(ended[place], place + 1, best[0] if best else None))
        self._told = max(self._told, len(ended))

    def _results(self) -> list[object]:
        return list((self._run.folder / "trials").glob("*/result.json"))


@contextmanager
def watched(run: Run, watcher: Watcher) -> Iterator[None]:
    """Look every :data:`LOOK` seconds until the block ends, and once more then."""
    watch, over = Watch(run, watcher), threading.Event()

    def looks() -> None:
        while not over.wait(LOOK):
            watch.look()

    thread = threading.Thread(target=looks, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        watch.look()
