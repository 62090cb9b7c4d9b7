"""Publishing weight files on the Hub: what a file says of itself, one commit with its card, the entry that pins it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dinas_cli.checkpoints.card import model_card
from dinas_cli.checkpoints.checkpoint import Checkpoint, Kind
from dinas_cli.checkpoints.copies import verify
from dinas_cli.checkpoints.downloads import rebuild
from dinas_cli.checkpoints.hub import endpoint, hub_errors
from dinas_cli.checkpoints.metadata import read_metadata
from dinas_cli.checkpoints.network import Probe, offline
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, OfflineError, UsageProblem
from dinas_cli.files.atomic import sha256_file
from dinas_cli.files.columns import split_column
from dinas_cli.files.weights import UNREADABLE

SCHEMAS: dict[str, Kind] = {
    "dinas/generator@1": "generator",
    "dinas/surrogate@1": "surrogate",
    "dinas/table@1": "table",
}


_PLACE = re.compile(r"(?<![\w.:/])(?:~|\.{0,2}/|[A-Za-z]:[\\/]).*|(?<=-[a-z])(?:~|\.{0,2}/).*", re.DOTALL)
"""A path in a word of a command: after an option's letter, after ``=``, or the word itself."""


@dataclass(frozen=True)
class Upload:
    """A file to be published, with the entry that will describe it (``revision`` is known afterwards)."""

    path: Path
    entry: Checkpoint


def describe(path: Path, *, name: str, licence: str, command: str | None, figures: dict[str, Any]) -> Upload:
    """The entry of a weight file or table, from its own metadata.

    Raises :class:`NotFoundError`, :class:`CorruptFileError` for a file that is truncated or not of ours, and
    :class:`UsageProblem` where the training command is neither in the file nor given.
    """
    metadata = read_metadata(path)
    kind = SCHEMAS.get(metadata.get("schema", ""))
    if kind is None:
        raise CorruptFileError(f"{path} is no weight file or table of dinas", "name files that dinas train has written")
    _check_length(path)
    try:
        config: dict[str, Any] = dict(metadata) if kind == "table" else json.loads(metadata["config"])
        space, conditions = str(config["space"]), _conditions(kind, config)
        made_by = command or config.get("command")
        training = config.get("training")
        seed = config.get("seed", training.get("seed", 0) if isinstance(training, dict) else 0)
        seed, label_budget = int(seed or 0), int(config.get("label_budget", 0))
    except UNREADABLE as error:
        raise CorruptFileError(f"{path}: its description is not readable") from error
    if not made_by:
        raise UsageProblem(f"{path} does not say how it was made", "give --command 'dinas train …'")
    entry = Checkpoint(
        name=name,
        kind=kind,
        space=space,
        filename=path.name,
        sha256=sha256_file(path),
        bytes=path.stat().st_size,
        licence=licence,
        bundled=False,
        command=without_places(str(made_by)),
        conditions=conditions,
        label_budget=label_budget,
        seed=seed,
        figures=figures or _figures(config),
    )
    return Upload(path, entry)


def without_places(command: str) -> str:
    """``command`` with what stands for folders of this machine, in whatever form they were glued to their options."""
    try:
        words = shlex.split(command)
    except ValueError:
        return _PLACE.sub("PATH", command)
    told = [_PLACE.sub("PATH", word) for word in words]
    return command if told == words else shlex.join(told)


def push(repo_id: str, uploads: Sequence[Upload], *, private: bool = False, message: str = "") -> list[Checkpoint]:
    """Put files and card into a repository, made if need be, in one commit; the entries with the commit pinned.

    What the Hub then serves is compared with what was meant. Raises :class:`OfflineError`, :class:`NotFoundError`
    (no token, no permission), :class:`CorruptFileError`, :class:`DinasError`.
    """
    files: dict[str, Path | bytes] = {upload.entry.filename: upload.path for upload in uploads}
    files["README.md"] = model_card(repo_id, [upload.entry for upload in uploads]).encode()
    named = f"{', '.join(upload.entry.name for upload in uploads)}: weights and card"
    revision = commit(repo_id, files, private=private, message=message or named)
    pinned = [replace(upload.entry, repo_id=repo_id, revision=revision) for upload in uploads]
    for upload, entry in zip(uploads, pinned, strict=True):
        if not served(repo_id, revision, entry.filename, entry.bytes, entry.sha256):
            raise CorruptFileError(f"{repo_id} serves another file than {entry.filename} was", rebuild(entry))
        problem = verify(entry, upload.path)
        if problem is not None:
            raise CorruptFileError(f"{upload.path} changed during the upload: {problem}", "push it again")
    return pinned


def commit(repo_id: str, files: Mapping[str, Path | bytes], *, private: bool, message: str) -> str:
    """Put files into a repository, made if need be, in one commit, whose SHA is returned.

    Raises :class:`OfflineError`, :class:`NotFoundError` (no token, no permission) and :class:`DinasError`.
    """
    from huggingface_hub import CommitOperationAdd, HfApi, get_token
    from huggingface_hub.utils.tqdm import disable_progress_bars

    if offline():
        raise OfflineError("nothing can be published: the network is switched off", "unset HF_HUB_OFFLINE")
    if get_token() is None:
        raise NotFoundError("no token for the Hub", f"make one that may write at {endpoint()}, then set HF_TOKEN")
    Probe([endpoint()]).require(endpoint())
    api = HfApi(endpoint=endpoint(), library_name="dinas")
    with hub_errors(f"hf://{repo_id}"):
        disable_progress_bars()
        api.create_repo(repo_id, exist_ok=True, private=private or None)
        operations = [CommitOperationAdd(path_in_repo=name, path_or_fileobj=content) for name, content in files.items()]
        return str(api.create_commit(repo_id, operations, commit_message=message).oid)


def repository_state(repo_id: str) -> str:
    """Whether a repository is there, asked without writing anything: ``exists``, ``new``, or why it is unknown."""
    from huggingface_hub import HfApi

    if offline():
        return "not asked: the network is switched off"
    try:
        Probe([endpoint()]).require(endpoint())
        with hub_errors(f"hf://{repo_id}"):
            found = HfApi(endpoint=endpoint(), library_name="dinas").repo_exists(repo_id)
    except DinasError as error:
        return f"unknown: {error.message}"
    return "exists" if found else "new"


def served(repo_id: str, revision: str, filename: str, size: int, sha256: str) -> bool:
    """Whether the Hub serves a file with this size and, where it tells one, this hash."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    with hub_errors(f"hf://{repo_id}"):
        url = hf_hub_url(repo_id, filename, revision=revision, endpoint=endpoint())
        found = get_hf_file_metadata(url, endpoint=endpoint(), library_name="dinas")
    told = found.etag is not None and len(found.etag) == 64
    return found.size == size and (not told or found.etag == sha256)


def _check_length(path: Path) -> None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy"):
            pass
    except (SafetensorError, OSError) as error:
        raise CorruptFileError(f"{path} is truncated or altered: {error}") from error


def _conditions(kind: Kind, config: dict[str, Any]) -> tuple[str, ...]:
    """What a generator can be asked for; of a surrogate or table, the metrics it answers."""
    if kind == "generator":
        return tuple(str(condition["name"]) for condition in config["conditions"])
    if kind == "table":
        columns = list(json.loads(config["columns"]))
    else:
        columns = [*config.get("quality", []), *(profile[0] for profile in config.get("profiles", []))]
    return tuple(dict.fromkeys(split_column(str(column))[0] for column in columns))


def _figures(config: dict[str, Any]) -> dict[str, Any]:
    """Figures a file carries itself: the held-out rank correlation of a surrogate."""
    tau = config.get("kendall_tau")
    return {"kendall_tau": tau} if isinstance(tau, dict) and tau else {}
