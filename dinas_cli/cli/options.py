"""Option types that commands share, so that one word means one thing everywhere; completion imports no torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief
from dinas_cli.oracles.torch_devices import TorchDevice
from dinas_cli.spaces.registry import BUILT_IN, get_space, offers, space_names
from dinas_cli.spaces.shared import skeletons


def complete_space(incomplete: str) -> list[str]:
    """Names of spaces; those of other packages are not imported for it."""
    return [name for name in dict.fromkeys(offer.name for offer in offers()) if name.startswith(incomplete)]


def complete_dataset(context: typer.Context, incomplete: str) -> list[str]:
    """Datasets of the space already on the command line, of all spaces otherwise."""
    datasets = dict.fromkeys(dataset for space in named_spaces(context) for dataset in get_space(space).datasets)
    return [dataset for dataset in (*datasets, *_own_datasets(context)) if dataset.startswith(incomplete)]


def complete_own_dataset(context: typer.Context, incomplete: str) -> list[str]:
    """The user's own data sets."""
    return [name for name in _own_datasets(context) if name.startswith(incomplete)]


def _own_datasets(context: typer.Context) -> list[str]:
    from dinas_cli.oracles.datasets import likenesses

    return list(dict.fromkeys(name for space in named_spaces(context) for name in likenesses(space)))


def complete_checkpoint(incomplete: str) -> list[str]:
    """Names in the registry of checkpoints."""
    from dinas_cli.checkpoints.registry import load_registry

    return [name for name in load_registry() if name.startswith(incomplete)]


def complete_device(context: typer.Context, incomplete: str) -> list[str]:
    """Devices, the user's own among them, of the space already on the command line, of all spaces otherwise."""
    from dinas_cli.checkpoints.at_hand import shipped_devices

    spaces = named_spaces(context)
    names = [*(device for space in spaces for device in shipped_devices(space)), *_own_devices(spaces)]
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


def complete_own_device(context: typer.Context, incomplete: str) -> list[str]:
    """The user's own devices."""
    return [name for name in _own_devices(named_spaces(context)) if name.startswith(incomplete)]


def named_spaces(context: typer.Context) -> list[str]:
    """The space on the command line, or all."""
    name = context.params.get("space")
    return [name] if name in BUILT_IN or name in space_names() else list(space_names())


def complete_skeleton(context: typer.Context, incomplete: str) -> list[str]:
    """Skeletons of the space already on the command line, of all spaces otherwise."""
    spaces = map(get_space, named_spaces(context))
    known = dict.fromkeys([skeletons.OWN, *(name for space in spaces for name in skeletons.skeletons_of(space))])
    return [name for name in known if name.startswith(incomplete)]


def _own_devices(spaces: list[str]) -> list[str]:
    from dinas_cli.oracles.devices import own_names

    return list(dict.fromkeys(name for space in spaces for name in own_names(space)))


def dataset_option(help: str) -> Any:
    """``--dataset``, with ``help`` that says what it means to a command, and what leaving it out means."""
    return typer.Option("--dataset", "-d", metavar="NAME", help=help, autocompletion=complete_dataset)


Architectures = Annotated[
    list[str],
    typer.Argument(metavar="ARCH", help="Records, tables or genotypes: files, - for standard input, or the text."),
]
SpaceOption = Annotated[
    str, typer.Option("--space", "-s", metavar="NAME", help="Search space.", autocompletion=complete_space)
]
GenotypeSpaceOption = Annotated[
    str | None,
    typer.Option(
        "--space",
        "-s",
        metavar="NAME",
        help="Search space of plain genotypes (records name theirs).",
        autocompletion=complete_space,
    ),
]
DatasetOption = Annotated[str | None, dataset_option("Dataset (default: the space's first).")]
RecordDatasetOption = Annotated[str | None, dataset_option("Dataset (default: the record's, else the space's first).")]
DeviceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--device",
        metavar="NAME",
        help="Device of latency and energy (see: dinas devices list); several, or all, are asked about together.",
        autocompletion=complete_device,
    ),
]
AccOption = Annotated[
    str | None,
    typer.Option(
        "--acc", metavar="GOAL", help="top5 (the best 5 % of what meets the limits), best, or at least: '>=72'."
    ),
]
PplOption = Annotated[
    str | None,
    typer.Option("--ppl", metavar="GOAL", help="The same where perplexity is ranked: top5, best, or at most: '<=30'."),
]
LatencyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--latency",
        metavar="TIME",
        help="At most, for example 2ms; or 2ms..3ms, or 0.6x of the median; for one device: pixel3=20ms.",
    ),
]
EnergyOption = Annotated[
    list[str] | None, typer.Option("--energy", metavar="ENERGY", help="At most, for example 5mJ; likewise.")
]
ParamsOption = Annotated[
    str | None, typer.Option("--params", metavar="COUNT", help="At most, for example 1M; or 1M..1.2M.")
]
MacsOption = Annotated[
    str | None, typer.Option("--macs", metavar="COUNT", help="Multiply-accumulates at most, for example 100M.")
]
NtkOption = Annotated[
    str | None,
    typer.Option("--ntk", metavar="NUMBER", help="Condition number of the neural tangent kernel at most, e.g. 40."),
]
LinearRegionsOption = Annotated[
    str | None, typer.Option("--linear-regions", metavar="COUNT", help="Linear regions at least, for example 1400.")
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option("--limit", metavar="METRIC=VALUE", help="For any other metric of the space; may be repeated."),
]
CheckpointOption = Annotated[
    str | None,
    typer.Option(
        "--checkpoint",
        metavar="NAME|FILE",
        help="Generator (default: the space's first).",
        autocompletion=complete_checkpoint,
    ),
]
SkeletonOption = Annotated[
    str | None,
    typer.Option(
        "--skeleton",
        metavar="NAME",
        help="Network around the cell: own (the benchmark's), or what the space has, e.g. cifar, imagenet.",
        autocompletion=complete_skeleton,
    ),
]
ChannelsOption = Annotated[int | None, typer.Option("--channels", metavar="INT", help="Channels of the first cells.")]
CellsOption = Annotated[int | None, typer.Option("--cells", metavar="INT", help="Cells, as the space counts them.")]
ClassesOption = Annotated[int | None, typer.Option("--classes", metavar="INT", help="Classes to tell apart.")]
ImageSizeOption = Annotated[int | None, typer.Option("--image-size", metavar="INT", help="Height and width of images.")]
InChannelsOption = Annotated[
    int | None, typer.Option("--in-channels", metavar="INT", help="Channels of images, for example 1 (default: 3).")
]
MeasureOption = Annotated[bool, typer.Option("--measure", help="Measure each network on this machine too.")]
ThreadsOption = Annotated[int | None, typer.Option("--threads", min=1, metavar="INT", help="CPU threads.")]
TorchDeviceOption = Annotated[TorchDevice | None, typer.Option("--torch-device", help="Torch's device to measure on.")]
InputsOption = Annotated[int | None, typer.Option("--batch", min=1, metavar="INT", help="Inputs per call.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON Lines.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Write data and errors only.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, metavar="INT", help="Seed of all randomness.")]
ForceOption = Annotated[bool, typer.Option("--force", "-f", help="Overwrite what exists.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="PATH", help="Write here instead of to standard output.")
]


def network_sizes(
    channels: int | None, cells: int | None, classes: int | None, image_size: int | None, in_channels: int | None
) -> dict[str, int | float | bool | None]:
    """The sizes on the command line as options of a skeleton."""
    return {
        "channels": channels,
        "cells": cells,
        "classes": classes,
        "image_size": image_size,
        "in_channels": in_channels,
    }


def all_devices(names: list[str] | None) -> tuple[str, ...]:
    """The devices that ``--device`` names, each once."""
    return tuple(dict.fromkeys(names or ()))


def one_device(names: list[str] | None) -> str | None:
    """The device that ``--device`` names, if any; raise :class:`UsageProblem` for several."""
    devices = list(dict.fromkeys(names or ()))
    if len(devices) > 1:
        raise UsageProblem(f"several devices: {', '.join(devices)}", "name one: --device " + devices[0])
    return devices[0] if devices else None


def parse_limits(texts: list[str] | None) -> dict[str, list[str]]:
    """``METRIC=VALUE`` texts by metric, several where they name devices; raise :class:`UsageProblem` for others."""
    limits: dict[str, list[str]] = {}
    for text in texts or ():
        metric, sign, value = text.partition("=")
        if not sign or not metric.strip() or not value.strip() or ("=" not in value and metric.strip() in limits):
            raise UsageProblem(f"--limit {brief(text)} is not understood", "each metric once: --limit train_time=20min")
        limits.setdefault(metric.strip(), []).append(value)
    return limits


def _go_offline(value: bool) -> bool:
    if value:
        os.environ["DINAS_OFFLINE"] = "1"  # read wherever a download might start, and by every process started here
    return value


def _add_registry(value: Path | None) -> Path | None:
    if value is not None:
        os.environ["DINAS_CHECKPOINTS"] = str(value)
    return value


OfflineOption = Annotated[
    bool,
    typer.Option(
        "--offline",
        envvar=["DINAS_OFFLINE", "HF_HUB_OFFLINE"],
        callback=_go_offline,
        help="Never use the network.",
    ),
]
RegistryOption = Annotated[
    Path | None,
    typer.Option(
        "--registry",
        metavar="FILE",
        envvar="DINAS_CHECKPOINTS",
        callback=_add_registry,
        is_eager=True,
        help="Further entries, in the form of checkpoints.toml.",
    ),
]
