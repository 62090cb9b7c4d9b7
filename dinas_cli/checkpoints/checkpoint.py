"""One entry of the registry: its fields, the strict reading of its TOML table, and the writing of one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast

from dinas_cli.checkpoints.sources import HubSource, Source, parse_mirror
from dinas_cli.errors import CorruptFileError, suggest

Kind = Literal["generator", "surrogate", "table"]
KINDS: tuple[Kind, ...] = ("generator", "surrogate", "table")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors")
_REPOSITORY = re.compile(r"(datasets/)?[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_OPTIONAL = {"repo_id", "revision", "mirrors", "figures"}
_OPTIONAL_OF_TABLES = {"conditions", "label_budget", "seed"}


@dataclass(frozen=True)
class Checkpoint:
    """One entry of the registry: a trained model or a benchmark table."""

    name: str
    kind: Kind
    space: str
    filename: str
    """A plain file name, the same in the weights folder, in a Hub repository and in a folder of copies."""
    sha256: str
    bytes: int
    licence: str
    bundled: bool
    """Whether the file is in the package; otherwise a repository or mirrors say where it is."""
    command: str
    """The one command that reproduces the file."""
    conditions: tuple[str, ...] = ()
    """What a generator can be asked for, or what a surrogate or table answers."""
    label_budget: int = 0
    """How many labelled architectures training saw."""
    seed: int = 0
    repo_id: str | None = None
    """``owner/name`` on the Hub, ``datasets/owner/name`` for a dataset repository."""
    revision: str | None = None
    mirrors: tuple[str, ...] = ()
    """Further places that hold the same bytes, tried in this order (see ``sources.py`` for their forms)."""
    figures: dict[str, Any] = field(default_factory=dict)
    """Measured figures by name."""
    weights: Path | None = None
    """The folder of a bundled file where it is not this package's own; known from the registry's place, not written."""

    def sources(self) -> list[Source]:
        """All places it can be fetched from, in the order they are tried: its repository, then its mirrors."""
        own: list[Source] = []
        if self.repo_id is not None and self.revision is not None:
            dataset = self.repo_id.startswith("datasets/")
            own.append(HubSource(self.repo_id.removeprefix("datasets/"), self.revision, dataset))
        return own + [parse_mirror(text, Path("/")) for text in self.mirrors]


_WRITTEN = tuple(item.name for item in fields(Checkpoint) if item.name not in ("name", "weights"))
"""The keys of a table."""


def parse_entry(where: str, name: str, table: Any, folder: Path, weights: Path | None = None) -> Checkpoint:
    """The entry ``name`` from its TOML ``table``; relative mirrors are relative to ``folder``.

    ``weights`` is the folder of bundled files where it is not this package's own.

    Raises :class:`CorruptFileError` naming ``where`` and the key for anything unknown, missing or of the wrong type.
    """
    if not isinstance(table, dict):
        raise CorruptFileError(f"{where} is not a table")
    optional = _OPTIONAL | (_OPTIONAL_OF_TABLES if table.get("kind") == "table" else set())
    for key in table:
        if key not in _WRITTEN:
            raise CorruptFileError(f"{where}: unknown key {key!r}", suggest(key, _WRITTEN, "keys"))
    for key in _WRITTEN:
        if key not in table and key not in optional:
            raise CorruptFileError(f"{where}: key {key!r} is missing")

    def value(key: str, kind: type) -> Any:
        item = table.get(key)
        if item is None and key in optional:
            return None
        fits = isinstance(item, kind) and not (isinstance(item, bool) and kind is int)
        if not fits or (isinstance(item, int) and item < 0):
            raise CorruptFileError(f"{where}: {key!r} is {item!r}, not a {kind.__name__}")
        return item

    def matching(key: str, pattern: re.Pattern[str], what: str) -> Any:
        text = value(key, str)
        if text is not None and not pattern.fullmatch(text):
            raise CorruptFileError(f"{where}: {key!r} is {text!r}, not {what}")
        return text

    def texts(key: str) -> tuple[str, ...]:
        items = value(key, list) or []
        if not all(isinstance(item, str) for item in items):
            raise CorruptFileError(f"{where}: {key!r} is not a list of names")
        return tuple(items)

    if not _NAME.fullmatch(name):
        raise CorruptFileError(f"{where}: {name!r} is no name", "names have letters, digits, dots, - and _")
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
        command=value("command", str),
        conditions=texts("conditions"),
        label_budget=value("label_budget", int) or 0,
        seed=value("seed", int) or 0,
        repo_id=matching("repo_id", _REPOSITORY, "OWNER/NAME or datasets/OWNER/NAME"),
        revision=matching("revision", _COMMIT, "a full commit SHA"),
        mirrors=tuple(_mirror(where, text, folder) for text in texts("mirrors")),
        figures=value("figures", dict) or {},
        weights=weights,
    )
    if (entry.repo_id is None) != (entry.revision is None):
        raise CorruptFileError(f"{where}: 'repo_id' and 'revision' belong together", "pin the full commit SHA")
    if not entry.bundled and entry.repo_id is None and not entry.mirrors:
        raise CorruptFileError(f"{where}: neither bundled nor on the Hub", "give repo_id and revision, or mirrors")
    return entry


def to_toml(entry: Checkpoint) -> str:
    """The entry as its table in ``checkpoints.toml``; what :func:`parse_entry` reads back as the same entry."""
    lines = [f"[checkpoints.{_key(entry.name)}]"]
    for key in _WRITTEN:
        value = getattr(entry, key)
        if key != "figures" and value is not None and not (key == "mirrors" and not value):
            lines.append(f"{key} = {_value(value)}")
    _tables(lines, f"checkpoints.{_key(entry.name)}.figures", entry.figures)
    return "\n".join(lines) + "\n"


def _tables(lines: list[str], name: str, table: dict[str, Any]) -> None:
    if table:
        lines += ["", f"[{name}]"]
        lines += [f"{_key(key)} = {_value(item)}" for key, item in table.items() if not isinstance(item, dict)]
        for key, item in table.items():
            if isinstance(item, dict):
                _tables(lines, f"{name}.{_key(key)}", item)


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _value(text)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    # JSON and TOML write text, numbers and booleans alike, but for DEL and numbers that are none.
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}.get(text, text)


def _mirror(where: str, text: str, folder: Path) -> str:
    try:
        return str(parse_mirror(text, folder))
    except ValueError as error:
        raise CorruptFileError(
            f"{where}: mirror {text!r} {error}",
            "a mirror is hf://OWNER/NAME@COMMIT, https://… or a folder (/…, ~/…, ./…)",
        ) from error
