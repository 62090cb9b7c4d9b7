"""``dinas devices``: list devices, and describe new ones from a few dozen measurements, here or elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

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
)
from dinas_cli.spaces.registry import DEFAULT_SPACE

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.settings import Setting

app = typer.Typer(help="List devices and describe new ones from measurements.", no_args_is_help=True)

OwnNameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of a device of yours.", autocompletion=complete_own_device)
]


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
    hardware is what a device is; its aliases mean it, too. network is what was measured.
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
    from dinas_cli.architectures.conditions import check_dataset
    from dinas_cli.checkpoints.at_hand import shipped_devices
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.own_device import doubtful, keep
    from dinas_cli.oracles import devices
    from dinas_cli.oracles.device import Device
    from dinas_cli.oracles.energy import counter_of
    from dinas_cli.oracles.measuring import energy, latency, setting_here
    from dinas_cli.oracles.torch_devices import CPU
    from dinas_cli.spaces.registry import get_space
    from dinas_cli.spaces.shared import skeletons
    from dinas_cli.spaces.shared.phases import phases_of

    sink = Sink.open(json=json, quiet=quiet)
    target = get_space(space)
    chosen = skeletons.choose(target, skeleton, **network_sizes(channels, cells, classes, image_size, in_channels))
    dataset = check_dataset(target, dataset)
    phases: tuple[str | None, ...] = tuple(phases_of(target)) or (None,)
    names = [name if phase is None else f"{name}-{phase}" for phase in phases]
    for each in names:
        devices.target(each, target.name, metric, dataset, shipped=shipped_devices(target.name), force=force)
    on = torch_device or CPU
    settings = [setting_here(target, dataset, chosen, batch or 1, threads, on, phase) for phase in phases]
    counter = counter_of(on) if metric == "energy" else None
    if counter is not None:
        settings = [replace(setting, run=f"{setting.run}, {counter.name}") for setting in settings]

    def cost(genotype: str, setting: Setting) -> float:
        values = target.encode(genotype)
        if counter is not None:
            return energy(target, values, setting, counter, threads, on)
        return latency(target, values, setting, threads, on).median

    unit = "ms" if counter is None else "mJ"
    pairs: list[list[tuple[str, float | None]]] = [[] for _ in names]
    with sink.progress("networks", total=count) as bar:
        for genotype in devices.anchors(target.name, count, seed):
            costs = [cost(genotype, setting) for setting in settings]
            for measured, found in zip(pairs, costs, strict=True):
                measured.append((genotype, found))
            bar.advance(1, f"{', '.join(f'{found:.2f}' for found in costs)} {unit}")
    for each, measured, setting in zip(names, pairs, settings, strict=True):
        made = Device(each, target.name, metric, dataset, tuple(measured), setting=setting)
        doubts = doubtful(made)
        if doubts:
            sink.say(f"measuring {len(doubts)} again, which the others contradict")
            again = {doubt.genotype: cost(doubt.genotype, setting) for doubt in doubts}
            made = replace(made, measurements=tuple((text, again.get(text, found)) for text, found in measured))
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
