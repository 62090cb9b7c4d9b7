"""``dinas tables``: import benchmark files, list, find and remove the tables made of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from dinas_cli.cli.completion import complete_space
from dinas_cli.cli.options import ForceOption, JsonOption, QuietOption, dataset_option
from dinas_cli.cli.output import Column, Sink
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem, reason_of
from dinas_cli.files.locks import locked
from dinas_cli.oracles.tables import find_table, table_path
from dinas_cli.spaces.registry import get_space, space_names

app = typer.Typer(no_args_is_help=True, help="Import, list and remove benchmark tables.")

SpaceArgument = Annotated[str, typer.Argument(metavar="SPACE", help="Search space.", autocompletion=complete_space)]
CostDatasetOption = Annotated[str | None, dataset_option("What device costs were measured for, if no file says so.")]
TABLES = [
    Column("space", "space"),
    Column("rows", "rows", right=True),
    Column("columns", "columns", right=True),
    Column("bytes", "bytes", right=True),
    Column("path", "path"),
]
COLUMNS = [
    Column("column", "column"),
    Column("unit", "unit"),
    Column("known", "known", right=True),
    Column("source", "source"),
]


@app.command("import")
def import_(
    space: SpaceArgument,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Official files or CSV tables (default: those of an installed package)."),
    ] = None,
    dataset: CostDatasetOption = None,
    partial: Annotated[bool, typer.Option("--partial", help="Accept files that do not cover the space.")] = False,
    force: ForceOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add the columns of benchmark files to a table.

    All of them are added or, on any error, none. What files a space reads: dinas spaces NAME. They are recognised by
    content; nasbench-graph comes with the extra graph and needs none. --dataset says what costs were measured for where
    neither the file nor its name does. --force replaces columns that hold other values.
    """
    from dinas_cli.oracles.importers import import_files, installed_files

    sink = Sink.open(json=json, quiet=quiet)
    target = get_space(space)
    result = import_files(
        target,
        files or installed_files(target),
        dataset=dataset,
        force=force,
        partial=partial,
        reading=lambda path: sink.say(f"reading {path}"),
    )
    outcomes = {"added": result.added, "replaced": result.replaced, "unchanged": result.unchanged}
    table = find_table(result.space)
    infos = {} if table is None else table.columns
    sink.table(
        [Column("column"), Column("outcome"), Column("unit"), Column("source")],
        [
            {"column": name, "outcome": outcome, "unit": infos[name].unit, "source": infos[name].source}
            for outcome, names in outcomes.items()
            for name in names
        ],
    )
    for note in result.notes:
        sink.say(f"note: {note}")
    counts = ", ".join(f"{len(names)} {outcome}" for outcome, names in outcomes.items() if names)
    sink.say(f"{result.path}: {result.rows} architectures; columns: {counts}")


@app.command("list")
def list_(
    space: Annotated[
        str | None, typer.Argument(metavar="SPACE", help="List its columns.", autocompletion=complete_space)
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List imported tables, or the columns of one.

    Of a column it says how many architectures have a value.
    """
    sink = Sink.open(json=json, quiet=quiet)
    if space is None:
        _list_tables(sink)
        return
    import numpy as np

    name = get_space(space).name
    table = find_table(name)
    if table is None:
        raise _none(name)
    sink.table(
        COLUMNS,
        [
            {
                "column": key,
                "unit": info.unit,
                "known": int(np.count_nonzero(~np.isnan(table.column(key)))),
                "source": info.source,
            }
            for key, info in table.columns.items()
        ],
    )


@app.command()
def path(space: SpaceArgument, quiet: QuietOption = False) -> None:
    """Print where the table of a space is."""
    name = get_space(space).name
    where = table_path(name)
    if not where.is_file():
        raise _none(name)
    Sink.open(quiet=quiet).line(str(where))


@app.command()
def rm(
    space: SpaceArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Remove the table of a space, after asking."""
    name = get_space(space).name
    where = table_path(name)
    if not where.is_file():
        raise _none(name)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageProblem(f"removing {where} needs a confirmation", f"dinas tables rm {name} --yes")
        typer.confirm(f"remove {where}?", abort=True, err=True)
    try:
        with locked(where):
            where.unlink()
    except OSError as error:
        raise DinasError(f"cannot remove {where}: {reason_of(error)}") from error
    Sink.open(quiet=quiet).say(f"removed {where}")


def _list_tables(sink: Sink) -> None:
    """List every table; a broken one is named, the others still listed, and the command fails."""
    rows, broken = [], False
    for name in space_names():
        try:
            table = find_table(name)
        except CorruptFileError as error:
            broken = True
            sink.error(error.message, error.hint)
            continue
        if table is not None:
            rows.append(
                {
                    "space": name,
                    "rows": table.rows,
                    "columns": len(table.columns),
                    "bytes": table.path.stat().st_size,
                    "path": str(table.path),
                    "sources": table.sources,
                }
            )
    sink.table(TABLES, rows)
    if broken:
        raise typer.Exit(1)
    if not rows:
        sink.say("no tables here; import one with: dinas tables import SPACE FILE...")


def _none(name: str) -> NotFoundError:
    return NotFoundError(f"no table of {name} has been imported", f"dinas tables import {name} FILE...")
