"""``dinas devices anchors``: the architectures to measure on a new device, as genotypes or as a folder of networks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dinas_cli.cli.device_options import CountOption
from dinas_cli.cli.network_options import (
    CellsOption,
    ChannelsOption,
    ClassesOption,
    ImageSizeOption,
    InChannelsOption,
    SkeletonOption,
    network_sizes,
)
from dinas_cli.cli.options import ForceOption, JsonOption, QuietOption, SeedOption, SpaceOption, dataset_option
from dinas_cli.spaces.registry import DEFAULT_SPACE

if TYPE_CHECKING:
    from dinas_cli.architectures.schema import Record
    from dinas_cli.cli.output import Sink

FolderOption = Annotated[
    Path | None, typer.Option("--export", metavar="FOLDER", help="Write the networks and measure.py here.")
]
FormOption = Annotated[
    Literal["pytorch", "onnx"] | None, typer.Option("--to", help="What to export (default: pytorch).")
]
ExportDatasetOption = Annotated[str | None, dataset_option("Dataset of the networks (default: the space's first).")]


def anchors(
    space: SpaceOption = DEFAULT_SPACE,
    count: CountOption = 48,
    seed: SeedOption = 0,
    export: FolderOption = None,
    to: FormOption = None,
    dataset: ExportDatasetOption = None,
    skeleton: SkeletonOption = None,
    channels: ChannelsOption = None,
    cells: CellsOption = None,
    classes: ClassesOption = None,
    image_size: ImageSizeOption = None,
    in_channels: InChannelsOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print architectures to measure on a device, or lay them out.

    A genotype a line, or records with --json. --export FOLDER writes every network as a file of its own, named by its
    id, with their records (anchors.jsonl) and measure.py, which runs on the device with torch or, with --to onnx,
    onnxruntime alone, and writes what dinas devices add reads.
    """
    from dinas_cli.architectures.schema import Record
    from dinas_cli.cli.output import Sink
    from dinas_cli.oracles import devices
    from dinas_cli.spaces.registry import get_space

    sink = Sink.open(json=json, quiet=quiet)
    target = get_space(space)
    sizes = network_sizes(channels, cells, classes, image_size, in_channels)
    if export is None:
        check_meaning({"to": to, "dataset": dataset, "skeleton": skeleton, **sizes})
    records = [
        Record(target.canonical_id(target.encode(genotype)), target.name, genotype)
        for genotype in devices.anchors(target.name, count, seed)
    ]
    if export is not None:
        lay_out(sink, records, export, to or "pytorch", dataset, skeleton, sizes, force)
    elif json:
        sink.records(records)
    else:
        for record in records:
            sink.line(record.genotype)


def check_meaning(given: Mapping[str, object]) -> None:
    """Raise :class:`UsageProblem` for options that say what to export where nothing is."""
    from dinas_cli.errors import UsageProblem

    for name, value in given.items():
        if value is not None:
            raise UsageProblem(f"--{name.replace('_', '-')} has no meaning without --export", "--export FOLDER")


def lay_out(
    sink: Sink,
    records: list[Record],
    folder: Path,
    form: str,
    dataset: str | None,
    skeleton: str | None,
    sizes: Mapping[str, int | float | bool | None],
    force: bool,
) -> None:
    """Write the folder, and say what to do with it."""
    from dinas_cli.exporting.anchors import SCRIPT, write_anchors
    from dinas_cli.exporting.plan import plan

    networks = [plan(record, dataset, skeleton, sizes) for record in records]
    with sink.progress("networks", total=len(networks)) as bar:
        write_anchors(networks, form, folder, force=force, progress=bar.update)
    sink.say(f"wrote {len(networks)} networks to {folder}")
    sink.say(f"on the device: python {folder}/{SCRIPT}, which says how to go on")
