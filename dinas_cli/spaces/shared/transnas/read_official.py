"""Reads the official TransNAS-Bench-101 ``.pth`` (``transnas-bench_v10141024.pth``), both spaces in one file.

It is a dictionary written by ``torch.save``: under ``data`` the spaces ``micro`` and ``macro``, in each the
architectures by genotype, for each the tasks, and for each of those ``metrics``, lists with a number per epoch. What is
read is the validation metric after the last epoch, as the published comparisons use it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.files.columns import Columns, foreign
from dinas_cli.files.torch_files import BROKEN, load_torch
from dinas_cli.spaces.shared.transnas.read_csv import SPACES, by_task
from dinas_cli.spaces.shared.transnas.tasks import TASKS

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


def read(space: Space, path: Path, dataset: str | None) -> Columns:
    """Read the metric of every task, or only that of ``dataset``, after the last epoch of training.

    Raises :class:`CorruptFileError` for a truncated or foreign file.
    """
    import numpy as np

    content = load_torch(space, path)
    for name, kind in {"data": dict, "task_list": list, "metrics_dict": dict}.items():
        if not isinstance(content, dict) or not isinstance(content.get(name), kind):
            raise foreign(space, path, f"a torch file without the member {name!r}")
    try:
        architectures = content["data"][SPACES[space.name]]
        tasks = [task for task in TASKS if task in content["task_list"] and dataset in (None, task)]
        measured = {
            task: np.array([float(each[task]["metrics"][TASKS[task].measure][-1]) for each in architectures.values()])
            for task in tasks
        }
    except BROKEN as error:
        reason = f"its results are laid out otherwise ({type(error).__name__}: {error})"
        raise foreign(space, path, " ".join(reason.split())) from error
    genotypes = list(architectures)
    return Columns("official TransNAS-Bench-101 file", genotypes, by_task(space, path, genotypes, measured))
