"""Copies of registry entries on this machine: where they may lie, and whether they are what the registry says.

Nothing here uses the network or imports the Hub's client: its cache is read by its documented layout.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dinas_cli.checkpoints.sources import HubSource
from dinas_cli.errors import DinasError, reason_of
from dinas_cli.files.atomic import expanded, sha256_file

if TYPE_CHECKING:
    from dinas_cli.checkpoints.checkpoint import Checkpoint


@dataclass(frozen=True)
class Copy:
    """A file found here that should be an entry's."""

    where: Literal["cache", "bundled"]
    path: Path
    problem: str | None
    """What differs from the entry; ``None`` when nothing does."""


def weights_dir() -> Path:
    """The folder of bundled weights."""
    return Path(__file__).parent / "weights"


def hub_home() -> Path:
    """The folder of everything of the Hub's client: ``HF_HOME``, by default ``~/.cache/huggingface``."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return _expanded(os.environ.get("HF_HOME") or f"{cache}/huggingface")


def hub_cache() -> Path:
    """The Hub's own cache: ``HF_HUB_CACHE`` or ``HUGGINGFACE_HUB_CACHE``, by default ``hub`` in :func:`hub_home`."""
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE")
    return _expanded(named) if named else hub_home() / "hub"


def assets_cache() -> Path:
    """Our part of the Hub's assets cache, meant for what libraries get from elsewhere: files from other mirrors."""
    named = os.environ.get("HF_ASSETS_CACHE") or os.environ.get("HUGGINGFACE_ASSETS_CACHE")
    return (_expanded(named) if named else hub_home() / "assets") / "dinas"


def snapshot(source: HubSource, filename: str) -> Path:
    """Where the Hub's client puts a file of a repository at a commit."""
    kind = "datasets" if source.dataset else "models"
    folder = f"{kind}--{source.repo_id.replace('/', '--')}"
    return hub_cache() / folder / "snapshots" / source.revision / filename


def asset(entry: Checkpoint) -> Path:
    """Where a file from any other place goes: named by what it holds, not by where it came from."""
    return assets_cache() / entry.sha256 / entry.filename


def locations(entry: Checkpoint) -> list[tuple[Literal["cache", "bundled"], Path]]:
    """Where to look for an entry, in order: the Hub's cache, what other mirrors gave, the package."""
    cached = [snapshot(source, entry.filename) for source in entry.sources() if isinstance(source, HubSource)]
    found: list[tuple[Literal["cache", "bundled"], Path]] = [("cache", path) for path in cached]
    found.append(("cache", asset(entry)))
    if entry.bundled:
        found.append(("bundled", (entry.weights or weights_dir()) / entry.filename))
    return found


def find_copies(entry: Checkpoint) -> list[Copy]:
    """All copies here, each hashed, in the order they would be used."""
    return [Copy(where, path, verify(entry, path)) for where, path in locations(entry) if path.is_file()]


def find_copy(entry: Checkpoint) -> Copy | None:
    """The first copy that is right, hashing no more than needed; ``None`` when there is none."""
    for where, path in locations(entry):
        if path.is_file() and verify(entry, path) is None:
            return Copy(where, path, None)
    return None


def verify(entry: Checkpoint, path: Path) -> str | None:
    """What differs between a file and its entry, in a few words; ``None`` when nothing does."""
    try:
        size = path.stat().st_size
        if size != entry.bytes:
            return f"{size} bytes, not {entry.bytes}"
        digest = sha256_file(path)
    except OSError as error:
        return f"cannot be read: {reason_of(error)}"
    except DinasError as error:
        return error.message
    return None if digest == entry.sha256 else f"SHA-256 {digest[:12]}…, not {entry.sha256[:12]}…"


def status(entry: Checkpoint) -> str:
    """``ok``, ``altered: …`` (any copy of it), ``missing`` (from the package) or ``not downloaded``."""
    found = find_copies(entry)
    for copy in found:
        if copy.problem is not None:
            return f"altered: {copy.problem}"
    return "ok" if found else "missing" if entry.bundled else "not downloaded"


def reinstall(entry: Checkpoint) -> str:
    """What to do where a bundled file is missing or altered."""
    return f"install {'dinas' if entry.weights is None else f'the package of space {entry.space}'} again"


def discard(path: Path) -> None:
    """Remove a cached file, and, in the Hub's cache, the blob it points to unless another snapshot needs it.

    Raises :class:`DinasError` where that is impossible.
    """
    try:
        blob = path.resolve() if path.is_symlink() else None
        path.unlink(missing_ok=True)
        if blob is not None and blob.parent.name == "blobs":
            others = (blob.parent.parent / "snapshots").glob("**/*")
            if not any(other.is_symlink() and other.resolve() == blob for other in others):
                blob.unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent):
            with contextlib.suppress(OSError):  # not empty: other files of the same commit
                folder.rmdir()
    except OSError as error:
        raise DinasError(f"cannot remove {path}: {reason_of(error)}") from error


def _expanded(text: str) -> Path:
    return expanded(os.path.expandvars(text))
