"""``dinas bench``: the published experiments, run again on this machine with baselines beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dinas_cli.bench.runner import ALL, SUITES
from dinas_cli.cli.completion import complete_space
from dinas_cli.cli.options import ForceOption, JsonOption, QuietOption
from dinas_cli.cli.search_options import AddressOption, CpusOption, EngineOption, GpusOption, cluster_of
from dinas_cli.errors import DinasError, need_packages

if TYPE_CHECKING:
    from dinas_cli.bench.experiments import Options, Suite
    from dinas_cli.bench.experiments import Table as Summary
    from dinas_cli.cli.output import Bar, Sink


def complete_suite(incomplete: str) -> list[str]:
    """Names of suites."""
    return [name for name in (*SUITES, ALL) if name.startswith(incomplete)]


SuiteOption = Annotated[
    str,
    typer.Option("--suite", metavar="|".join((*SUITES, ALL)), help="What to measure.", autocompletion=complete_suite),
]
SeedsOption = Annotated[
    int | None, typer.Option("--seeds", min=1, metavar="INT", help="How many seeds (default: the suite's own).")
]
SpacesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--space",
        "-s",
        metavar="NAME",
        help="Search space, may be repeated (default: all of the suite's).",
        autocompletion=complete_space,
    ),
]
DataOption = Annotated[
    list[Path] | None,
    typer.Option("--data", metavar="PATH", help="Benchmark file, may be repeated (default: the imported tables)."),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o", metavar="FILE", help="Results as JSON (default: dinas-SUITE.json); of all suites, their folder."
    ),
]
QuickOption = Annotated[
    bool, typer.Option("--quick", help="A coarse version, in minutes; without it the same command goes on from there.")
]
PageOption = Annotated[
    Path | None, typer.Option("--page", metavar="HTML", help="The tables as a page of its own, for any browser.")
]
WorkOption = Annotated[
    Path, typer.Option("--work", metavar="FOLDER", help="Where models that a suite trains are kept.")
]


def command(
    context: typer.Context,
    suite: SuiteOption = "paper",
    quick: QuickOption = False,
    seeds: SeedsOption = None,
    space: SpacesOption = None,
    data: DataOption = None,
    out: OutOption = None,
    page: PageOption = None,
    work: WorkOption = Path("dinas-bench"),
    engine: EngineOption = "local",
    address: AddressOption = None,
    cpus: CpusOption = None,
    gpus: GpusOption = None,
    force: ForceOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run a suite of experiments and show its tables.

    paper: search with and without counting training labels, beside baselines. constraints: fronts of accuracy and
    latency. samplers: the paper's own method, steps and guidance. speed: milliseconds per architecture. all: one after
    the other.

    Needs the extra bench (pip install 'dinas[bench]') and the benchmarks' tables. What is done is kept in the results
    file: the same command goes on from there; --force starts anew. With --engine ray experiments run on a cluster whose
    nodes have the same tables and see the same --work.
    """
    modules = ("sklearn", "scipy", "torch_geometric")
    need_packages("dinas bench", "bench", dict(zip(modules, modules, strict=True)))
    from dinas_cli.bench.on_ray import on_cluster
    from dinas_cli.bench.runner import run
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.recorded import recorded

    sink = Sink.open(json=json, quiet=quiet)
    runs = planned(suite, Given(quick, seeds, tuple(space or ()), tuple(data or ()), out, work))
    if page is not None:
        check_page(page, force=force)
    cluster = cluster_of(engine, None, address, cpus, gpus)
    reports = []
    for chosen, options, path in runs:
        with sink.progress(chosen.name, 1) as bar:

            def progress(done: int, of: int, key: str, bar: Bar = bar) -> None:
                bar.update(done / max(of, 1), f"{done} of {of} {key}")

            place = None if cluster is None else on_cluster(cluster)
            try:
                report = run(
                    chosen, options, path, command=recorded(context), force=force, progress=progress, place=place
                )
            except KeyboardInterrupt:
                sink.warn(f"interrupted: what is done is kept in {path}; the same command goes on")
                raise
        show(sink, chosen, report.experiments)
        sink.say(f"results: {path}")
        reports.append((chosen, report))
    if page is not None:
        from dinas_cli.cli.bench_page import page_of
        from dinas_cli.files.atomic import atomic_write

        atomic_write(page, page_of(reports), force=force)
        sink.say(f"page: {page}")


@dataclass(frozen=True)
class Given:
    """What the options say about suites."""

    quick: bool
    seeds: int | None
    spaces: tuple[str, ...]
    files: tuple[Path, ...]
    out: Path | None
    work: Path


def planned(suite: str, given: Given) -> list[tuple[Suite, Options, Path]]:
    """The suites to run, how, and where their results go; of all suites, those that know one of the spaces.

    Raises :class:`UsageProblem` for a name that is none, or of a space that no suite knows.
    """
    from dinas_cli.bench.experiments import Options
    from dinas_cli.bench.runner import load_suite
    from dinas_cli.errors import find_name
    from dinas_cli.files.atomic import make_dir
    from dinas_cli.spaces.registry import get_space

    asked = tuple(dict.fromkeys(get_space(name).name for name in given.spaces))
    suites = [load_suite(name) for name in (SUITES if suite == ALL else (suite,))]
    known = tuple(dict.fromkeys(name for each in suites for name in each.spaces))
    for name in asked:
        find_name(name, known, f"space of suite {suite}")
    folder = make_dir(given.out) if suite == ALL and given.out is not None else Path()
    found: list[tuple[Suite, Options, Path]] = []
    for each in suites:
        names = tuple(name for name in asked or each.spaces if name in each.spaces)
        if not names:
            continue
        path = given.out if given.out is not None and suite != ALL else folder / f"dinas-{each.name}.json"
        found.append((each, Options(names, given.seeds or each.seeds, given.work, given.files, given.quick), path))
    return found


def check_page(page: Path, *, force: bool) -> None:
    """Raise :class:`UsageProblem` for a file of another kind, and what :func:`.check_target` does, before any work."""
    from dinas_cli.errors import UsageProblem
    from dinas_cli.files.atomic import check_target
    from dinas_cli.report.page import need_plotly

    if page.suffix != ".html":
        raise UsageProblem(f"--page {page} is no .html", "for example: --page bench.html")
    check_target(page, force=force)
    need_plotly()


def show(sink: Sink, suite: Suite, results: dict[str, dict[str, object]]) -> None:
    """The suite's tables: on a terminal with titles and notes, as TSV one after the other, as JSON row by row."""
    tables = suite.tables(results)
    if not tables:
        raise DinasError(f"suite {suite.name} has no results to show", "see: dinas bench --help")
    for table in tables:
        show_table(sink, table)
    for note in dict.fromkeys(table.note for table in tables if table.note):
        sink.say(note)


def show_table(sink: Sink, table: Summary) -> None:
    """One of them."""
    from dinas_cli.cli.output import Column
    from dinas_cli.cli.screen import fold

    if sink.mode == "human":
        for line in ("", *fold(table.title, sink.screen.width)):
            sink.line(line)
    elif sink.mode == "tsv":
        sink.line(f"# {table.title}")
    rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    if sink.mode == "json":
        rows = [{"table": table.title, **row} for row in rows]
    sink.table([Column(name) for name in table.header], rows)
