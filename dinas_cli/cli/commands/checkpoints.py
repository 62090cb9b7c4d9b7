"""``dinas checkpoints``: the trained models this installation knows, whether they are here, and unaltered."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from dinas_cli.checkpoints.checkpoint import Checkpoint, to_toml
from dinas_cli.checkpoints.copies import discard, find_copies, reinstall, status
from dinas_cli.checkpoints.registry import broken_registries, find_checkpoint, load_registry
from dinas_cli.cli.completion import complete_checkpoint
from dinas_cli.cli.options import JsonOption, QuietOption, RegistryOption, WideOption
from dinas_cli.cli.output import Column, Sink
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem

app = typer.Typer(no_args_is_help=True, help="List, show, verify and remove trained models. Never uses the network.")

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name in the registry.", autocompletion=complete_checkpoint)
]
NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="Names in the registry (default: all).", autocompletion=complete_checkpoint),
]
COLUMNS = [
    Column("name", "checkpoint"),
    Column("kind", "kind"),
    Column("space", "space"),
    Column("bytes", minor=True),
    Column("label_budget", "labels", minor=True),
    Column("licence", minor=True),
    Column("status", "status"),
]
COPIES = [Column("name", "checkpoint"), Column("where", "where"), Column("status", "status"), Column("path", "path")]


@app.command("list")
def list_(
    registry: RegistryOption = None, wide: WideOption = False, json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """List the registry and whether files are here, unaltered."""
    sink = Sink.open(json=json, quiet=quiet, wide=wide)
    rows = [_row(entry) for entry in load_registry().values()]
    sink.table(COLUMNS, rows)
    for error in broken_registries():
        sink.warn(error.message)
    if not rows:
        sink.say("the registry (checkpoints.toml) has no entries")
    if any(row["status"] == "not downloaded" for row in rows):
        sink.say("get what is not downloaded with: dinas download NAME")


@app.command()
def info(
    name: NameArgument, registry: RegistryOption = None, json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Show one in full.

    File, hash, licence, sources, conditions, training command and figures.
    """
    Sink.open(json=json, quiet=quiet).details(_row(find_checkpoint(name)))


@app.command()
def verify(
    names: NamesArgument = None,
    registry: RegistryOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Hash every copy that is here; exit with 1 if one is altered."""
    sink = Sink.open(json=json, quiet=quiet)
    entries = [find_checkpoint(name) for name in names] if names else list(load_registry().values())
    rows: list[dict[str, Any]] = []
    failed: dict[str, str] = {}
    for entry in entries:
        found = find_copies(entry)
        for copy in found:
            state = "ok" if copy.problem is None else f"altered: {copy.problem}"
            rows.append({"name": entry.name, "where": copy.where, "status": state, "path": str(copy.path)})
            if copy.problem is not None:
                bundled = copy.where == "bundled"
                failed[entry.name] = reinstall(entry) if bundled else f"dinas download {entry.name} --force"
        if not found:
            rows.append({"name": entry.name, "where": None, "status": status(entry), "path": None})
            if entry.bundled:
                failed[entry.name] = reinstall(entry)
            elif names:
                raise _absent(entry)
    sink.table(COPIES, rows)
    for name, hint in failed.items():
        sink.error(f"{name} is not as published", hint)
    if failed:
        raise typer.Exit(CorruptFileError.exit_code)


@app.command()
def path(name: NameArgument, registry: RegistryOption = None, quiet: QuietOption = False) -> None:
    """Print where the file is; exit with 3 if it is not here."""
    entry = find_checkpoint(name)
    found = find_copies(entry)
    good = [copy for copy in found if copy.problem is None]
    if good:
        Sink.open(quiet=quiet).line(str(good[0].path))
    elif found:
        raise CorruptFileError(f"{found[0].path}: {found[0].problem}", f"dinas checkpoints verify {name}")
    else:
        raise _absent(entry)


@app.command()
def rm(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    registry: RegistryOption = None,
    quiet: QuietOption = False,
) -> None:
    """Remove downloaded copies, after asking.

    What belongs to the package stays.
    """
    entry = find_checkpoint(name)
    paths = [copy.path for copy in find_copies(entry) if copy.where == "cache"]
    if not paths:
        if entry.bundled:
            raise DinasError(f"{name} is part of the package; no copy of it was downloaded", "dinas checkpoints list")
        raise _absent(entry)
    if not yes:
        if not sys.stdin.isatty():
            raise UsageProblem(f"removing {paths[0]} needs a confirmation", f"dinas checkpoints rm {name} --yes")
        typer.confirm(f"remove {', '.join(map(str, paths))}?", abort=True, err=True)
    sink = Sink.open(quiet=quiet)
    for each in paths:
        discard(each)
        sink.say(f"removed {each}")


@app.command()
def entry(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Files that dinas train has written.")],
    licence: Annotated[str, typer.Option("--licence", metavar="ID", help="Licence of the weights.")] = "MIT",
    quiet: QuietOption = False,
) -> None:
    """Write entries for a package of your own.

    They go into its checkpoints.toml, the files into the folder weights beside it; the package brings the space.
    """
    from dinas_cli.checkpoints.publish import describe

    sink = Sink.open(quiet=quiet)
    for file in files:
        described = describe(file, name=file.stem, licence=licence, command=None, figures={}).entry
        sink.line(to_toml(dataclasses.replace(described, bundled=True)))


def _absent(entry: Checkpoint) -> NotFoundError:
    hint = f"dinas download {entry.name}" if entry.sources() else reinstall(entry)
    return NotFoundError(f"{entry.name} is not on this machine", hint)


def _row(entry: Checkpoint) -> dict[str, Any]:
    found = find_copies(entry)
    origins = [str(source) for source in entry.sources()]
    place = str(found[0].path) if found else (origins[0] if origins else None)
    hub = "not on the Hub yet" if entry.repo_id is None else f"{entry.repo_id}@{entry.revision}"
    return {**dataclasses.asdict(entry), "status": status(entry), "place": place, "hub": hub, "sources": origins}
