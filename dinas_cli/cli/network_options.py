"""Option types that say which network is meant, and how it is measured."""

from __future__ import annotations

from typing import Annotated

import typer

from dinas_cli.cli.completion import complete_skeleton
from dinas_cli.oracles.torch_devices import TorchDevice

NETWORK, MEASURING = "Network", "Measuring"
"""Panels of help."""

SkeletonOption = Annotated[
    str | None,
    typer.Option(
        "--skeleton",
        metavar="NAME",
        help="Network around the cell: own (the benchmark's), or what the space has, e.g. cifar, imagenet.",
        autocompletion=complete_skeleton,
        rich_help_panel=NETWORK,
    ),
]
ChannelsOption = Annotated[
    int | None, typer.Option("--channels", metavar="INT", help="Channels of the first cells.", rich_help_panel=NETWORK)
]
CellsOption = Annotated[
    int | None, typer.Option("--cells", metavar="INT", help="Cells, as the space counts them.", rich_help_panel=NETWORK)
]
ClassesOption = Annotated[
    int | None, typer.Option("--classes", metavar="INT", help="Classes to tell apart.", rich_help_panel=NETWORK)
]
ImageSizeOption = Annotated[
    int | None, typer.Option("--image-size", metavar="INT", help="Height and width of images.", rich_help_panel=NETWORK)
]
InChannelsOption = Annotated[
    int | None,
    typer.Option(
        "--in-channels", metavar="INT", help="Channels of images, for example 1 (default: 3).", rich_help_panel=NETWORK
    ),
]
MeasureOption = Annotated[
    bool, typer.Option("--measure", help="Measure each network on this machine too.", rich_help_panel=MEASURING)
]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", min=1, metavar="INT", help="CPU threads.", rich_help_panel=MEASURING)
]
TorchDeviceOption = Annotated[
    TorchDevice | None, typer.Option("--torch-device", help="Torch's device to measure on.", rich_help_panel=MEASURING)
]
InputsOption = Annotated[
    int | None, typer.Option("--batch", min=1, metavar="INT", help="Inputs per call.", rich_help_panel=MEASURING)
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
