"""``dinas devices``: list devices, and describe new ones from a few dozen measurements, here or elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from dinas_cli.cli.completion import complete_own_device
from dinas_cli.cli.device_add import add
from dinas_cli.cli.device_anchors import anchors
from dinas_cli.cli.device_options import BatchOption, CountOption, MetricOption, NameArgument
from dinas_cli.cli.network_options import (
    CellsOption,
    ChannelsOption,
    ClassesOption,
    ImageSizeOption,
    InChannelsOption,
    SkeletonOption,
    TorchDeviceOption,
    network_sizes,
)
from dinas_cli.cli.options import (
    DatasetOption,
    ForceOption,
    JsonOption,
    OfflineOption,
    QuietOption,
    RegistryOption,
    SeedOption,
    SpaceOption,
    WideOption,
)
from dinas_cli.spaces.registry import DEFAULT_SPACE

app = typer.Typer(help="List devices and describe new ones from measurements.", no_args_is_help=True)

KEYS = ("device", "metric", "dataset", "unit", "lowest", "median", "highest")
MINOR_KEYS = ("measured", "kendall_tau", "origin", "hardware", "aliases", "network")
"""Columns of the list; the latter give way where a terminal has no room."""

OwnNameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of a device of yours.", autocompletion=complete_own_device)
]


@app.command("list")
def list_(
    space: SpaceOption = DEFAULT_SPACE,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    wide: WideOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List devices with their metrics and ranges.

    kendall_tau says how well the surrogate ranks architectures there; lowest and highest leave out the outermost 1 %;
    hardware is what a device is; its aliases mean it, too. network is what was measured.
    """
    from dinas_cli.checkpoints.at_hand import oracles_at_hand
    from dinas_cli.cli.output import Column, Sink
    from dinas_cli.oracles.described import rows
    from dinas_cli.spaces.registry import get_space

    sink = Sink.open(json=json, quiet=quiet, wide=wide)
    found = list(rows(oracles_at_hand(get_space(space), table=False)))
    sink.table([*map(Column, KEYS), *(Column(key, minor=True) for key in MINOR_KEYS)], found)
    if not found:
        sink.warn("no device is known: the space has no surrogate here")


app.command()(anchors)
app.command()(add)


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
    torch_device: TorchDeviceOption = None,
    metric: MetricOption = "latency",
    force: ForceOption = False,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure this machine's CPU, or its GPU, and describe it.

    --device NAME then means this machine, and a limit on it is about the network that was measured: the benchmark's
    own, or the one that is described as for dinas export. Costs are those of a call, one image unless --batch says
    otherwise. Of language models, NAME-prefill is reading a text and NAME-decode writing one more token.
    --metric energy needs a counter that is readable: RAPL of the CPU, NVML of an NVIDIA GPU.
    """
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.own_device import keep
    from dinas_cli.generation.own_devices import Measurement, measure_devices

    sink = Sink.open(json=json, quiet=quiet)
    asked = Measurement(
        name,
        space,
        dataset,
        metric=metric,
        count=count,
        seed=seed,
        skeleton=skeleton,
        sizes=network_sizes(channels, cells, classes, image_size, in_channels),
        batch=batch or 1,
        threads=threads,
        torch_device=torch_device,
    )
    with sink.progress("networks", total=count) as bar:
        found = measure_devices(asked, force=force, progress=lambda done, _, note: bar.update(done, note))
    for device, repeated in found:
        if repeated:
            sink.say(f"measured {repeated} again, which the others contradict")
        keep(sink, device, force, {})


@app.command()
def rm(name: OwnNameArgument, space: SpaceOption = DEFAULT_SPACE, quiet: QuietOption = False) -> None:
    """Remove a device of yours."""
    from dinas_cli.checkpoints.at_hand import shipped_devices
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.values import counted
    from dinas_cli.oracles import devices
    from dinas_cli.spaces.registry import get_space

    named = get_space(space).name
    count = devices.remove(name, named, shipped=shipped_devices(named))
    Sink.open(quiet=quiet).say(f"removed {name}: {counted(count, 'file')}")
