"""Downloading registry entries: their repository first, then every mirror, and what to say when none will do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dinas_cli.checkpoints.checkpoint import Checkpoint
from dinas_cli.checkpoints.copies import verify
from dinas_cli.checkpoints.mirrors import Report, fetch_folder, fetch_url
from dinas_cli.checkpoints.network import Probe, offline
from dinas_cli.checkpoints.sources import FolderSource, HubSource, Source, UrlSource
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, OfflineError, UsageProblem
from dinas_cli.files.atomic import atomic_path, make_dir
from dinas_cli.files.locks import locked

Failure = tuple[Source, DinasError]


@dataclass(frozen=True)
class Fetched:
    """A verified file and where it came from."""

    path: Path
    source: Source
    failures: tuple[Failure, ...]
    """Sources that were tried before, and why they would not do."""


def fetch(entry: Checkpoint, report: Report = lambda _: None) -> Fetched:
    """Get an entry's file from the first source that has it into the cache, though a copy may be elsewhere here.

    A cached file with the right hash is returned as it is: the same bytes again could only be worse. Local folders are
    used without a network too. Raises, when no source will do, :class:`OfflineError` if that may change,
    :class:`CorruptFileError` if one has something else, :class:`NotFoundError` otherwise; and at once
    :class:`DinasError` for a cache that cannot be written.
    """
    remaining = entry.sources()
    if not remaining:
        raise NotFoundError(f"{entry.name} is not on the Hub yet", rebuild(entry))
    probe = None if offline() else Probe(address for source in remaining for address in _address(entry, source))
    failures: list[Failure] = []
    while remaining:
        source = remaining.pop(0)
        try:
            path = _fetch_from(entry, source, report, probe, last=not remaining)
            return Fetched(path, source, tuple(failures))
        except (OfflineError, NotFoundError, CorruptFileError) as error:
            failures.append((source, error))
    raise _summary(entry, failures)


def install_table(entry: Checkpoint, path: Path, *, force: bool = False) -> Path:
    """Put a verified table where look-ups find it; returns that place.

    Raises :class:`DinasError` when another table is there already, unless ``force``.
    """
    from dinas_cli.oracles.tables import Table, table_path

    Table.open(entry.space, path)  # the hash says who made it, not that it is a table of this space
    target = table_path(entry.space)
    make_dir(target.parent)
    with locked(target):  # an import may be adding to it
        if target.is_file() and verify(entry, target) is None:
            return target
        if target.exists() and not force:
            raise DinasError(
                f"another table of {entry.space} is here already: {target}",
                f"replace it with: dinas download {entry.name} --force",
            )
        with atomic_path(target, force=True) as temporary:
            shutil.copyfile(path, temporary)
            if verify(entry, temporary) is not None:
                raise CorruptFileError(f"{path} changed while it was copied")
    return target


def rebuild(entry: Checkpoint) -> str:
    """How to get along without a download."""
    return f"rebuild it from data: {entry.command}"


def _address(entry: Checkpoint, source: Source) -> list[str]:
    from dinas_cli.checkpoints.hub import endpoint

    if isinstance(source, HubSource):
        return [endpoint()]
    return [source.file(entry.filename)] if isinstance(source, UrlSource) else []


def _fetch_from(entry: Checkpoint, source: Source, report: Report, probe: Probe | None, *, last: bool) -> Path:
    if isinstance(source, FolderSource):
        return fetch_folder(entry, source, report)
    if probe is None:
        raise OfflineError(f"{source}: the network is switched off (--offline, DINAS_OFFLINE or HF_HUB_OFFLINE)")
    for address in _address(entry, source):
        try:
            probe.require(address)
        except UsageProblem as problem:
            raise NotFoundError(f"{source}: {problem.message}", problem.hint) from problem
    if isinstance(source, UrlSource):
        return fetch_url(entry, source, report)
    from dinas_cli.checkpoints.hub import fetch_hub

    return fetch_hub(entry, source, report, patient=last)


def _summary(entry: Checkpoint, failures: list[Failure]) -> DinasError:
    """One error for all sources: of the kind of the most hopeful one."""
    kinds: tuple[Callable[[str, str | None], DinasError], ...] = (OfflineError, CorruptFileError, NotFoundError)
    kind = next(kind for kind in kinds if any(type(error) is kind for _, error in failures))
    reasons = "; ".join(error.message for _, error in failures)
    hints = [error.hint for _, error in failures if error.hint and type(error) is kind]
    if kind is OfflineError:
        hints.append(f"when there is a network: dinas download {entry.name}")
    return kind(f"{entry.name} could not be downloaded: {reasons}", "; or ".join([*hints[:1], rebuild(entry)]))
