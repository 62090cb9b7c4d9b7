"""``dinas push``: publish weight files on the Hub with a generated card, and print the entries that pin them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from dinas_cli.checkpoints.card import model_card
from dinas_cli.checkpoints.checkpoint import Checkpoint, to_toml
from dinas_cli.checkpoints.registry import load_registry, obtain
from dinas_cli.cli.completion import complete_checkpoint
from dinas_cli.cli.options import JsonOption, OfflineOption, QuietOption, RegistryOption
from dinas_cli.cli.output import Sink
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem, reason_of
from dinas_cli.files.atomic import expanded

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors")


def command(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|NAME|FOLDER",
            help="Files of weights or tables, names in the registry, or a folder of dinas fit.",
            autocompletion=complete_checkpoint,
        ),
    ],
    repo: Annotated[str, typer.Option("--repo", metavar="OWNER/NAME", help="Repository, made if it is new.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Name of the entry (default: the file's).")
    ] = None,
    licence: Annotated[str | None, typer.Option("--licence", metavar="ID", help="Licence (default MIT).")] = None,
    made_by: Annotated[
        str | None, typer.Option("--command", metavar="TEXT", help="How it was made, if the file does not say.")
    ] = None,
    figures: Annotated[
        Path | None, typer.Option("--figures", metavar="FILE", help="Measured figures, a JSON object.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Make a new repository private.")] = False,
    message: Annotated[
        str, typer.Option("--message", "-m", metavar="TEXT", help="Commit message (default: the names).")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show card and entries, write nothing.")] = False,
    registry: RegistryOption = None,
    offline: OfflineOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Publish files in one commit and print their entries for checkpoints.toml, the commit pinned.

    A NAME of the registry takes licence, command and figures from its entry; a FILE tells them itself or takes the
    options. A FOLDER of dinas fit becomes a repository of its own, with its card. HF_TOKEN must be allowed to write,
    except for --dry-run.
    """
    from dinas_cli.checkpoints.publish import push, repository_state
    from dinas_cli.cli.push_network import check_meaning, push_folder
    from dinas_cli.search.fit.publish import is_network

    if not _REPOSITORY.fullmatch(repo):
        raise UsageProblem(f"{repo!r} is no repository", "it has the form OWNER/NAME")
    if name is not None and len(files) > 1:
        raise UsageProblem("--name is for a single file", "leave it out: each entry is named like its file")
    sink = Sink.open(json=json, quiet=quiet)
    if any(is_network(expanded(item)) for item in files):
        if len(files) > 1:
            raise UsageProblem("a trained network is a repository of its own", "push one folder at a time")
        check_meaning({"--name": name, "--command": made_by, "--figures": figures})
        push_folder(sink, expanded(files[0]), repo, licence=licence, private=private, message=message, dry_run=dry_run)
        return
    given = None if figures is None else _read_figures(figures)
    uploads = [_upload(item, name, licence, made_by, given) for item in files]
    names = [upload.entry.filename for upload in uploads]
    if len(set(names)) < len(names):
        raise UsageProblem("two files have the same name", "give each another name, or another repository")
    for upload in uploads:
        try:
            tomllib.loads(to_toml(upload.entry))
        except (ValueError, RecursionError) as error:  # a null, for example
            raise UsageProblem(
                f"the entry of {upload.entry.name} cannot be written: {error}", "see --figures"
            ) from error
    if dry_run:
        state = repository_state(repo)
        card = model_card(repo, [upload.entry for upload in uploads])
        sink.say(f"repository {repo}: {state}")
        for upload in uploads:
            sink.say(f"would upload {upload.entry.filename} ({upload.entry.bytes} bytes) from {upload.path}")
        sink.say(f"would upload README.md ({len(card.encode())} bytes):")
        sink.say("")
        for line in card.splitlines():
            sink.say(line)
        sink.say("nothing was written (--dry-run); the entries get their revision when it is")
        _show([upload.entry for upload in uploads], sink, repo=repo, repository=state, card=card, dry_run=True)
        return
    entries = push(repo, uploads, private=private, message=message)
    _show(entries, sink, repo=repo, dry_run=False)
    sink.say("put this into checkpoints.toml, or into a file of your own named by DINAS_CHECKPOINTS or --registry")


def _upload(item: str, name: str | None, licence: str | None, made_by: str | None, figures: Any) -> Any:
    """What to publish for a registry name or a file."""
    from dinas_cli.checkpoints.publish import Upload, describe

    entry = load_registry().get(item)
    if entry is not None and not Path(item).is_file():
        changes = {"name": name, "licence": licence, "command": made_by, "figures": figures}
        kept = replace(entry, **{key: value for key, value in changes.items() if value is not None})
        return Upload(obtain(entry), replace(kept, repo_id=None, revision=None))
    path = expanded(item)
    if not path.is_file():
        raise NotFoundError(f"{item} is neither a file nor in the registry", "dinas checkpoints list")
    if not _FILENAME.fullmatch(path.name):
        raise UsageProblem(f"{path.name!r} cannot be published", "rename it: letters, digits, dots, … .safetensors")
    return describe(path, name=name or path.stem, licence=licence or "MIT", command=made_by, figures=figures or {})


def _read_figures(path: Path) -> dict[str, Any]:
    import json

    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {path}", "--figures names a JSON object of measured figures") from error
    except OSError as error:
        raise DinasError(f"cannot read {path}: {reason_of(error)}") from error
    except ValueError as error:
        raise CorruptFileError(f"{path} is not JSON: {error}", "--figures names a JSON object") from error
    if not isinstance(data, dict):
        raise CorruptFileError(f"{path} is no JSON object of figures", 'for example: {"accuracy": 0.9}')
    return data


def _show(entries: list[Checkpoint], sink: Sink, **about: Any) -> None:
    """The entries as TOML, or with ``--json`` one object each."""
    for entry in entries:
        if sink.mode == "json":
            sink.table((), [{**asdict(entry), **about, "toml": to_toml(entry)}])
        else:
            sink.line(to_toml(entry))
