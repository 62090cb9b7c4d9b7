"""The Hugging Face Hub through its own client: files into its own cache, and its errors in our words."""

from __future__ import annotations

import errno
import logging
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.checkpoints.copies import discard, hub_cache, snapshot, verify
from dinas_cli.checkpoints.mirrors import Report, unwritable
from dinas_cli.checkpoints.network import time_limit, within
from dinas_cli.checkpoints.sources import HubSource
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, OfflineError, reason_of

if TYPE_CHECKING:
    from dinas_cli.checkpoints.checkpoint import Checkpoint

WAITS = (1.0, 2.0)
"""Seconds before asking again a Hub that is down for the moment, where there is no other mirror to try."""
LONGEST_WAIT = 10.0
"""Seconds a ``Retry-After`` may ask for; beyond that the user is told."""
PIECE = 1 << 15
"""Bytes after which the client writes what it received."""
_RETRIED_BY_CLIENT = ("ConnectTimeout", "ReadTimeout", "RemoteProtocolError")
_TRANSIENT = (408, 429, 500, 502, 503, 504)


def endpoint() -> str:
    """The address of the Hub: ``HF_ENDPOINT``, by default https://huggingface.co."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def fetch_hub(entry: Checkpoint, source: HubSource, report: Report, *, patient: bool) -> Path:
    """Download an entry's file into the Hub's cache; returns its path there, with the right SHA-256.

    What the Hub says of size and hash is compared before anything is transferred. A file that is right is never
    replaced, not even by the same. ``patient``: ask again when the Hub is down for the moment.

    Raises :class:`NotFoundError` (missing, private or gated), :class:`OfflineError`, :class:`CorruptFileError`, and
    :class:`DinasError` for a cache that cannot be written.
    """
    here = snapshot(source, entry.filename)
    if here.is_file() and verify(entry, here) is None:
        return here
    with hub_errors(str(source)):
        _check_offer(entry, source, patient)
        received = 0

        def count(done: int) -> None:
            nonlocal received
            received = done
            report(min(done, entry.bytes))

        # A blob that is here already, but altered, is taken by the client as it is: the second round replaces it.
        for force in (here.exists(), True):
            path = _transfer(entry, source, count, force, list(WAITS) if patient else [])
            problem = verify(entry, path)
            if problem is None:
                return path
            discard(path)
            if received:
                break
        raise CorruptFileError(f"{source}: {problem}")


def _transfer(entry: Checkpoint, source: HubSource, report: Report, force: bool, waits: list[float]) -> Path:
    """Let the client download; it resumes connections that end early, those that are reset start again."""
    from huggingface_hub import constants, hf_hub_download

    options: dict[str, Any] = {
        "filename": entry.filename,
        "repo_type": "dataset" if source.dataset else "model",
        "revision": source.revision,
        "cache_dir": hub_cache(),
        "endpoint": endpoint(),
        "force_download": force,
        "library_name": "dinas",
        "tqdm_class": _counting(report),
    }
    usual = constants.DOWNLOAD_CHUNK_SIZE
    # What a connection brought is kept in whole pieces only; the usual ones are larger than our files.
    constants.DOWNLOAD_CHUNK_SIZE = PIECE
    try:
        while True:
            try:
                return within(time_limit(entry.bytes), lambda: Path(hf_hub_download(source.repo_id, **options)))
            except Exception as error:
                # Silence and early ends it has waited out several times itself.
                seconds = None if type(error).__name__ in _RETRIED_BY_CLIENT else _wait(error, waits)
                if seconds is None:
                    raise
                time.sleep(seconds)
    finally:
        constants.DOWNLOAD_CHUNK_SIZE = usual


def _check_offer(entry: Checkpoint, source: HubSource, patient: bool) -> None:
    """Ask the Hub for the file's size and hash, raising :class:`CorruptFileError` where they differ."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(
        source.repo_id,
        entry.filename,
        repo_type="dataset" if source.dataset else "model",
        revision=source.revision,
        endpoint=endpoint(),
    )
    waits = list(WAITS) if patient else []
    while True:
        try:
            offer = get_hf_file_metadata(url, endpoint=endpoint(), library_name="dinas")
            break
        except Exception as error:
            seconds = _wait(error, waits)
            if seconds is None:
                raise
            time.sleep(seconds)
    if offer.size is not None and offer.size != entry.bytes:
        raise CorruptFileError(f"{source}: {offer.size} bytes, not {entry.bytes}")
    if offer.etag is not None and len(offer.etag) == 64 and offer.etag != entry.sha256:
        raise CorruptFileError(f"{source}: SHA-256 {offer.etag[:12]}…, not {entry.sha256[:12]}…")


def _wait(error: Exception, waits: list[float]) -> float | None:
    """Seconds to wait before asking again, taken from ``waits``; ``None`` when asking again is of no use."""
    response = getattr(error, "response", None)
    transient = response.status_code in _TRANSIENT if response is not None else _of_transport(error)
    if not transient or not waits:
        return None
    seconds = waits.pop(0)
    asked = response.headers.get("Retry-After", "") if response is not None else ""
    if asked.isdigit():
        return max(seconds, float(asked)) if float(asked) <= LONGEST_WAIT else None
    return seconds


@contextmanager
def hub_errors(subject: str) -> Iterator[None]:
    """Let the client work silently, and raise what goes wrong as a :class:`DinasError` about ``subject``."""
    logger = logging.getLogger("huggingface_hub")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except DinasError:
        raise
    except Exception as error:
        raise _in_our_words(subject, error) from error
    finally:
        logger.setLevel(level)


def _in_our_words(subject: str, error: BaseException) -> DinasError:
    from huggingface_hub import errors

    if isinstance(error, errors.LocalEntryNotFoundError | ValueError | RuntimeError) and error.__cause__ is not None:
        return _in_our_words(subject, error.__cause__)
    page = f"{endpoint()}/{subject.removeprefix('hf://').partition('@')[0]}"
    if isinstance(error, errors.GatedRepoError):
        return NotFoundError(f"{subject} is gated", f"ask for access at {page}, then set HF_TOKEN")
    if isinstance(error, errors.RevisionNotFoundError):
        return NotFoundError(f"{subject}: no such commit on the Hub")
    if isinstance(error, errors.EntryNotFoundError) and not isinstance(error, errors.LocalEntryNotFoundError):
        return NotFoundError(f"{subject}: no such file on the Hub")
    response = getattr(error, "response", None)
    if isinstance(error, errors.HfHubHTTPError) and response is not None:
        status = response.status_code
        if status in _TRANSIENT or status >= 500:
            after = response.headers.get("Retry-After", "")
            when = f"in {after} s" if after.isdigit() else "later"
            words = "too many requests" if status == 429 else "the Hub is down"
            return OfflineError(f"{subject}: {words} ({status})", f"try again {when}")
        if status == 401 and os.environ.get("HF_TOKEN") and not isinstance(error, errors.RepositoryNotFoundError):
            return NotFoundError(f"{subject}: the Hub does not accept HF_TOKEN", "make a token at " + endpoint())
        if status == 403:
            return NotFoundError(f"{subject}: the token may not do this (403)", f"see {page}")
        if isinstance(error, errors.RepositoryNotFoundError) or status in (401, 404):
            return NotFoundError(f"{subject}: not on the Hub (yet), or private", "if it is private, set HF_TOKEN")
        return NotFoundError(f"{subject}: the Hub answers {status}: {_first_line(error)}")
    if isinstance(error, errors.OfflineModeIsEnabled):
        return OfflineError(f"{subject}: the network is switched off", "unset HF_HUB_OFFLINE")
    if _of_transport(error) or isinstance(error, TimeoutError):
        return OfflineError(f"{subject}: {_first_line(error).lower()}")
    if isinstance(error, OSError) and error.errno is not None:
        if error.errno in (errno.ECONNRESET, errno.ETIMEDOUT, errno.EPIPE):
            return OfflineError(f"{subject}: {reason_of(error)}")
        return unwritable(hub_cache(), error)
    if isinstance(error, OSError):  # the client's own check of the length
        return CorruptFileError(f"{subject}: truncated on the way")
    return DinasError(f"{subject}: {_first_line(error)}")


def _of_transport(error: BaseException) -> bool:
    """Whether this comes from the HTTP library below the client, which is not ours to import."""
    return any(kind.__module__.startswith("httpx") for kind in type(error).__mro__)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _counting(report: Report) -> type[Any]:
    """A progress bar class for the client that shows nothing and reports the bytes so far."""
    from huggingface_hub.utils.tqdm import tqdm

    class Counter(tqdm):
        def __init__(self, *args: Any, **options: Any) -> None:
            options["disable"] = True
            super().__init__(*args, **options)  # type: ignore[no-untyped-call]
            self._done = int(options.get("initial") or 0)

        def update(self, n: float | None = 1) -> bool | None:
            self._done += int(n or 0)
            report(self._done)
            return None

    return Counter
