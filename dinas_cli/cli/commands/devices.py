"""``dinas devices``: list devices, and describe new ones from a few dozen measurements, here or elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from dinas_cli.cli.options import (
    CellsOption,
    ChannelsOption,
    ClassesOption,
    DatasetOption,
    ForceOption,
    ImageSizeOption,
    InChannelsOption,
    JsonOption,
    OfflineOption,
    QuietOption,
    RegistryOption,
    SeedOption,
    SkeletonOption,
    SpaceOption,
    complete_own_device,
    dataset_option,
    network_sizes,
)
from dinas_cli.spaces.registry import DEFAULT_SPACE

app = typer.Typer(help="List devices and describe new ones from measurements.", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the device.")]
OwnNameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of a device of yours.", autocompletion=complete_own_device)
]
CountOption = Annotated[
    int, typer.Option("--count", "-n", min=8, max=1000, metavar="INT", help="How many architectures.")
]
CostDatasetOption = Annotated[str | None, dataset_option("Dataset of the networks measured (default: all).")]
MetricOption = Annotated[Literal["latency", "energy"], typer.Option("--metric", help="What was measured.")]
UnitOption = Annotated[
    str | None,
    typer.Option(
        "--unit", metavar="UNIT", help="Unit of costs without one: us, ms, s, or uJ, mJ, J (default: ms, mJ)."
    ),
]
BatchOption = Annotated[int | None, typer.Option("--batch", min=1, metavar="INT", help="Images per call.")]


@app.command("list")
def list_(
    space: SpaceOption = DEFAULT_SPACE,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List devices with their metrics and ranges.

    kendall_tau says how well the surrogate ranks architectures there; lowest and highest leave out the outermost 1 %;
    network is what was measured.
    """
    from dinas_cli.checkpoints.at_hand import oracles_at_hand
    from dinas_cli.cli.device_rows import KEYS, rows
    from dinas_cli.cli.output import Column, Sink
    from dinas_cli.spaces.registry import get_space

    sink = Sink.open(json=json, quiet=quiet)
    found = list(rows(oracles_at_hand(get_space(space), table=False)))
    sink.table([Column(key) for key in KEYS], found)
    if not found:
        sink.warn("no device is known: the space has no surrogate here")


@app.command()
def anchors(
    space: SpaceOption = DEFAULT_SPACE,
    count: CountOption = 48,
    seed: SeedOption = 0,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print architectures to measure on a new device.

    A genotype a line, or records with --json. As networks:
    dinas devices anchors --json | dinas export - --to pytorch -o nets
    """
    from dinas_cli.architectures.schema import Record
    from dinas_cli.cli.output import Sink
    from dinas_cli.oracles import devices
    from dinas_cli.spaces.registry import get_space

    sink = Sink.open(json=json, quiet=quiet)
    target = get_space(space)
    for genotype in devices.anchors(target.name, count, seed):
        if json:
            sink.records([Record(target.canonical_id(target.encode(genotype)), target.name, genotype)])
        else:
            sink.line(genotype)


@app.command()
def add(
    name: NameArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="TSV or CSV: genotype and cost (5.3, 5.3ms) per line; - for stdin.")
    ],
    space: SpaceOption = DEFAULT_SPACE,
    metric: MetricOption = "latency",
    unit: UnitOption = None,
    dataset: CostDatasetOption = None,
    skeleton: SkeletonOption = None,
    channels: ChannelsOption = None,
    cells: CellsOption = None,
    classes: ClassesOption = None,
    image_size: ImageSizeOption = None,
    in_channels: InChannelsOption = None,
    batch: BatchOption = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="How it was measured.")] = "",
    force: ForceOption = False,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Describe a device by costs measured elsewhere.

    A cost or the header may name the unit (0.004 s, latency_ms); of a genotype measured twice the mean counts. What
    the other measurements contradict is named and left out.
    --device NAME then works at once, without training. Which network was measured is said as dinas export is told
    which one to write; without such options it is the benchmark's own.
    """
    from dinas_cli.architectures.conditions import check_dataset, find_metric
    from dinas_cli.checkpoints.at_hand import shipped_devices
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.own_device import keep
    from dinas_cli.errors import UsageProblem, find_name
    from dinas_cli.oracles import devices
    from dinas_cli.oracles.device import Device, check
    from dinas_cli.oracles.measurements import read_measurements
    from dinas_cli.oracles.plausible import likelier_unit
    from dinas_cli.spaces.registry import get_space
    from dinas_cli.spaces.shared import skeletons
    from dinas_cli.spaces.shared.settings import setting_of
    from dinas_cli.units import suffixes

    sink = Sink.open(json=json, quiet=quiet)
    target = get_space(space)
    if dataset is not None:
        check_dataset(target, dataset)
    sizes = network_sizes(channels, cells, classes, image_size, in_channels)
    setting = setting_of(target, skeletons.choose(target, skeleton, **sizes), dataset, batch)
    devices.target(name, target.name, metric, dataset, shipped=shipped_devices(target.name), force=force)
    own = find_metric(target, metric).unit
    if unit is not None:
        find_name(unit, suffixes(own), f"{metric} unit")
    read = read_measurements(target, file, own, unit)
    made = Device(name, target.name, metric, dataset, read.pairs, note, setting)
    if not read.stated and (likelier := likelier_unit(check(made))):
        raise UsageProblem(
            f"{file}: in {own} these costs are a thousand times what is plausible: they look like {likelier}",
            f"say which they are: --unit {likelier}, or --unit {own} if it is so",
        )
    keep(sink, made, force, read.lines)


@app.command()
def measure(
    name: NameArgument,
    space: SpaceOption = DEFAULT_SPACE,
    dataset: DatasetOption = None,
    count: CountOption = 48,
    seed: SeedOption = 0,
    skeleton: SkeletonOption = None,
    channels: ChannelsOption = None,
    cells: CellsOption = None,
    classes: ClassesOption = None,
    image_size: ImageSizeOption = None,
    in_channels: InChannelsOption = None,
    batch: BatchOption = None,
    threads: Annotated[int, typer.Option("--threads", min=1, metavar="INT", help="CPU threads.")] = 1,
    force: ForceOption = False,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure this machine's CPU and describe it.

    --device NAME then means this machine, and a limit on it is about the network that was measured: the benchmark's
    own, or the one that is described as for dinas export. Costs are those of a call, one image unless --batch says
    otherwise.
    """
    from dinas_cli.architectures.conditions import check_dataset
    from dinas_cli.checkpoints.at_hand import shipped_devices
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.own_device import doubtful, keep
    from dinas_cli.oracles import devices
    from dinas_cli.oracles.device import Device
    from dinas_cli.oracles.measuring import latency, setting_here
    from dinas_cli.spaces.registry import get_space
    from dinas_cli.spaces.shared import skeletons

    sink = Sink.open(json=json, quiet=quiet)
    target = get_space(space)
    chosen = skeletons.choose(target, skeleton, **network_sizes(channels, cells, classes, image_size, in_channels))
    dataset = check_dataset(target, dataset)
    devices.target(name, target.name, "latency", dataset, shipped=shipped_devices(target.name), force=force)
    setting = setting_here(target, dataset, chosen, batch or 1, threads)
    pairs: list[tuple[str, float | None]] = []
    with sink.progress("networks", total=count) as bar:
        for genotype in devices.anchors(target.name, count, seed):
            found = latency(target, target.encode(genotype), setting, threads)
            pairs.append((genotype, found.median))
            bar.advance(1, f"{found.median:.2f} ms")
    made = Device(name, target.name, "latency", dataset, tuple(pairs), setting=setting)
    doubts = doubtful(made)
    if doubts:
        sink.say(f"measuring {len(doubts)} again, which the others contradict")
        again = {
            doubt.genotype: latency(target, target.encode(doubt.genotype), setting, threads).median for doubt in doubts
        }
        made = replace(made, measurements=tuple((genotype, again.get(genotype, cost)) for genotype, cost in pairs))
    keep(sink, made, force, {})


@app.command()
def rm(name: OwnNameArgument, space: SpaceOption = DEFAULT_SPACE, quiet: QuietOption = False) -> None:
    """Remove a device of yours."""
    from dinas_cli.checkpoints.at_hand import shipped_devices
    from dinas_cli.cli.output import Sink
    from dinas_cli.oracles import devices
    from dinas_cli.spaces.registry import get_space

    named = get_space(space).name
    count = devices.remove(name, named, shipped=shipped_devices(named))
    Sink.open(quiet=quiet).say(f"removed {name}: {count} file{'s' if count > 1 else ''}")
