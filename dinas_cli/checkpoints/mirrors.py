"""Fetching from https addresses and local folders: resumed where it stopped, checked before it takes its place."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import ssl
import string
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from dinas_cli.checkpoints.copies import asset, assets_cache, verify
from dinas_cli.checkpoints.network import time_limit, within
from dinas_cli.checkpoints.sources import FolderSource, UrlSource, is_safe
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, OfflineError, reason_of
from dinas_cli.files.atomic import atomic_path, make_dir
from dinas_cli.files.version import __version__

if TYPE_CHECKING:
    from dinas_cli.checkpoints.checkpoint import Checkpoint

Report = Callable[[int], None]
"""Called with the bytes that are here."""
CHUNK = 1 << 18
TIMEOUT = 10.0
"""Seconds without a byte after which a connection counts as cut."""
PATIENCE = 4
"""Cut connections in a row, none of which brought a byte, before giving up."""
PAUSE = 0.5
"""Seconds before the first retry, doubled each time."""
_CUT = (ssl.SSLError, TimeoutError, ConnectionError)
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


def fetch_folder(entry: Checkpoint, source: FolderSource, report: Report) -> Path:
    """Copy an entry's file from a folder into the cache; raise :class:`NotFoundError` or :class:`CorruptFileError`."""
    origin, target = source.path / entry.filename, asset(entry)
    if not origin.is_file():
        raise NotFoundError(f"no file {origin}")
    problem = verify(entry, origin)
    if problem is not None:
        raise CorruptFileError(f"{origin}: {problem}")
    make_dir(target.parent)
    with atomic_path(target, force=True) as temporary:
        shutil.copyfile(origin, temporary)
        if verify(entry, temporary) is not None:
            raise CorruptFileError(f"{origin} changed while it was copied")
    report(entry.bytes)
    return target


def fetch_url(entry: Checkpoint, source: UrlSource, report: Report) -> Path:
    """Download an entry's file into the cache, going on from what an earlier attempt left.

    Raises :class:`NotFoundError`, :class:`OfflineError`, :class:`CorruptFileError`, and :class:`DinasError` for a
    cache that cannot be written.
    """
    from huggingface_hub.utils import WeakFileLock  # type: ignore[attr-defined]  # exported, but not by name

    target = asset(entry)
    locks = assets_cache() / ".locks"
    for folder in (target.parent, locks):
        make_dir(folder)
    url = source.file(entry.filename)
    try:
        # Only one process downloads; the others wait and find the file.
        with WeakFileLock(locks / f"{entry.sha256}.lock"):
            _fetch_locked(entry, url, target, report)
    except OSError as error:
        raise unwritable(target.parent, error) from error
    return target


def _fetch_locked(entry: Checkpoint, url: str, target: Path, report: Report) -> None:
    part = target.with_name(f"{entry.filename}.part")
    if target.is_file() and verify(entry, target) is None:
        return
    resumed = part.is_file() and part.stat().st_size > 0
    _complete(entry, url, part, report)
    problem = verify(entry, part)
    if problem is not None and resumed:  # what was left may have come from another place, or a broken disk
        part.unlink()
        _complete(entry, url, part, report)
        problem = verify(entry, part)
    if problem is not None:
        part.unlink()
        raise CorruptFileError(f"{url}: {problem}")
    os.replace(part, target)


def _complete(entry: Checkpoint, url: str, part: Path, report: Report) -> None:
    """Bring ``part`` to the entry's size, over as many connections as it takes."""
    failures = 0
    end = time.monotonic() + time_limit(entry.bytes)
    while True:
        have = part.stat().st_size if part.is_file() else 0
        if have > entry.bytes:
            part.unlink()
            have = 0
        if have == entry.bytes:
            return
        try:
            _receive(entry, url, part, have, report, end)
            reason = "the connection was cut"
        except urllib.error.HTTPError as error:
            with error:
                reason = _refusal(url, error, part)
        except (ValueError, http.client.InvalidURL) as error:
            raise NotFoundError(f"{url}: no address that can be asked ({error})") from error
        except (urllib.error.URLError, http.client.HTTPException, *_CUT) as error:
            reason = (str(getattr(error, "reason", None) or error) or type(error).__name__).lower()
        now = part.stat().st_size if part.is_file() else 0
        failures = 0 if now > have else failures + 1
        if failures >= PATIENCE or time.monotonic() > end:
            raise OfflineError(f"{url}: {reason}")
        if failures:
            time.sleep(PAUSE * 2 ** (failures - 1))


def _receive(entry: Checkpoint, url: str, part: Path, have: int, report: Report, end: float) -> None:
    """Append to ``part`` what one connection gives; returns early where it is cut."""
    headers = {"User-Agent": f"dinas/{__version__}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    # What is no ASCII in an address goes over the wire in escapes.
    request = urllib.request.Request(quote(url, safe=string.punctuation), headers=headers)
    opener = urllib.request.build_opener(_SafeRedirects)
    answer = within(max(end - time.monotonic(), 0.0), lambda: opener.open(request, timeout=TIMEOUT))
    with answer as response:
        whole = response.headers.get("Content-Length")
        match = _RANGE.fullmatch(response.headers.get("Content-Range", "")) if response.status == 206 else None
        if match is not None and int(match[1]) == have:
            whole = match[2]
        else:
            have = 0  # the server ignored the range and sends everything
        if whole is not None and whole.isdigit() and int(whole) != entry.bytes:
            raise CorruptFileError(f"{url}: {whole} bytes, not {entry.bytes}")
        with _Part(part, append=have > 0) as file:
            while True:
                chunk = response.read1(CHUNK)
                have += len(chunk)
                if have > entry.bytes:
                    part.unlink()
                    raise CorruptFileError(f"{url}: more than {entry.bytes} bytes")
                if not chunk:
                    return
                file.write(chunk)
                report(have)
                if time.monotonic() > end:
                    raise OfflineError(f"{url}: too slow: {have} of {entry.bytes} bytes after all the time it may take")


class _Part:
    """The unfinished file; a full disk or a missing permission ends everything, in one line, and frees the space."""

    def __init__(self, path: Path, *, append: bool) -> None:
        self._path, self._mode = path, "ab" if append else "wb"
        self._file: IO[bytes] | None = None

    def __enter__(self) -> _Part:
        try:
            self._file = open(self._path, self._mode)
        except OSError as error:
            raise unwritable(self._path.parent, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                self._give_up(error)

    def write(self, chunk: bytes) -> None:
        """Append ``chunk``."""
        try:
            if self._file is not None:
                self._file.write(chunk)
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._path.unlink(missing_ok=True)
        raise unwritable(self._path.parent, error) from error


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirect to an address that could not be a mirror itself."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Any:
        """The next request, or :class:`CorruptFileError` for an unsafe address."""
        if not is_safe(newurl):
            fp.close()
            raise CorruptFileError(f"{req.full_url}: redirects to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refusal(url: str, error: urllib.error.HTTPError, part: Path) -> str:
    """The reason to try again after an error status; raises where trying again is of no use."""
    if error.code in (408, 429) or error.code >= 500:
        return f"answers {error.code}"
    if error.code == 416:  # what is here is longer than what is there
        part.unlink(missing_ok=True)
        return "answers 416"
    raise NotFoundError(f"{url}: answers {error.code}")


def unwritable(folder: Path, error: OSError) -> DinasError:
    """What to say when a cache cannot be written."""
    hint = "free some space, or set HF_HOME to another folder"
    return DinasError(f"cannot write to {folder}: {reason_of(error)}", hint)
