"""Search and training on images from Python: ``dinas search`` and ``dinas fit`` with callbacks for progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dinas_cli.architectures import arguments
from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError
from dinas_cli.files.atomic import expanded
from dinas_cli.results import Architectures
from dinas_cli.search.fit.best import place_of, train_best
from dinas_cli.search.fit.fitting import Fitted
from dinas_cli.search.fit.fitting import fit as train_one
from dinas_cli.search.fit.settings import Settings
from dinas_cli.search.fit.training import Report, need_trainer
from dinas_cli.search.plans import Plan, image_trials, images_at
from dinas_cli.search.runs.folder import Run
from dinas_cli.search.runs.summary import ranked, record_of
from dinas_cli.spaces.registry import DEFAULT_SPACE

if TYPE_CHECKING:
    from dinas_cli.generation.arguments import Architecture, LimitArgument
    from dinas_cli.search.engines.watching import Seen

TrialProgress = Callable[[int, int, Record, Record | None], None]
"""Called after every trial: how many have ended, of how many, its record, the best record (None: all have failed)."""


@dataclass(frozen=True)
class Found:
    """What a search came to."""

    folder: Path
    """The run: the same search again goes on there."""
    architectures: Architectures
    """Those that were trained, the best first, with what was measured among their metrics."""
    network: Path | None
    """The folder of the best one trained to the end, for ``TrainedNetwork.from_pretrained``; None: it was not."""
    dataset: str | None
    """The name under which ``generate(dataset=…)`` knows the images now; None where they cannot be kept so."""


def search(
    data: str | Path,
    output: str | Path,
    *,
    space: str = DEFAULT_SPACE,
    latency: LimitArgument | None = None,
    energy: LimitArgument | None = None,
    params: str | int | None = None,
    macs: str | int | None = None,
    limits: Mapping[str, str | int | LimitArgument] | None = None,
    device: str | None = None,
    trials: int = 24,
    epochs: int = 30,
    seed: int = 0,
    skeleton: str | None = None,
    channels: int | None = None,
    cells: int | None = None,
    image_size: int | None = None,
    limit_images: int | None = None,
    train: bool = True,
    workers: int = 1,
    progress: TrialProgress | None = None,
    epoch: Report = lambda *_: None,
) -> Found:
    """Find the network within limits that does best on images, by training some of them; ``dinas search`` in Python.

    ``data`` is an image folder or a set of the Hub, ``output`` the folder of the run, which the same call takes up
    where it stopped. Other arguments are options of the command; ``train`` trains the best network to the end, and
    ``epoch`` hears of its epochs. Training loops of your own are for :class:`dinas_cli.Study`.

    Raises :class:`UnsatisfiedError` where nothing keeps to the limits, :class:`DinasError` where no trial has a value
    and for a folder of another run, :class:`NotFoundError` for images or packages that are not here.
    """
    from dinas_cli.generation.arguments import request_from
    from dinas_cli.search.engines import local
    from dinas_cli.search.engines.watching import watched
    from dinas_cli.search.remembered import remember

    arguments.check_counts(trials=trials, epochs=epochs, seed=seed, workers=workers)
    arguments.check_ranges(trials=trials, seed=seed)
    need_trainer()
    asked = {"latency": latency, "energy": energy, "params": params, "macs": macs}
    request = request_from(space, **asked, limits=limits, device=device)  # type: ignore[arg-type]
    settings = Settings(epochs=epochs, seed=seed)
    sizes = (("channels", channels), ("cells", cells))
    back_end = partial(image_trials, str(data), image_size, limit_images, settings, skeleton, sizes)
    job = Plan(request, trials, seed, device).begin(expanded(Path(output)), back_end)
    run = Run(job.folder)

    def ended(seen: Seen) -> None:
        if progress is not None:
            best = None if seen.best is None else record_of(seen.best)
            progress(seen.ended, trials, record_of(seen.trial), best)

    with watched(run, ended):
        local.run(job, workers)
    order = ranked(run.trials())
    if not order:
        raise DinasError("no trial has a value", f"see {run.folder / 'trials'}")
    try:
        dataset: str | None = remember(run, back_end().images.facts)  # type: ignore[attr-defined]
    except DinasError:
        dataset = None
    if train:
        train_best(run.folder, order[0], back_end, report=epoch)
    place = place_of(run.folder, order[0]) if train else None
    return Found(run.folder, Architectures(map(record_of, order)), place, dataset)


def fit(
    architecture: Architecture,
    data: str | Path,
    output: str | Path,
    space: str | None = None,
    *,
    epochs: int = 30,
    batch: int = 64,
    rate: float = 0.1,
    mirror: bool | None = None,
    precision: Literal["no", "bf16", "fp16"] = "no",
    skeleton: str | None = None,
    channels: int | None = None,
    cells: int | None = None,
    image_size: int | None = None,
    limit_images: int | None = None,
    seed: int = 0,
    onnx: bool = False,
    force: bool = False,
    progress: Report = lambda *_: None,
) -> Fitted:
    """Train one architecture on images into the folder ``output``; ``dinas fit`` in Python.

    Arguments are options of the command; ``progress`` is called after every epoch with its number, their number, the
    loss and the validation accuracy in percent. What comes back has the ``folder``, for
    ``TrainedNetwork.from_pretrained``, and the ``figures`` measured on the test images.

    Raises :class:`DinasError` for a folder that holds a network already (unless ``force``), :class:`NotFoundError` for
    images or packages that are not here, :class:`UsageProblem` for settings that cannot be.
    """
    from dinas_cli.generation.arguments import as_record

    need_trainer()
    settings = Settings(epochs=epochs, batch=batch, rate=rate, mirror=mirror, precision=precision, seed=seed)
    return train_one(
        as_record(architecture, space),
        images_at(str(data), image_size, limit_images, seed),
        settings,
        expanded(Path(output)),
        skeleton=skeleton,
        sizes={"channels": channels, "cells": cells},
        onnx=onnx,
        force=force,
        report=progress,
    )
