"""``dinas devices add``: a device described by what was measured elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dinas_cli.cli.device_options import BatchOption, MetricOption, NameArgument
from dinas_cli.cli.network_options import (
    CellsOption,
    ChannelsOption,
    ClassesOption,
    ImageSizeOption,
    InChannelsOption,
    SkeletonOption,
    network_sizes,
)
from dinas_cli.cli.options import (
    ForceOption,
    JsonOption,
    OfflineOption,
    QuietOption,
    RegistryOption,
    SpaceOption,
    dataset_option,
)
from dinas_cli.spaces.registry import DEFAULT_SPACE

CostDatasetOption = Annotated[str | None, dataset_option("Dataset of the networks measured (default: all).")]
UnitOption = Annotated[
    str | None,
    typer.Option(
        "--unit", metavar="UNIT", help="Unit of costs without one: us, ms, s, or uJ, mJ, J (default: ms, mJ)."
    ),
]


def add(
    name: NameArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE|FOLDER", help="What was measured, in any of these formats; - for stdin.")
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

    TSV or CSV has a genotype and a cost (5.3, 5.3ms) per line, and a header that may name the unit (latency_ms). Known
    by their content are onnxruntime profiles, onnxruntime_perf_test output, TFLite benchmark_model logs, trtexec
    --exportTimes JSON, ExecuTorch Inspector tables and torch.save dictionaries. Such a file, or every file of a FOLDER,
    is named by the genotype or id of its network; ids need the records of the networks beside them (dinas devices
    anchors --export).
    Of a genotype measured twice the mean counts; what the other measurements contradict is named and left out.
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
    from dinas_cli.oracles.measurements import MOST, read_measurements
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
    found = read_measurements(target, file, own, unit)
    read = found.at_most(MOST)
    if len(read.pairs) < len(found.pairs):
        sink.say(f"of {len(found.pairs)} measurements {MOST} are taken, at random")
    made = Device(name, target.name, metric, dataset, read.pairs, note, setting)
    if not read.stated and (likelier := likelier_unit(check(made))):
        raise UsageProblem(
            f"{file}: in {own} these costs are a thousand times what is plausible: they look like {likelier}",
            f"say which they are: --unit {likelier}, or --unit {own} if it is so",
        )
    keep(sink, made, force, read.lines)
