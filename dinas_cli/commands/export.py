"""``dinas export``: architectures as PyTorch source, genotypes or records; never imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from dinas_cli.conditions import Request, check_dataset
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.files import atomic_write, check_target, make_dir
from dinas_cli.options import (
    Architectures,
    ForceOption,
    GenotypeSpaceOption,
    OutputOption,
    QuietOption,
    RecordDatasetOption,
)
from dinas_cli.output import Sink
from dinas_cli.records import LineProblem, Record, read_architectures, to_json_line
from dinas_cli.spaces.base import Space, get_space, suggest

ToOption = Annotated[Literal["pytorch", "genotype", "json"], typer.Option("--to", help="What to write.")]
DialectOption = Annotated[
    str | None, typer.Option("--dialect", metavar="NAME", help="Text form of genotypes (see: dinas spaces NAME).")
]


def command(
    architectures: Architectures,
    to: ToOption = "pytorch",
    space: GenotypeSpaceOption = None,
    dialect: DialectOption = None,
    dataset: RecordDatasetOption = None,
    output: OutputOption = None,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write architectures as PyTorch source that imports only torch, as genotypes or as records.

    A single network goes to standard output, or to -o NAME.py. Several need a folder: -o FOLDER. The dataset, which
    sets classes and image size, is that of --dataset, else that of a record's request, else the space's first.
    """
    if to == "pytorch" and dialect is not None:
        raise UsageProblem("--dialect has no meaning with --to pytorch", "use --to genotype or --to json")
    if to != "pytorch" and dataset is not None:
        raise UsageProblem(f"--dataset has no meaning with --to {to}", "use --to pytorch")
    sink = Sink.open(quiet=quiet)
    rendered: list[tuple[str, str]] = []
    failures = 0
    for item in read_architectures(architectures, space):
        if isinstance(item, LineProblem):
            failures += 1
            sink.error(str(item), item.hint)
            continue
        # A wrong option ends the command here; what is wrong with one record does not stop the others.
        check_options(get_space(item.space), dialect, dataset)
        try:
            rendered.append(render(item, to, dialect, dataset))
        except UsageProblem as problem:
            failures += 1
            sink.error(f"{item.origin}: {problem.message}", problem.hint)
    if rendered and to == "pytorch":
        write_networks(sink, rendered, output, force)
    elif rendered:
        write_lines(sink, [text for _, text in rendered], output, force)
    elif not failures:
        raise DinasError("no architectures in the input", "name files, genotypes, or - for standard input")
    if failures:
        raise typer.Exit(1)


def check_options(space: Space, dialect: str | None, dataset: str | None) -> None:
    """Raise :class:`UsageProblem` with a suggestion for a dialect or dataset that the space does not have."""
    if dataset is not None:
        check_dataset(space, dataset)
    if dialect is not None and dialect not in space.dialects:
        raise UsageProblem(f"unknown dialect {dialect!r}", suggest(dialect, space.dialects, f"{space.name} dialects"))


def render(record: Record, to: str, dialect: str | None, dataset: str | None) -> tuple[str, str]:
    """File name and text of one architecture; raise :class:`UsageProblem` for a request that cannot be read.

    The id is computed anew, so a record cannot choose the name of a file.
    """
    space = get_space(record.space)
    values = record.values or space.encode(record.genotype)
    record = replace(record, id=space.canonical_id(values), genotype=space.decode(values, dialect))
    if to != "pytorch":
        return "", record.genotype if to == "genotype" else to_json_line(record)
    request = Request.from_dict(record.request) if record.request else Request(space.name)
    chosen = check_dataset(space, dataset if dataset is not None else request.dataset)
    # Words that Python can import, different for every cell and dataset; equal cells differ in their key.
    name = "_".join(filter(None, (record.id, str(space.key(values)), chosen))).replace("-", "_")
    return f"{name}.py", space.source(values, chosen, "\n".join(header(record, request, space)))


def header(record: Record, request: Request, space: Space) -> Iterator[str]:
    """What is known about an architecture, as lines of text that may hold anything a record can hold."""
    yield f"architecture: {record.id}"
    yield f"genotype: {record.genotype}"
    for key, metric in record.metrics.items():
        notes = ", ".join([metric.source, *(f"{name} {value}" for name, value in metric.extra.items())])
        yield f"{key}: {metric.value:.10g} {metric.unit} ({notes})"
    if not request.empty:
        yield f"constraints: {request.describe(space)}"
    for key, value in record.provenance.items():
        yield f"{key}: {value}"


def write_lines(sink: Sink, lines: Sequence[str], output: Path | None, force: bool) -> None:
    """Genotypes or records, one per line, to standard output or a file."""
    if output is None:
        for line in lines:
            sink.line(line)
        return
    atomic_write(output, "".join(f"{line}\n" for line in lines), force=force)
    sink.say(f"wrote {_count(len(lines), 'architecture')} to {output}")


def write_networks(sink: Sink, networks: Sequence[tuple[str, str]], output: Path | None, force: bool) -> None:
    """One source to standard output or a file, or several to a folder; no file is written unless all names are free."""
    if output is None or (output.suffix == ".py" and not output.is_dir()):
        if len(networks) > 1:
            raise UsageProblem(f"{len(networks)} networks do not fit into one file", "name a folder with -o FOLDER")
        if output is None:
            sink.line(networks[0][1].rstrip("\n"))
            return
        files = {output: networks[0][1]}
    else:
        make_dir(output)
        # Reversed, so that of equal cells the first one is kept, with its metrics.
        files = {output / name: source for name, source in reversed(networks)}
    for path in files:
        check_target(path, force=force)
    for path, source in files.items():
        atomic_write(path, source, force=force)
    repeated = len(networks) - len(files)
    sink.say(f"wrote {_count(len(files), 'network')} to {output}" + (f" ({repeated} repeated)" if repeated else ""))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
