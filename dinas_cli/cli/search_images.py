"""The part of ``dinas search`` that is about images: its trials, and what becomes of the best network."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.cli.image_options import epoch_bar, other_networks, read_images
from dinas_cli.errors import DinasError, UsageProblem

if TYPE_CHECKING:
    from dinas_cli.cli.output import Sink
    from dinas_cli.search.data.images import Facts
    from dinas_cli.search.runs.trial_files import TrialFiles


def trials(
    sink: Sink,
    place: str,
    limit: int | None,
    epochs: int | None,
    seed: int,
    skeleton: str | None,
    sizes: dict[str, int | float | bool | None],
) -> partial[Any]:
    """Trials on the images at ``place``, which are read and described now."""
    from dinas_cli.search.fit.settings import Settings
    from dinas_cli.search.fit.training import need_trainer
    from dinas_cli.search.plans import image_trials

    for name in ("classes", "in_channels"):
        if sizes[name] is not None:
            raise UsageProblem(f"--{name.replace('_', '-')} has no meaning with images", "they are those of the images")
    need_trainer()
    size = sizes["image_size"]
    edge = None if size is None else int(size)
    settings = Settings(epochs=epochs or Settings.epochs, seed=seed)
    read_images(sink, place, edge, limit, seed)  # workers take them from the cache
    chosen = tuple((name, sizes[name]) for name in ("channels", "cells"))
    return partial(image_trials, place, edge, limit, settings, skeleton, chosen)


def end(
    sink: Sink, run: Path, best: TrialFiles, back_end: partial[Any], *, fit: bool, onnx: bool, command: str
) -> None:
    """Keep what was learnt about the data set, and train the best network to the end (``fit``)."""
    from dinas_cli.cli.search_view import say_next

    keep(sink, run, back_end().images.facts)
    place = str(back_end.args[0])
    if not fit:
        say_next(sink, run, best, f"dinas fit {run / 'best.json'} --data {place} -o {run / 'best'}")
        return
    folder = train(sink, run, best, back_end, onnx, command)
    say_next(sink, run, best, f"dinas predict {folder} IMAGE…")


def train(sink: Sink, run: Path, best: TrialFiles, back_end: partial[Any], onnx: bool, command: str) -> Path:
    """The best network trained on all images, in a folder of the run; one that is there already stays as it is."""
    from dinas_cli.search.fit.best import place_of, train_best

    with epoch_bar(sink, f"training {best.trial.record.id}", back_end().settings.epochs) as report:
        fitted = train_best(run, best, back_end, onnx=onnx, command=command, report=report)
    if fitted is not None:
        sink.say(f"test accuracy {fitted.figures['test_accuracy']:.2f} %, {fitted.figures['params']:,} parameters")
        for line in other_networks(fitted.network):
            sink.warn(line)
    return place_of(run, best)


def keep(sink: Sink, run: Path, facts: Facts) -> None:
    """Remember the data set for ``dinas generate --dataset``; why that is not possible is said in a line."""
    from dinas_cli.search.remembered import remember
    from dinas_cli.search.runs.folder import Run

    here = Run(run)
    try:
        name = remember(here, facts)
    except DinasError as problem:
        sink.say(f"not kept as a data set: {problem.message}")
    else:
        sink.say(f"kept as a data set: dinas generate --space {here.about['space']} --dataset {name} --acc top5")
