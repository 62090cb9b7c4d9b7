"""``dinas eval``: the metrics of architectures, from the strongest source at hand; never imports torch."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dinas_cli.architectures.records import LineProblem, Record, read_architectures
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.cli.options import (
    Architectures,
    DeviceOption,
    GenotypeSpaceOption,
    JsonOption,
    OfflineOption,
    QuietOption,
    RecordDatasetOption,
    RegistryOption,
    one_device,
)
from dinas_cli.cli.output import Column, Sink
from dinas_cli.errors import UsageProblem
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.lookup import Selection
from dinas_cli.spaces.registry import check_device_alias, get_space
from dinas_cli.spaces.shared.protocol import Space

if TYPE_CHECKING:
    from dinas_cli.generation.evaluate import Evaluation

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
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Look up the metrics of architectures and check whether each satisfies the request it was made for.

    Values come from the imported table, else from the bundled surrogate; parameters and multiply-accumulates that no
    table states are computed exactly. The source of every value is written with it. A value that is known to be
    missing, for example a device that cannot run the architecture, stays empty.
    """
    sink = Sink.open(json=json, quiet=quiet)
    named = one_device(device)
    check_device_alias(space, named)
    selection = Selection(None if metrics is None else split(metrics), dataset, named)
    with collector_paused():
        failed = run(sink, architectures, space, selection, source)
    if failed:
        raise typer.Exit(1)


def run(sink: Sink, architectures: Sequence[str], space: str | None, selection: Selection, source: str) -> bool:
    """Read, evaluate and write all architectures; whether any of them had to be left out."""
    from dinas_cli.generation.evaluate import evaluate

    by_space: dict[str, list[Record]] = {}
    failed = False
    for item in read_architectures(architectures, space):
        if isinstance(item, LineProblem):
            failed = True
            sink.error(str(item), item.hint)
        else:
            by_space.setdefault(item.space, []).append(item)
    evaluations = []
    for name, records in by_space.items():
        evaluation = evaluate(records, oracles_from(get_space(name), source), selection)
        for problem in evaluation.problems:
            failed = True
            sink.error(problem)
        evaluations.append((name, evaluation))
    found = [record for _, evaluation in evaluations for record in evaluation.records]
    judged = any("satisfies" in record.provenance for record in found)
    if found:
        sink.records(found, [Column("satisfies", "satisfies")] if judged else [])
    elif not failed:
        sink.warn("no architectures in the input")
    for name, evaluation in evaluations:
        explain(sink, name, evaluation)
    return failed


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
        raise UsageProblem(f"--metrics {text!r} names no metric", "for example: --metrics acc,latency/fpga")
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


def explain(sink: Sink, space: str, evaluation: Evaluation) -> None:
    """Say where the values come from, what is missing and how many satisfy their request."""
    from dinas_cli.generation.evaluate import network_lines, source_lines

    for line in (
        *source_lines(evaluation.records, get_space(space)),
        *network_lines(evaluation.records, get_space(space)),
    ):
        sink.say(line)
    if evaluation.missing:
        sink.say(f"no source here for {', '.join(evaluation.missing)}: dinas tables import {space} FILE...")
    for reason in evaluation.unjudged:
        sink.warn(f"some requests were not checked: {reason}")
    verdicts = [record.provenance["satisfies"] for record in evaluation.records if "satisfies" in record.provenance]
    if verdicts:
        sink.say(f"{sum(map(bool, verdicts))} of {len(verdicts)} satisfy their request")
