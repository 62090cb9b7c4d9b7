"""The best network of a run, trained on all images in a folder of the run."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.files.atomic import make_dir
from dinas_cli.files.locks import FOREVER, locked
from dinas_cli.search.fit import folder as names
from dinas_cli.search.runs.summary import record_of

if TYPE_CHECKING:
    from dinas_cli.search.fit.fitting import Fitted
    from dinas_cli.search.fit.training import Report
    from dinas_cli.search.runs.trial_files import TrialFiles

FITTED = "fit"
"""Folder in a run for networks that were trained to the end, each in one of its own."""


def place_of(run: Path, best: TrialFiles) -> Path:
    """The folder of a trial's network in the folder of its run."""
    return run / FITTED / best.trial.record.id


def train_best(
    run: Path,
    best: TrialFiles,
    back_end: partial[Any],
    *,
    onnx: bool = False,
    command: str = "",
    report: Report = lambda *_: None,
) -> Fitted | None:
    """Train the network of a trial as its ``back_end``'s settings say; None where that was done before.

    Raises what :func:`dinas_cli.search.fit.fitting.fit` does.
    """
    from dinas_cli.search.fit.fitting import fit

    known, folder = back_end(), place_of(run, best)
    make_dir(folder.parent)
    with locked(folder, wait=FOREVER):  # other workers of the run come here, too
        if (folder / names.CONFIG).exists():
            return None
        return fit(
            record_of(best),
            known.images,
            known.settings,
            folder,
            skeleton=known.skeleton,
            sizes=known.sizes,
            onnx=onnx,
            command=command,
            report=report,
        )
