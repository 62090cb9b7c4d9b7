"""``dinas download``: fetch trained models and tables ahead of time, so that everything works without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dinas_cli.checkpoints.checkpoint import Checkpoint
from dinas_cli.checkpoints.copies import find_copy
from dinas_cli.checkpoints.downloads import fetch, install_table
from dinas_cli.checkpoints.registry import find_checkpoint, load_registry
from dinas_cli.cli.completion import complete_checkpoint, complete_space
from dinas_cli.cli.options import ForceOption, JsonOption, OfflineOption, QuietOption, RegistryOption
from dinas_cli.cli.output import Column, Sink
from dinas_cli.errors import DinasError, NotFoundError, UsageProblem
from dinas_cli.spaces.registry import get_space

NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME", help="Names in the registry.", autocompletion=complete_checkpoint),
]
EntriesSpaceOption = Annotated[
    str | None,
    typer.Option("--space", "-s", metavar="NAME", help="Everything of a space.", autocompletion=complete_space),
]
COLUMNS = [
    Column("name", "checkpoint"),
    Column("kind", "kind"),
    Column("bytes", "bytes", right=True),
    Column("status", "status"),
    Column("source", "source"),
    Column("path", "path"),
]


def command(
    names: NamesArgument = None,
    space: EntriesSpaceOption = None,
    all_: Annotated[bool, typer.Option("--all", help="Everything in the registry.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show files and sizes, fetch nothing.")] = False,
    force: ForceOption = False,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Fetch entries of the registry that are not here yet, each verified before it is used.

    The repository on the Hub is tried first, then the mirrors in order. Files go into the Hub's own cache (HF_HOME);
    tables also into the folder of tables. --force fetches what the package brings, too, and replaces another table;
    a downloaded file with the right hash is never replaced.
    """
    sink = Sink.open(json=json, quiet=quiet, summary=True)
    entries = _selected(names or [], space, all_)
    rows: list[dict[str, Any]] = []
    failure: DinasError | None = None
    for entry in entries:
        try:
            rows.append(_plan(entry, force) if dry_run else _get(entry, sink, force))
        except DinasError as error:
            sink.error(error.message, error.hint)
            failure = failure or error
    sink.table(COLUMNS, rows)
    if dry_run:
        size = sum(row["bytes"] for row in rows if row["status"] == "to download")
        sink.say(f"{size} bytes to download; nothing was fetched (--dry-run)")
    if failure is not None:
        raise typer.Exit(failure.exit_code)


def _selected(names: list[str], space: str | None, everything: bool) -> list[Checkpoint]:
    if sum((bool(names), space is not None, everything)) != 1:
        raise UsageProblem("name what to download, or give either --space or --all", "dinas checkpoints list")
    if names:
        return [find_checkpoint(name) for name in dict.fromkeys(names)]
    entries = list(load_registry().values())
    if space is None:
        return entries
    wanted = get_space(space).name
    found = [entry for entry in entries if entry.space == wanted]
    if not found:
        raise NotFoundError(
            f"nothing for {wanted}, neither in this installation nor on the Hub yet",
            f"train it: dinas train --space {wanted} --help",
        )
    return found


def _plan(entry: Checkpoint, force: bool) -> dict[str, Any]:
    copy = find_copy(entry)
    origins = entry.sources()
    if copy is not None and not (force and origins):
        return _row(entry, copy.where if copy.where == "bundled" else "cached", None, copy.path)
    return _row(entry, "to download" if origins else "not on the Hub yet", origins[0] if origins else None, None)


def _get(entry: Checkpoint, sink: Sink, force: bool) -> dict[str, Any]:
    copy = None if force and entry.sources() else find_copy(entry)
    if copy is not None:
        row = _row(entry, copy.where if copy.where == "bundled" else "cached", None, copy.path)
    else:
        with sink.progress(entry.name, total=entry.bytes) as bar:
            fetched = fetch(entry, bar.update)
        for source, error in fetched.failures:
            sink.warn(f"{source} would not do: {error.message}")
        row = _row(entry, "downloaded", fetched.source, fetched.path)
    if entry.kind == "table":
        installed = install_table(entry, Path(row["path"]), force=force)
        row |= {"path": str(installed), "status": f"{row['status']}, installed"}
    return row


def _row(entry: Checkpoint, status: str, source: Any, path: Path | None) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "space": entry.space,
        "bytes": entry.bytes,
        "sha256": entry.sha256,
        "status": status,
        "source": None if source is None else str(source),
        "path": None if path is None else str(path),
    }
