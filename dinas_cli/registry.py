"""The registry of trained models: ``checkpoints.toml`` read strictly, and the one place that finds their files."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem
from dinas_cli.files import sha256_file
from dinas_cli.spaces.base import suggest

Kind = Literal["generator", "surrogate"]
KINDS: tuple[Kind, ...] = ("generator", "surrogate")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors")


@dataclass(frozen=True)
class Checkpoint:
    """One entry of the registry."""

    name: str
    kind: Kind
    space: str
    filename: str
    """A plain file name, in the weights folder or in the Hub repository."""
    sha256: str
    bytes: int
    licence: str
    bundled: bool
    """Whether the file is in the package; otherwise ``repo_id`` and ``revision`` say where it is."""
    conditions: tuple[str, ...]
    """What a generator can be asked for, or what a surrogate answers."""
    label_budget: int
    """How many labelled architectures training saw."""
    seed: int
    command: str
    """The one command that reproduces the file."""
    repo_id: str | None = None
    revision: str | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    """Measured figures by name."""


def weights_dir() -> Path:
    """The folder of bundled weights."""
    return Path(__file__).parent / "weights"


def registry_path() -> Path:
    """The registry that belongs to this installation: in the wheel, or at the top of a source checkout."""
    here = Path(__file__).parent
    for path in (here / "checkpoints.toml", here.parent / "checkpoints.toml"):
        if path.is_file():
            return path
    raise NotFoundError("checkpoints.toml is missing from this installation", "install dinas again")


def load_registry() -> dict[str, Checkpoint]:
    """All entries by name, those of the file named by ``DINAS_CHECKPOINTS`` last (they may replace others).

    Raises :class:`CorruptFileError` naming file, entry and key for anything unknown, missing or of the wrong type.
    """
    entries = read_registry(registry_path())
    further = os.environ.get("DINAS_CHECKPOINTS")
    if further:
        entries |= read_registry(Path(further).expanduser())
    return entries


def read_registry(path: Path) -> dict[str, Checkpoint]:
    """The entries of one file; see :func:`load_registry` for the errors."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {path}", "DINAS_CHECKPOINTS names a file like checkpoints.toml") from error
    except OSError as error:
        raise DinasError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:  # TOML or UTF-8
        raise CorruptFileError(f"{path} is not TOML: {error}") from error
    unknown = sorted(set(data) - {"checkpoints"})
    if unknown:
        raise CorruptFileError(f"{path}: unknown key {unknown[0]!r}", "entries are tables [checkpoints.NAME]")
    tables = data.get("checkpoints", {})
    if not isinstance(tables, dict):
        raise CorruptFileError(f"{path}: 'checkpoints' is not a table", "entries are tables [checkpoints.NAME]")
    return {name: _entry(f"{path}: checkpoints.{name}", name, table) for name, table in tables.items()}


def find_checkpoint(name: str) -> Checkpoint:
    """An entry by name; raises :class:`NotFoundError` with a suggestion."""
    entries = load_registry()
    if name not in entries:
        raise NotFoundError(f"no checkpoint {name!r}", suggest(name, entries, "checkpoints"))
    return entries[name]


def default_checkpoint(space: str, kind: Kind) -> Checkpoint:
    """The first entry of a space and kind; raises :class:`NotFoundError` when there is none."""
    for entry in load_registry().values():
        if (entry.space, entry.kind) == (space, kind):
            return entry
    hint = f"dinas train --space {space} --help" if kind == "generator" else "dinas checkpoints list"
    raise NotFoundError(f"no {kind} for space {space!r}", hint)


def resolve(name_or_path: str | None, space: str, kind: Kind) -> Path:
    """The file of a model: an explicit path, an entry's name, or (``None``) the default of the space.

    Bundled files are checked against their SHA-256. Raises :class:`NotFoundError`, :class:`CorruptFileError`, or
    :class:`UsageProblem` for an entry of another space or kind. A path is taken as it is: whoever loads it checks it.
    """
    if name_or_path is not None and _looks_like_path(name_or_path):
        path = Path(name_or_path).expanduser()
        if not path.is_file():
            raise NotFoundError(f"no such file: {name_or_path}", "dinas checkpoints list")
        return path
    entry = default_checkpoint(space, kind) if name_or_path is None else find_checkpoint(name_or_path)
    if (entry.space, entry.kind) != (space, kind):
        raise UsageProblem(
            f"checkpoint {entry.name!r} is a {entry.kind} of {entry.space}, not a {kind} of {space}",
            "dinas checkpoints list",
        )
    path = weights_dir() / entry.filename
    if not entry.bundled or not path.is_file():
        hint = "install dinas again" if entry.bundled else f"give the file itself with --checkpoint {entry.filename}"
        raise NotFoundError(f"the weights of {entry.name!r} are not on this machine", hint)
    problem = verify(entry, path)
    if problem is not None:
        raise CorruptFileError(f"{path}: {problem}", "install dinas again")
    return path


def verify(entry: Checkpoint, path: Path) -> str | None:
    """What differs between a file and its entry, in a few words; ``None`` when nothing does."""
    size = path.stat().st_size
    if size != entry.bytes:
        return f"{size} bytes, not {entry.bytes}"
    digest = sha256_file(path)
    return None if digest == entry.sha256 else f"SHA-256 {digest[:12]}…, not {entry.sha256[:12]}…"


def _looks_like_path(text: str) -> bool:
    return text.endswith(".safetensors") or os.sep in text or Path(text).is_file()


def _entry(where: str, name: str, table: Any) -> Checkpoint:
    if not isinstance(table, dict):
        raise CorruptFileError(f"{where} is not a table")
    optional = {"repo_id", "revision", "figures"}
    names = [item.name for item in fields(Checkpoint) if item.name != "name"]
    for key in table:
        if key not in names:
            raise CorruptFileError(f"{where}: unknown key {key!r}", suggest(key, names, "keys"))
    for key in names:
        if key not in table and key not in optional:
            raise CorruptFileError(f"{where}: key {key!r} is missing")

    def value(key: str, kind: type, *, needed: bool = True) -> Any:
        item = table.get(key)
        if item is None and not needed:
            return None
        fits = isinstance(item, kind) and not (isinstance(item, bool) and kind is int)
        if not fits or (isinstance(item, int) and item < 0):
            raise CorruptFileError(f"{where}: {key!r} is {item!r}, not a {kind.__name__}")
        return item

    def matching(key: str, pattern: re.Pattern[str], what: str, *, needed: bool = True) -> Any:
        text = value(key, str, needed=needed)
        if text is not None and not pattern.fullmatch(text):
            raise CorruptFileError(f"{where}: {key!r} is {text!r}, not {what}")
        return text

    if value("kind", str) not in KINDS:
        raise CorruptFileError(f"{where}: 'kind' is {table['kind']!r}, not one of {', '.join(KINDS)}")
    entry = Checkpoint(
        name=name,
        kind=cast(Kind, table["kind"]),
        space=value("space", str),
        filename=matching("filename", _FILENAME, "a plain name ending in .safetensors"),
        sha256=matching("sha256", _DIGEST, "64 hexadecimal digits"),
        bytes=value("bytes", int),
        licence=value("licence", str),
        bundled=value("bundled", bool),
        conditions=tuple(value("conditions", list)),
        label_budget=value("label_budget", int),
        seed=value("seed", int),
        command=value("command", str),
        repo_id=value("repo_id", str, needed=False),
        revision=matching("revision", _COMMIT, "a full commit SHA", needed=False),
        figures=value("figures", dict, needed=False) or {},
    )
    if not all(isinstance(item, str) for item in entry.conditions):
        raise CorruptFileError(f"{where}: 'conditions' is not a list of names")
    if not entry.bundled and (entry.repo_id is None or entry.revision is None):
        raise CorruptFileError(f"{where}: neither bundled nor on the Hub", "give repo_id and revision")
    return entry
