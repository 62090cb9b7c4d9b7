"""Option types of ``dinas search``, and of other commands that Ray can run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dinas_cli.cli.image_options import DATA_HELP
from dinas_cli.cli.options import FILES, SAMPLING
from dinas_cli.errors import UsageProblem

if TYPE_CHECKING:
    from dinas_cli.search.engines.cluster import Cluster

TRAINING, WORKERS = "Training", "Workers"
"""Panels of help, beside those of all commands."""

TrialsOption = Annotated[
    int,
    typer.Option(
        "--trials",
        "-n",
        min=1,
        max=100_000,
        metavar="INT",
        help="How many networks are trained.",
        rich_help_panel=SAMPLING,
    ),
]
RunOption = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FOLDER",
        help="Folder of the run, made if need be; an old one goes on.",
        rich_help_panel=FILES,
    ),
]
ProgramOption = Annotated[
    str | None,
    typer.Option(
        "--command",
        metavar="TEXT",
        help="Program that trains a network: {source} is its Python file; also {id}, {genotype}, {epochs}, {folder}.",
        rich_help_panel=TRAINING,
    ),
]
MetricOption = Annotated[
    str,
    typer.Option(
        "--metric", metavar="NAME", help="What to read from the program's last line of JSON.", rich_help_panel=TRAINING
    ),
]
MinimiseOption = Annotated[
    bool, typer.Option("--minimise", help="Less of the metric is better.", rich_help_panel=TRAINING)
]
EpochsOption = Annotated[
    int | None,
    typer.Option(
        "--epochs", min=1, metavar="INT", help="Epochs of a training (on images: 30).", rich_help_panel=TRAINING
    ),
]
DataArgument = Annotated[str | None, typer.Argument(metavar="[DATA]", help=DATA_HELP)]
FitOption = Annotated[
    bool,
    typer.Option(
        "--fit/--no-fit", help="On images: train the best network to the end, on all of them.", rich_help_panel=TRAINING
    ),
]
OnnxOption = Annotated[
    bool, typer.Option("--onnx", help="With --fit: write an ONNX model as well (extra onnx).", rich_help_panel=TRAINING)
]
TimeoutOption = Annotated[
    str | None,
    typer.Option(
        "--timeout", metavar="TIME", help="Most that a program may take, for example 20min.", rich_help_panel=TRAINING
    ),
]
EngineOption = Annotated[
    Literal["local", "ray"],
    typer.Option("--engine", help="Who runs trials: this machine, or a Ray cluster.", rich_help_panel=WORKERS),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=10_000,
        metavar="INT",
        help="Trials at a time (default: 1; with Ray what it has room for).",
        rich_help_panel=WORKERS,
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address", metavar="TEXT", help="With Ray: of its cluster (default: one of its own).", rich_help_panel=WORKERS
    ),
]
CpusOption = Annotated[
    float | None,
    typer.Option(
        "--cpus", min=0, metavar="NUMBER", help="With Ray: CPUs of a trial (default: 1).", rich_help_panel=WORKERS
    ),
]
GpusOption = Annotated[
    float | None,
    typer.Option(
        "--gpus", min=0, metavar="NUMBER", help="With Ray: GPUs of a trial (default: 0).", rich_help_panel=WORKERS
    ),
]
RandomOption = Annotated[
    bool,
    typer.Option(
        "--random",
        help="Draw networks at random within the limits: a baseline to compare with.",
        rich_help_panel=SAMPLING,
    ),
]


def cluster_of(
    engine: str, workers: int | None, address: str | None, cpus: float | None, gpus: float | None
) -> Cluster | None:
    """Where Ray is to run trials; None: they are run here."""
    from dinas_cli.search.engines.cluster import Cluster

    if engine != "ray":
        if (address, cpus, gpus) != (None, None, None):
            raise UsageProblem("--address, --cpus and --gpus are for Ray", "add --engine ray")
        return None
    cluster = Cluster(address, 1 if cpus is None else cpus, gpus or 0, workers)
    cluster.check()
    return cluster
