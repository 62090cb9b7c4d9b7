"""Where the bytes of a registry entry can come from: Hub repositories, https addresses, local folders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HUB = re.compile(r"hf://(datasets/)?([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)@([0-9a-f]{40})", re.ASCII)


@dataclass(frozen=True)
class HubSource:
    """A repository on the Hub at one commit."""

    repo_id: str
    """``owner/name``."""
    revision: str
    """The full commit SHA."""
    dataset: bool = False

    def __str__(self) -> str:
        return f"hf://{'datasets/' if self.dataset else ''}{self.repo_id}@{self.revision}"


@dataclass(frozen=True)
class UrlSource:
    """The address of the file, or, when it ends in ``/``, of the folder it is in."""

    url: str

    def __str__(self) -> str:
        return self.url

    def file(self, filename: str) -> str:
        """The address of the file itself."""
        return self.url + filename if self.url.endswith("/") else self.url


@dataclass(frozen=True)
class FolderSource:
    """A folder of this machine (a network drive, a stick) that holds the file under its name."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


Source = HubSource | UrlSource | FolderSource


def parse_mirror(text: str, folder: Path) -> Source:
    """A mirror from its text; a relative folder is relative to ``folder``. Raises :class:`ValueError` saying why not.

    Plain ``http`` is for this machine only: hashes protect what is loaded, not what a stranger learns.
    """
    if text.startswith("hf://"):
        match = _HUB.fullmatch(text)
        if match is None:
            raise ValueError("does not pin a repository to a full commit SHA")
        return HubSource(match[2], match[3], match[1] is not None)
    if text.startswith(("/", "~", "./", "../")):
        try:
            return FolderSource(folder / Path(text).expanduser())
        except RuntimeError as error:
            raise ValueError("is in a home folder that is not here") from error
    if not is_safe(text):
        raise ValueError("is neither https nor a folder")
    return UrlSource(text)


def is_safe(url: str) -> bool:
    """Whether an address may be fetched: https, or plain http to this machine itself."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
