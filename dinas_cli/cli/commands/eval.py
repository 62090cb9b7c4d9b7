"""``dinas eval``: the metrics of architectures, from the strongest source at hand; torch is for ``--measure`` alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from dinas_cli.architectures.records import LineProblem, Record, read_architectures
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.cli.network_options import (
    CellsOption,
    ChannelsOption,
    ClassesOption,
    ImageSizeOption,
    InChannelsOption,
    InputsOption,
    MeasureOption,
    SkeletonOption,
    ThreadsOption,
    TorchDeviceOption,
    network_sizes,
)
from dinas_cli.cli.options import (
    Architectures,
    ColumnsOption,
    DeviceOption,
    GenotypeSpaceOption,
    JsonOption,
    OfflineOption,
    QuietOption,
    RecordDatasetOption,
    RegistryOption,
    VerboseOption,
    WideOption,
    all_devices,
)
from dinas_cli.cli.output import Column, Sink
from dinas_cli.errors import UsageProblem
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.lookup import Selection
from dinas_cli.oracles.names import in_table
from dinas_cli.spaces.registry import check_device_alias, get_space
from dinas_cli.spaces.shared.protocol import Space

if TYPE_CHECKING:
    from dinas_cli.generation.measured import Measuring
    from dinas_cli.generation.summary import Summary

BATCH = 1024
"""Architectures that are looked up and written together."""
MEASURED = 8
"""The same where each takes its time."""

MetricsOption = Annotated[
    str | None,
    typer.Option(
        "--metrics",
        "-m",
        metavar="LIST",
        help="Only these, for example acc,latency/fpga,params@cifar100 (default: all that fit the request).",
    ),
]
SourceOption = Annotated[
    Literal["auto", "table", "surrogate"],
    typer.Option("--source", help="Ask the strongest source, only the table, or only the surrogate."),
]


def command(
    architectures: Architectures,
    space: GenotypeSpaceOption = None,
    metrics: MetricsOption = None,
    dataset: RecordDatasetOption = None,
    device: DeviceOption = None,
    source: SourceOption = "auto",
    measure: MeasureOption = False,
    skeleton: SkeletonOption = None,
    channels: ChannelsOption = None,
    cells: CellsOption = None,
    classes: ClassesOption = None,
    image_size: ImageSizeOption = None,
    in_channels: InChannelsOption = None,
    batch: InputsOption = None,
    threads: ThreadsOption = None,
    torch_device: TorchDeviceOption = None,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    columns: ColumnsOption = None,
    wide: WideOption = False,
    json: JsonOption = False,
    verbose: VerboseOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look up the metrics of architectures and check whether each satisfies the request it was made for.

    Values come from the imported table, else from the bundled surrogate; parameters and multiply-accumulates that no
    table states are computed exactly. The source of every value is written with it. A value that is known to be
    missing, for example a device that cannot run the architecture, stays empty.

    --measure times each network on this machine, in the column latency/this-machine: the network, batch, threads
    and torch device of the device whose latency is limited or named, or those of the options; the limit is then checked
    against it.
    """
    sink = Sink.open(json=json, quiet=quiet, wide=wide, columns=columns)
    named = all_devices(device)
    check_device_alias(space, named)
    selection = Selection(None if metrics is None else split(metrics), dataset, named)
    sizes = network_sizes(channels, cells, classes, image_size, in_channels)
    how = {"skeleton": skeleton, "batch": batch, "threads": threads, "torch_device": torch_device}
    measuring = how_to_measure(measure, how, sizes)
    with collector_paused():
        failed = run(sink, architectures, space, selection, source, measuring, verbose=verbose)
    if failed:
        raise typer.Exit(1)


def how_to_measure(measure: bool, given: Mapping[str, Any], sizes: Mapping[str, Any]) -> Measuring | None:
    """What ``--measure`` measures; raise :class:`UsageProblem` for options that say it without being asked to."""
    if not measure:
        for name, value in {**given, **sizes}.items():
            if value is not None:
                raise UsageProblem(f"--{name.replace('_', '-')} says how to measure", "add --measure, or leave it out")
        return None
    from dinas_cli.generation.measured import Measuring

    return Measuring(sizes=sizes, **given)


def run(
    sink: Sink,
    architectures: Sequence[str],
    space: str | None,
    selection: Selection,
    source: str,
    measuring: Measuring | None,
    *,
    verbose: bool = False,
) -> bool:
    """Read, evaluate and write all architectures, a batch at a time; whether any of them had to be left out."""
    from dinas_cli.generation.evaluate import evaluate
    from dinas_cli.generation.summary import Summary

    oracles: dict[str, Oracles] = {}
    summaries: dict[str, Summary] = {}
    failed = False
    size = BATCH if measuring is None else MEASURED
    for batch in batches(read_architectures(architectures, space, in_table), size):
        by_space: dict[str, list[Record]] = {}
        for item in batch:
            if isinstance(item, LineProblem):
                failed = True
                sink.error(str(item), item.hint)
            else:
                by_space.setdefault(item.space, []).append(item)
        found: list[Record] = []
        for name, records in by_space.items():
            if name not in oracles:
                oracles[name], summaries[name] = oracles_from(get_space(name), source), Summary(get_space(name))
            evaluation = evaluate(records, oracles[name], selection, measuring)
            for problem in evaluation.problems:
                failed = True
                sink.error(problem.message, problem.hint)
            summaries[name].note(evaluation)
            found += evaluation.records
        if found:
            judged = any(summary.judged for summary in summaries.values())
            extra = [Column("satisfies")] if judged else []
            sink.records(found, extra, all_asked=selection.metrics is not None)
            sink.flush()
    if not summaries and not failed:
        sink.warn("no architectures in the input")
    for summary in summaries.values():
        explain(sink, summary, verbose=verbose)
    return failed


def batches(items: Iterator[Record | LineProblem], size: int) -> Iterator[list[Record | LineProblem]]:
    """The items, so many at a time that looking them up together pays, and that few are kept in memory."""
    while batch := list(islice(items, size)):
        yield batch


@contextmanager
def collector_paused() -> Iterator[None]:
    """Records hold no cycles, and looking for some among ten thousand of them takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def split(text: str) -> tuple[str, ...]:
    """The names in a comma-separated list; raise :class:`UsageProblem` for an empty one."""
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names:
        raise UsageProblem(f"--metrics {text[:80]!r} names no metric", "for example: --metrics acc,latency/fpga")
    return names


def oracles_from(space: Space, source: str) -> Oracles:
    """The oracles that ``--source`` allows; raise :class:`NotFoundError` when the one asked for is not here."""
    if source == "table":
        from dinas_cli.oracles.tables import Table

        return Oracles(space, Table.open(space.name))
    oracles = oracles_at_hand(space, table=source != "surrogate")
    if source == "surrogate" and oracles.surrogate is None:
        raise oracles.missing("what a surrogate would answer")
    return oracles


def explain(sink: Sink, summary: Summary, *, verbose: bool) -> None:
    """Say where the values come from, what is missing and how many satisfy their request."""
    for line in (*summary.source_lines(), *summary.network_lines()) if verbose else summary.plain_lines():
        sink.say(line)
    if summary.missing:
        sink.say(f"no source here for {', '.join(summary.missing)}: dinas tables import {summary.space.name} FILE...")
    if summary.elsewhere:
        sink.warn(f"limits on {', '.join(sorted(summary.elsewhere))} are of another machine than the one measured here")
    measured = summary.measured_line()
    if measured is not None:
        sink.say(measured)
    for reason in summary.unjudged:
        sink.warn(f"some requests were not checked: {reason}")
    if summary.judged:
        sink.say(f"{summary.satisfied} of {summary.judged} satisfy their request")
