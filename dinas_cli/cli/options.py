"""Option types that commands share, so that one word means one thing everywhere; help shows them in panels."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from dinas_cli.architectures.arguments import RANGES
from dinas_cli.cli.completion import (
    complete_checkpoint,
    complete_dataset,
    complete_device,
    complete_dialect,
    complete_space,
)
from dinas_cli.errors import UsageProblem
from dinas_cli.files.text import brief

GOALS, SAMPLING, OUTPUT, FILES = "Goals and limits", "Sampling", "Output", "Files"
"""Panels of help."""


def dataset_option(help: str) -> Any:
    """``--dataset``, with ``help`` that says what it means to a command, and what leaving it out means."""
    return typer.Option("--dataset", "-d", metavar="NAME", help=help, autocompletion=complete_dataset)


Architectures = Annotated[
    list[str],
    typer.Argument(metavar="ARCH", help="Records, tables or genotypes: files, - for standard input, or the text."),
]
SpaceOption = Annotated[
    str,
    typer.Option("--space", "-s", metavar="NAME", help="Search space.", autocompletion=complete_space),
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
        "--acc",
        metavar="GOAL",
        help="top5 (the best 5 % of what meets the limits), best, or at least: '>=72'.",
        rich_help_panel=GOALS,
    ),
]
PplOption = Annotated[
    str | None,
    typer.Option(
        "--ppl",
        metavar="GOAL",
        help="The same where perplexity is ranked: top5, best, or at most: '<=30'.",
        rich_help_panel=GOALS,
    ),
]
LatencyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--latency",
        metavar="TIME",
        help="At most, for example 2ms; or 2ms..3ms, or 0.6x of the median; for one device: pixel3=20ms.",
        rich_help_panel=GOALS,
    ),
]
EnergyOption = Annotated[
    list[str] | None,
    typer.Option("--energy", metavar="ENERGY", help="At most, for example 5mJ; likewise.", rich_help_panel=GOALS),
]
ParamsOption = Annotated[
    str | None,
    typer.Option("--params", metavar="COUNT", help="At most, for example 1M; or 1M..1.2M.", rich_help_panel=GOALS),
]
MacsOption = Annotated[
    str | None,
    typer.Option(
        "--macs", metavar="COUNT", help="Multiply-accumulates at most, for example 100M.", rich_help_panel=GOALS
    ),
]
NtkOption = Annotated[
    str | None,
    typer.Option(
        "--ntk",
        metavar="NUMBER",
        help="Condition number of the neural tangent kernel at most, e.g. 40.",
        rich_help_panel=GOALS,
    ),
]
LinearRegionsOption = Annotated[
    str | None,
    typer.Option(
        "--linear-regions", metavar="COUNT", help="Linear regions at least, for example 1400.", rich_help_panel=GOALS
    ),
]
LimitOption = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="METRIC=VALUE",
        help="For any other metric of the space; may be repeated.",
        rich_help_panel=GOALS,
    ),
]
ConfidenceOption = Annotated[
    float | None,
    typer.Option(
        "--confidence",
        min=RANGES["confidence"][0],
        max=RANGES["confidence"][1],
        metavar="P",
        help="How likely a limit must be met where only the surrogate can tell (default: 0.98; where fewer than -n are "
        "that sure, as much less as it takes, down to 0.8).",
        rich_help_panel=SAMPLING,
    ),
]
DialectOption = Annotated[
    str | None,
    typer.Option(
        "--dialect",
        metavar="NAME",
        help="Text form to write, see: dinas spaces NAME (default: the space's first).",
        autocompletion=complete_dialect,
    ),
]
CheckpointOption = Annotated[
    str | None,
    typer.Option(
        "--checkpoint",
        metavar="NAME|FILE",
        help="Generator (default: the space's first).",
        autocompletion=complete_checkpoint,
        rich_help_panel=FILES,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON Lines.", rich_help_panel=OUTPUT)]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Write data and errors only.", rich_help_panel=OUTPUT)]
VerboseOption = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="Say how values were found: counts, Kendall tau, networks.", rich_help_panel=OUTPUT
    ),
]
WideOption = Annotated[
    bool,
    typer.Option(
        "--wide", help="Show all columns on a terminal too, those without room under their row.", rich_help_panel=OUTPUT
    ),
]
ColumnsOption = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="LIST",
        help="Only these in tables and TSV, for example id,acc,params,seed.",
        rich_help_panel=OUTPUT,
    ),
]
SeedOption = Annotated[
    int,
    typer.Option(
        "--seed", min=0, max=2**63 - 1, metavar="INT", help="Seed of all randomness.", rich_help_panel=SAMPLING
    ),
]
ForceOption = Annotated[bool, typer.Option("--force", "-f", help="Overwrite what exists.", rich_help_panel=FILES)]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="PATH", help="Write here instead of to standard output.", rich_help_panel=FILES
    ),
]


def all_devices(names: list[str] | None) -> tuple[str, ...]:
    """The devices that ``--device`` names, each once."""
    return tuple(dict.fromkeys(names or ()))


def one_device(names: list[str] | None) -> str | None:
    """The device that ``--device`` names, if any; raise :class:`UsageProblem` for several."""
    devices = all_devices(names)
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
        rich_help_panel=FILES,
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
        rich_help_panel=FILES,
    ),
]
