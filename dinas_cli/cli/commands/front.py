"""``dinas front``: what nothing dominates in two or three metrics; imports no torch, and plotly for pages only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dinas_cli.architectures.arguments import RANGES, check_ranges
from dinas_cli.cli.completion import complete_space
from dinas_cli.cli.options import (
    GOALS,
    OUTPUT,
    SAMPLING,
    AccOption,
    CheckpointOption,
    ColumnsOption,
    ConfidenceOption,
    DatasetOption,
    DeviceOption,
    EnergyOption,
    ForceOption,
    JsonOption,
    LatencyOption,
    LimitOption,
    LinearRegionsOption,
    MacsOption,
    NtkOption,
    OfflineOption,
    ParamsOption,
    PplOption,
    QuietOption,
    RegistryOption,
    SeedOption,
    VerboseOption,
    WideOption,
    all_devices,
    parse_limits,
)
from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.registry import DEFAULT_SPACE

if TYPE_CHECKING:
    from dinas_cli.cli.front_view import Asked
    from dinas_cli.cli.output import Sink
    from dinas_cli.generation.front import Front

ArchitecturesArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ARCH]...",
        help="The front of these instead of a space's: files of records, - for standard input; or the folder of a "
        "search.",
        show_default=False,
    ),
]
SpaceOption = Annotated[
    str | None,
    typer.Option(
        "--space",
        "-s",
        metavar="NAME",
        help=f"Search space (default: {DEFAULT_SPACE}, or that of the records).",
        autocompletion=complete_space,
    ),
]
OfOption = Annotated[
    str | None,
    typer.Option(
        "--of",
        metavar="LIST",
        help="Two or three metrics, for example acc,latency/pixel3,energy/edgegpu (default: the ranked one and the "
        "latency on --device, or params without a device).",
        rich_help_panel=GOALS,
    ),
]
CountOption = Annotated[
    int | None,
    typer.Option(
        "--count",
        "-n",
        min=2,
        max=int(RANGES["n"][1]),
        metavar="INT",
        help="So many, layer behind layer, to measure or train for example (default: the front alone).",
        rich_help_panel=SAMPLING,
    ),
]
PageOption = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write a page here: FILE.html, or FILE.jsonl.", rich_help_panel=OUTPUT
    ),
]
SvgOption = Annotated[
    Path | None, typer.Option("--svg", metavar="FILE", help="Write the plot here.", rich_help_panel=OUTPUT)
]
WatchOption = Annotated[
    bool,
    typer.Option(
        "--watch", help="Of a search that is at work: renew the page after every result.", rich_help_panel=OUTPUT
    ),
]


def command(
    context: typer.Context,
    architectures: ArchitecturesArgument = None,
    space: SpaceOption = None,
    of: OfOption = None,
    acc: AccOption = None,
    ppl: PplOption = None,
    latency: LatencyOption = None,
    energy: EnergyOption = None,
    params: ParamsOption = None,
    macs: MacsOption = None,
    ntk: NtkOption = None,
    linear_regions: LinearRegionsOption = None,
    limit: LimitOption = None,
    device: DeviceOption = None,
    dataset: DatasetOption = None,
    count: CountOption = None,
    seed: SeedOption = 0,
    checkpoint: CheckpointOption = None,
    confidence: ConfidenceOption = None,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    output: PageOption = None,
    svg: SvgOption = None,
    watch: WatchOption = False,
    force: ForceOption = False,
    columns: ColumnsOption = None,
    wide: WideOption = False,
    json: JsonOption = False,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show the architectures that nothing dominates in two or three metrics, under any limits.

    A space that can be listed is looked at as a whole, by the imported table or else by the surrogate; in others
    samples along the limits are improved. The knee is where giving up a little of one metric no longer gains much of
    the other. Of architectures that differ by less than 0.2 % of the front's extent one is shown.

    With ARCH it is the front of records, by the values that they have; with the folder of a search, of its trials.
    -o front.html writes a page of its own (pip install 'dinas[report]'), to be opened in any browser.

    Examples: dinas front --device pixel3 -o front.html

    dinas front --of acc,latency/fpga,energy/fpga --params 1M --json

    dinas generate --acc top5 -n 100 --json | dinas front - --of acc,macs
    """
    from dinas_cli.cli.output import Sink

    sink = Sink.open(json=json, quiet=quiet, wide=wide, columns=columns)
    check_ranges(confidence=confidence)
    check_outputs(output, svg, force=force)
    folder = run_folder(architectures or [])
    if watch and (folder is None or output is None or output.suffix != ".html"):
        raise UsageProblem("--watch is for the page of a search", "dinas front RUN -o run.html --watch")
    named = all_devices(device)
    limits = {
        "acc": acc,
        "ppl": ppl,
        "latency": latency,
        "energy": energy,
        "params": params,
        "macs": macs,
        "ntk": ntk,
        "linear_regions": linear_regions,
    }
    from dinas_cli.cli import front_run, front_view
    from dinas_cli.cli.recorded import recorded

    if folder is not None and (limit or any(limits.values())):
        raise UsageProblem("a search has its own limits, which its trials keep", f"dinas front {folder}")
    if architectures:
        for name, value in {"-n": count, "--checkpoint": checkpoint, "--confidence": confidence}.items():
            if value is not None:
                raise UsageProblem(f"{name} is for the front of a space, not of ARCH", f"leave out {name}")
    asked = front_view.Asked(of, limits, parse_limits(limit), named, dataset, recorded(context))
    if folder is not None and watch and output is not None:
        front_run.watch_run(sink, folder, asked, output)
        return
    if folder is not None:
        front_run.show_run(sink, folder, asked, output, svg, force=force)
        return
    if architectures:
        front, failed = front_view.of_records(sink, architectures, space, asked)
    else:
        front, failed = of_space(sink, space or DEFAULT_SPACE, asked, count, seed, checkpoint, confidence), False
    front_view.show(sink, front, asked, output, svg, force=force, verbose=verbose)
    if front.interrupted:
        sink.warn("interrupted: the front so far")
        raise typer.Exit(130)
    if failed:
        raise typer.Exit(1)


def of_space(
    sink: Sink,
    space: str,
    asked: Asked,
    count: int | None,
    seed: int,
    checkpoint: str | None,
    confidence: float | None,
) -> Front:
    """The front of a space, with a progress bar where it takes its time."""
    from dinas_cli.generation.along import ROUNDS
    from dinas_cli.generation.front import front_of_space
    from dinas_cli.generation.objectives import default_names
    from dinas_cli.spaces.registry import get_space

    request = asked.request(space)
    names = asked.names or default_names(get_space(request.space), asked.devices)
    with sink.progress("improving", ROUNDS) as bar:
        return front_of_space(
            request,
            names,
            count=count,
            seed=seed,
            checkpoint=checkpoint,
            confidence=confidence,
            devices=asked.devices,
            progress=lambda found, seen: bar.advance(1, f"{found} on the front, {seen:,} looked at"),
        )


def check_outputs(output: Path | None, svg: Path | None, *, force: bool) -> None:
    """Raise :class:`UsageProblem` for files of other kinds, and what :func:`.check_target` raises, before any work."""
    from dinas_cli.files.atomic import check_target
    from dinas_cli.report.page import need_plotly

    if output is not None:
        if output.suffix not in (".html", ".jsonl"):
            raise UsageProblem(f"{output} is neither .html nor .jsonl", "for example: -o front.html")
        check_target(output, force=force)
        if output.suffix == ".html":
            need_plotly()
    if svg is not None:
        if svg.suffix != ".svg":
            raise UsageProblem(f"--svg {svg} is no .svg", "for example: --svg front.svg")
        check_target(svg, force=force)


def run_folder(architectures: list[str]) -> Path | None:
    """The folder of a search, where that is what is named; raise :class:`UsageProblem` where there is more."""
    folders = [Path(name) for name in architectures if name != "-" and len(name) < 4096 and Path(name).is_dir()]
    if not folders:
        return None
    if len(architectures) > 1:
        raise UsageProblem("the folder of a search has a front of its own", f"dinas front {folders[0]}")
    return folders[0]
