"""``dinas checkpoints``: the trained models this installation knows, and where they come from."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import typer

from dinas_cli.options import JsonOption, QuietOption, complete_checkpoint
from dinas_cli.output import Column, Sink
from dinas_cli.registry import Checkpoint, find_checkpoint, load_registry, verify, weights_dir

app = typer.Typer(no_args_is_help=True, help="List trained models and what they were trained on.")

COLUMNS = [
    Column("name", "checkpoint"),
    Column("kind", "kind"),
    Column("space", "space"),
    Column("bytes", "bytes", align="right"),
    Column("label_budget", "labels", align="right"),
    Column("licence", "licence"),
    Column("status", "status"),
]


@app.command("list")
def list_(json: JsonOption = False, quiet: QuietOption = False) -> None:
    """List the registry; status says whether a file is here and unaltered."""
    sink = Sink.open(json=json, quiet=quiet)
    rows = [_row(entry) for entry in load_registry().values()]
    sink.table(COLUMNS, rows)
    if not rows:
        sink.say("the registry (checkpoints.toml) has no entries")


@app.command()
def info(
    name: Annotated[str, typer.Argument(metavar="NAME", autocompletion=complete_checkpoint)],
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show one in full: file, hash, licence, conditions, training command and figures."""
    Sink.open(json=json, quiet=quiet).details(_row(find_checkpoint(name)))


def status(entry: Checkpoint) -> str:
    """``ok``, ``missing``, ``altered: …``, or ``not bundled``."""
    path = weights_dir() / entry.filename
    if not entry.bundled:
        return "not bundled"
    if not path.is_file():
        return "missing"
    problem = verify(entry, path)
    return "ok" if problem is None else f"altered: {problem}"


def _row(entry: Checkpoint) -> dict[str, Any]:
    path = weights_dir() / entry.filename
    place = (
        str(path) if entry.bundled else f"https://huggingface.co/{entry.repo_id}/blob/{entry.revision}/{entry.filename}"
    )
    return {**dataclasses.asdict(entry), "status": status(entry), "place": place}
