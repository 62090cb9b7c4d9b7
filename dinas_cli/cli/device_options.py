"""Option types that the commands about devices share."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from dinas_cli.architectures.arguments import RANGES

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the device.")]
CountOption = Annotated[
    int,
    typer.Option(
        "--count",
        "-n",
        min=int(RANGES["count"][0]),
        max=int(RANGES["count"][1]),
        metavar="INT",
        help="How many architectures.",
    ),
]
BatchOption = Annotated[int | None, typer.Option("--batch", min=1, metavar="INT", help="Images per call.")]
MetricOption = Annotated[Literal["latency", "energy"], typer.Option("--metric", help="What is measured.")]
