"""``dinas fit``: one architecture trained on images of the user's, to a folder with all that it takes to use it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from dinas_cli.cli.image_options import (
    DATA_HELP,
    BatchOption,
    EdgeOption,
    EpochsOption,
    LimitImagesOption,
    MirrorOption,
    RateOption,
    epoch_bar,
    other_networks,
    read_images,
)
from dinas_cli.cli.network_options import CellsOption, ChannelsOption, SkeletonOption
from dinas_cli.cli.options import (
    Architectures,
    ForceOption,
    GenotypeSpaceOption,
    JsonOption,
    OfflineOption,
    QuietOption,
    SeedOption,
)
from dinas_cli.errors import UsageProblem

DataOption = Annotated[str, typer.Option("--data", metavar="FOLDER|NAME", help=DATA_HELP)]
OutOption = Annotated[
    Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the network, made if need be.")
]
OnnxOption = Annotated[bool, typer.Option("--onnx", help="Write an ONNX model as well (extra onnx).")]
PrecisionOption = Annotated[
    Literal["no", "bf16", "fp16"], typer.Option("--precision", help="Mixed precision, for GPUs; no: float32.")
]


def command(
    context: typer.Context,
    architecture: Architectures,
    data: DataOption,
    out: OutOption,
    space: GenotypeSpaceOption = None,
    epochs: EpochsOption = 30,
    batch: BatchOption = 64,
    rate: RateOption = 0.1,
    mirror: MirrorOption = None,
    skeleton: SkeletonOption = None,
    channels: ChannelsOption = None,
    cells: CellsOption = None,
    image_size: EdgeOption = None,
    limit_images: LimitImagesOption = None,
    precision: PrecisionOption = "no",
    onnx: OnnxOption = False,
    seed: SeedOption = 0,
    offline: OfflineOption = False,
    force: ForceOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train one architecture on your images.

    The folder receives network.py (source), model.safetensors, labels.json, figures.json (measured on the test
    images), config.json, a card (README.md), log.jsonl (a line per epoch) and, with --onnx, model.onnx. The network is
    the one that a record's limit on a device is about, else the benchmark's own, for as many classes and such images
    as yours. Interrupted or killed, the same command again goes on, to the same weights. Needs the extra search.
    """
    from dinas_cli.cli.inputs import Inputs
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.recorded import recorded
    from dinas_cli.files.atomic import expanded
    from dinas_cli.search.fit.fitting import fit
    from dinas_cli.search.fit.settings import Settings
    from dinas_cli.search.fit.training import need_trainer, speaks

    need_trainer()
    speaking = speaks()
    sink = Sink.open(json=json, quiet=quiet or not speaking, summary=True)
    usable = Inputs(sink, architecture, space)
    records = list(usable.each(lambda record: record))
    if usable.failed():
        raise typer.Exit(1)
    if len(records) > 1:
        raise UsageProblem(f"{len(records)} architectures", "one at a time: dinas fit trains one network to the end")
    settings = Settings(epochs=epochs, batch=batch, rate=rate, mirror=mirror, precision=precision, seed=seed)
    images = read_images(sink, data, image_size, limit_images, seed)
    try:
        with epoch_bar(sink, "training", epochs) as report:
            fitted = fit(
                records[0],
                images,
                settings,
                expanded(out),
                skeleton=skeleton,
                sizes={"channels": channels, "cells": cells},
                onnx=onnx,
                command=recorded(context),
                force=force,
                report=report,
            )
    except KeyboardInterrupt:
        sink.warn(f"interrupted: finished epochs are kept in {out}; the same command again goes on")
        raise
    if not speaking:
        return
    for line in other_networks(fitted.network):
        sink.warn(line)
    by_class = fitted.figures["test_accuracy_by_class"]
    shown = {
        name: value for name, value in fitted.figures.items() if name not in ("settings", "test_accuracy_by_class")
    }
    sink.details({"network": str(fitted.folder), **shown, **({"test_accuracy_by_class": by_class} if json else {})})
    sink.say(f"now: dinas predict {out} IMAGE…")
