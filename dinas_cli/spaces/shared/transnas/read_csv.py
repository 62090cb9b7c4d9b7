"""Reads TransNAS-Bench-101 tables kept as CSV, both spaces in one file, recognised by their header row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.files.columns import Columns, column_key, foreign
from dinas_cli.files.csv_files import numbers, read_columns
from dinas_cli.spaces.shared.transnas.tasks import TASKS

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.spaces.shared.protocol import Space

SPACES = {"transnas-micro": "micro", "transnas-macro": "macro"}
"""The benchmark's own names of its two spaces."""


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read one CSV, plain or gzipped, with columns ``space``, ``arch`` and tasks.

    Rows of the other space are passed over. Only the task ``dataset`` is read if one is named. Raises
    :class:`CorruptFileError` (truncated, foreign).
    """
    cells = read_columns(space, path)
    if not cells.keys() >= {"space", "arch"} or not cells.keys() & TASKS.keys():
        raise foreign(space, path, f"its header row is {','.join(cells)[:80]!r}")
    unknown = cells.keys() - {"space", "arch", *TASKS}
    if unknown:
        raise foreign(space, path, f"column {min(unknown)!r} is unknown")
    strange = set(cells["space"]) - set(SPACES.values())
    if strange:
        raise foreign(space, path, f"architectures of a space {min(strange)[:40]!r}")
    own = [row for row, name in enumerate(cells["space"]) if name == SPACES[space.name]]
    tasks = [task for task in cells if task in TASKS and dataset in (None, task)]
    measured = {task: numbers(space, path, task, cells[task])[own] for task in tasks}
    others = len(cells["arch"]) - len(own)
    notes = (f"passed over {others} architectures of the other space",) if others else ()
    genotypes = [cells["arch"][row] for row in own]
    return Columns("final metrics", genotypes, by_task(space, path, genotypes, measured), notes)


def by_task(
    space: Space, path: Path, genotypes: Sequence[str], measured: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The metric ``(R,)`` of every task by column key; refuse a file without any, and values that it cannot have."""
    import numpy as np

    if not genotypes or not measured:
        raise foreign(space, path, f"it knows no {SPACES[space.name]} architecture" if measured else "it knows no task")
    for task, values in measured.items():
        least, greatest = TASKS[task].range
        wrong = np.flatnonzero((values < least) | (values > greatest))
        if len(wrong):
            raise foreign(space, path, f"{task} of {genotypes[wrong[0]]} is {values[wrong[0]]:g}")
    return {column_key("acc", dataset=task): values for task, values in measured.items()}
