"""``dinas predict``: the class of images, as a network that was trained here says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dinas_cli.cli.options import JsonOption, QuietOption


def command(
    network: Annotated[Path, typer.Argument(metavar="NET", help="Folder that dinas fit has written.")],
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE", help="Image files.")],
    top: Annotated[int, typer.Option("--top", min=1, metavar="INT", help="Classes per image, likeliest first.")] = 1,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell the class of images.

    A row per image: its name, the likeliest class and its probability; with --json all classes. Images are scaled and
    cut as in training. No code in the folder is run: the network is rebuilt from config.json and its weights are read
    from model.safetensors. Images that cannot be read are named, and the exit code is 1.
    """
    from dinas_cli.cli.output import Column, Sink
    from dinas_cli.errors import DinasError
    from dinas_cli.files.atomic import expanded
    from dinas_cli.search.fit.folder import load
    from dinas_cli.search.fit.predict import predict

    sink = Sink.open(json=json, quiet=quiet)
    rows, failed = [], False
    for path, found in predict(load(expanded(network)), [expanded(image) for image in images]):
        if isinstance(found, DinasError):
            failed = True
            sink.error(found.message, found.hint)
            continue
        kept = [{"image": str(path), "label": label, "probability": share} for label, share in found.items()]
        rows += [kept[0] | {"probabilities": found}] if json else kept[:top]
    columns = [Column("image"), Column("label"), Column("probability", right=True)]
    if rows:
        sink.table(columns, rows)
    if failed:
        raise typer.Exit(1)
