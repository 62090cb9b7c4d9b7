"""The registry of trained models: ``checkpoints.toml`` read strictly, and the one place that finds their files.

Entries come from this package's file, from those of packages that bring a space of their own, and from the file that
``DINAS_CHECKPOINTS`` names.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.checkpoints import copies
from dinas_cli.checkpoints.checkpoint import KINDS, Checkpoint, Kind, parse_entry
from dinas_cli.checkpoints.copies import Copy, find_copies, find_copy, reinstall, verify, weights_dir
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem, reason_of, suggest
from dinas_cli.files.atomic import expanded
from dinas_cli.spaces.registry import BUILT_IN, get_space, origin, space_names

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space

__all__ = [
    "KINDS",
    "Checkpoint",
    "Kind",
    "broken_registries",
    "default_checkpoint",
    "find_checkpoint",
    "load_registry",
    "obtain",
    "read_registry",
    "registry_path",
    "resolve",
    "weights_dir",
]


def registry_path() -> Path:
    """The registry that belongs to this installation: in the wheel, or at the top of a source checkout."""
    here = Path(__file__).parent
    for path in (here / "checkpoints.toml", here.parents[1] / "checkpoints.toml"):
        if path.is_file():
            return path
    raise NotFoundError("checkpoints.toml is missing from this installation", "install dinas again")


def load_registry(space: str | None = None) -> dict[str, Checkpoint]:
    """Entries by name, those of the file named by ``DINAS_CHECKPOINTS`` last (they may replace others).

    With ``space`` those about it, and no other space is imported; otherwise all, but for packages whose registry is
    broken (:func:`broken_registries`). Raises :class:`CorruptFileError` naming file, entry and key for anything
    unknown, missing or of the wrong type.
    """
    entries = read_registry(registry_path())
    if space is None:
        for registry in _other_registries():
            if not isinstance(registry, DinasError):
                entries |= registry
    elif space not in BUILT_IN and space in space_names():
        entries |= _read_of(get_space(space), entries)
    entries |= _further()
    return {name: entry for name, entry in entries.items() if space in (None, entry.space)}


def broken_registries() -> tuple[DinasError, ...]:
    """What is wrong with registries of other packages, one error each."""
    return tuple(registry for registry in _other_registries() if isinstance(registry, DinasError))


def _further() -> dict[str, Checkpoint]:
    """The entries of the user's own file."""
    path = os.environ.get("DINAS_CHECKPOINTS")
    return read_registry(expanded(path)) if path else {}


def _other_registries() -> Iterator[dict[str, Checkpoint] | DinasError]:
    """The entries of every space from another package, or what is wrong with them."""
    taken = read_registry(registry_path())
    for name in space_names():
        if name not in BUILT_IN:
            try:
                entries = _read_of(get_space(name), taken)
            except DinasError as error:
                yield error
            else:
                taken |= entries
                yield entries


def _read_of(space: Space, taken: Mapping[str, Checkpoint]) -> dict[str, Checkpoint]:
    """The entries that a space from another package brings; bundled files lie in ``weights/`` beside its registry.

    Raises :class:`CorruptFileError` for a broken file, an entry about another space and a name that is ``taken``.
    """
    path: Path | None = getattr(space, "checkpoints", None)
    if path is None:
        return {}
    package = origin(space.name)
    remedy = f"update {package.distribution}"
    try:
        entries = read_registry(path, path.absolute().parent / "weights")
    except DinasError as error:
        raise CorruptFileError(f"{package}: {error.message}", remedy) from error
    for name, entry in entries.items():
        if name in taken:
            raise CorruptFileError(f"{package}: {path}: there is a checkpoint {name!r} of {taken[name].space}", remedy)
        if entry.space != space.name:
            raise CorruptFileError(f"{package}: {path}: checkpoints.{name} is about {entry.space}", remedy)
    return entries


def read_registry(path: Path, weights: Path | None = None) -> dict[str, Checkpoint]:
    """The entries of one file, bundled ones lying in ``weights``; see :func:`load_registry` for the errors."""
    try:
        data = _toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        hint = "DINAS_CHECKPOINTS and --registry name a file like checkpoints.toml"
        raise NotFoundError(f"no such file: {path}", hint) from error
    except OSError as error:
        raise DinasError(f"cannot read {path}: {reason_of(error)}") from error
    except ValueError as error:  # TOML or UTF-8
        raise CorruptFileError(f"{path} is not TOML: {error}") from error
    unknown = sorted(set(data) - {"checkpoints"})
    if unknown:
        raise CorruptFileError(f"{path}: unknown key {unknown[0]!r}", "entries are tables [checkpoints.NAME]")
    tables = data.get("checkpoints", {})
    if not isinstance(tables, dict):
        raise CorruptFileError(f"{path}: 'checkpoints' is not a table", "entries are tables [checkpoints.NAME]")
    folder = path.absolute().parent
    return {
        name: parse_entry(f"{path}: checkpoints.{name}", name, table, folder, weights) for name, table in tables.items()
    }


_DEEPEST, _DEEP = 16, "tables or lists are nested too deeply"


@lru_cache(maxsize=8)
def _toml(text: str) -> dict[str, Any]:
    """What a file of this text says, to be read only; kept, because one command asks for the entries several times."""
    try:
        data = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError(_DEEP) from error
    level: list[Any] = [data]
    for _ in range(_DEEPEST):
        level = [item for each in level for item in (each.values() if isinstance(each, dict) else each)]
        level = [item for item in level if isinstance(item, dict | list)]
    if level:
        raise ValueError(_DEEP)
    return data


def find_checkpoint(name: str) -> Checkpoint:
    """An entry by name; raises :class:`NotFoundError` with a suggestion."""
    entries = read_registry(registry_path()) | _further()
    if name not in entries:
        entries = load_registry()
    if name not in entries:
        raise NotFoundError(f"no checkpoint {name!r}", suggest(name, entries, "checkpoints"))
    return entries[name]


def default_checkpoint(space: str, kind: Kind) -> Checkpoint:
    """The first entry of a space and kind; raises :class:`NotFoundError` when there is none."""
    for entry in load_registry(space).values():
        if entry.kind == kind:
            return entry
    if kind == "generator":
        raise NotFoundError(
            f"no generator for space {space!r}, neither in this installation nor on the Hub yet",
            f"train one: dinas train --space {space} --help",
        )
    raise NotFoundError(f"no {kind} for space {space!r}", "dinas checkpoints list")


def resolve(name_or_path: str | None, space: str, kind: Kind) -> Path:
    """The file of a model: an explicit path, an entry's name, or (``None``) the default of the space.

    An entry is looked for in the Hub's cache, then in the package, then downloaded; whatever is found is checked
    against its SHA-256 before it is returned. A path is taken as it is (whoever loads it checks it) unless it leads
    into the package. Neither the network nor the Hub's client is touched when a copy is here.

    Raises :class:`NotFoundError`, :class:`CorruptFileError`, :class:`OfflineError`, or :class:`UsageProblem` for an
    entry of another space or kind.
    """
    if name_or_path is not None and _looks_like_path(name_or_path):
        path = expanded(name_or_path)
        if not path.is_file():
            raise NotFoundError(f"no such file: {name_or_path}", "dinas checkpoints list")
        _check_if_bundled(path)
        return path
    entry = default_checkpoint(space, kind) if name_or_path is None else find_checkpoint(name_or_path)
    if (entry.space, entry.kind) != (space, kind):
        raise UsageProblem(
            f"checkpoint {entry.name!r} is a {entry.kind} of {entry.space}, not a {kind} of {space}",
            "dinas checkpoints list",
        )
    return obtain(entry)


def obtain(entry: Checkpoint) -> Path:
    """A verified file of an entry: one that is here, or else downloaded; see :func:`resolve` for the errors."""
    found = find_copy(entry)
    if found is not None:
        return found.path
    altered = find_copies(entry)
    if entry.sources():
        from dinas_cli.checkpoints.downloads import fetch

        try:
            return fetch(entry).path
        except DinasError as error:
            if altered:  # what is here explains more than why nothing better could be had
                raise _altered(
                    altered[0], f"{error.message}; once that is solved: dinas download {entry.name}"
                ) from error
            raise
    if altered:
        raise _altered(altered[0], reinstall(entry))
    raise NotFoundError(f"the weights of {entry.name!r} are not on this machine", reinstall(entry))


def _altered(copy: Copy, hint: str) -> CorruptFileError:
    return CorruptFileError(f"{copy.path}: {copy.problem}", hint)


def _check_if_bundled(path: Path) -> None:
    """Raise :class:`CorruptFileError` for an altered file of the package that was named by its path."""
    try:
        if path.resolve().parent != copies.weights_dir().resolve():
            return
    except OSError:
        return
    for entry in load_registry().values():
        if entry.bundled and entry.filename == path.name:
            problem = verify(entry, path)
            if problem is not None:
                raise CorruptFileError(f"{path}: {problem}", "install dinas again")


def _looks_like_path(text: str) -> bool:
    return text.endswith(".safetensors") or os.sep in text or Path(text).is_file()
