"""Downloads from the Hub with its real client over loopback: what arrives, what is refused, what stays in the cache."""

from __future__ import annotations

import hashlib
import random
import time
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.checkpoints import hub as client
from dinas_cli.checkpoints.checkpoint import Checkpoint
from dinas_cli.checkpoints.copies import find_copy, hub_cache, status
from dinas_cli.checkpoints.downloads import fetch
from dinas_cli.checkpoints.registry import obtain
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, OfflineError
from tests.checkpoints.test_registry import ENTRY
from tests.support.hub_server import TOKEN, Hub

CONTENT = random.Random(0).randbytes(300_000)
"""Large enough for a redirect to the storage."""
BAD = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])


def entry_of(content: bytes = CONTENT, name_: str = "mine", **changes: Any) -> Checkpoint:
    """An entry that is not bundled, for these bytes."""
    about = {
        "bundled": False,
        "conditions": ("acc",),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "repo_id": "someone/dinas",
    }
    return Checkpoint(name=name_, **{**ENTRY, **about, **changes})


@pytest.fixture
def entry(hub: Hub) -> Checkpoint:
    """A published entry."""
    return entry_of(revision=hub.add("someone/dinas", CONTENT))


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits between attempts, ours and the client's."""
    monkeypatch.setattr(client, "WAITS", (0.05, 0.05))
    sleep = time.sleep
    monkeypatch.setattr("time.sleep", lambda seconds: sleep(min(seconds, 0.05)))


def leftovers() -> list[Path]:
    """Files in the cache that are neither blobs in use nor locks and tags."""
    found = [path for path in hub_cache().rglob("*") if path.is_file() and ".locks" not in path.parts]
    used = {path.resolve() for path in found if path.is_symlink()}
    return [p for p in found if not p.is_symlink() and p not in used and p.name not in ("CACHEDIR.TAG", ".gitignore")]


def test_fresh_download_then_no_request_at_all(hub: Hub, entry: Checkpoint) -> None:
    assert status(entry) == "not downloaded"
    steps: list[int] = []
    path = fetch(entry, steps.append).path
    assert path.read_bytes() == CONTENT
    assert steps[-1] == len(CONTENT)
    assert hub.transferred() == len(CONTENT)
    asked = len(hub.requests)
    assert obtain(entry) == path
    assert status(entry) == "ok"
    assert len(hub.requests) == asked


def test_small_files_come_without_a_redirect(hub: Hub) -> None:
    entry = entry_of(b"small", revision=hub.add("someone/dinas", b"small"))
    assert obtain(entry).read_bytes() == b"small"


def test_dataset_repository(hub: Hub) -> None:
    entry = entry_of(repo_id="datasets/someone/tables", revision=hub.add("someone/tables", CONTENT))
    path = obtain(entry)
    assert "datasets--someone--tables" in path.parts
    assert hub.requests[0].path.startswith("/datasets/someone/tables/resolve/")


def test_token_goes_to_the_hub_and_not_to_its_storage(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entry_of(revision=hub.add("someone/dinas", CONTENT, private=True))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    obtain(entry)
    for request in hub.requests:
        assert request.authorization == (None if request.path.startswith("/storage/") else f"Bearer {TOKEN}")


def test_cut_connection_is_resumed_where_it_was_cut(hub: Hub, entry: Checkpoint) -> None:
    hub.cuts = [3 << 15, 1 << 15]
    assert fetch(entry).path.read_bytes() == CONTENT
    assert hub.transferred() == len(CONTENT)  # not one byte twice
    gets = [request.range for request in hub.requests if request.method == "GET"]
    assert gets == [None, "bytes=98304-", "bytes=131072-"]


def test_connection_that_always_breaks_leaves_nothing(hub: Hub, entry: Checkpoint) -> None:
    hub.cuts = [0] * 20
    with pytest.raises(OfflineError, match=r"mine could not be downloaded: hf://someone/dinas"):
        fetch(entry)
    assert leftovers() == []


def test_reset_connection(hub: Hub, entry: Checkpoint) -> None:
    hub.cuts, hub.reset = [100_000] * 20, True
    with pytest.raises(OfflineError):
        fetch(entry)
    assert leftovers() == []
    hub.cuts = [100_000] * 2
    assert obtain(entry).read_bytes() == CONTENT


@pytest.mark.parametrize(("published", "message"), [(CONTENT[:-1], "299999 bytes, not 300000"), (BAD, "SHA-256")])
def test_another_file_is_refused_before_a_byte_is_sent(hub: Hub, published: bytes, message: str) -> None:
    entry = entry_of(revision=hub.add("someone/dinas", published))
    with pytest.raises(CorruptFileError, match=message):
        obtain(entry)
    assert hub.transferred() == 0


@pytest.mark.parametrize("sent", [BAD, CONTENT[:1000]])
def test_wrong_or_truncated_bytes_are_not_kept(hub: Hub, entry: Checkpoint, sent: bytes) -> None:
    hub.replaced = sent
    with pytest.raises((CorruptFileError, OfflineError)):
        obtain(entry)
    assert status(entry) == "not downloaded"
    assert leftovers() == []
    hub.replaced = None
    assert obtain(entry).read_bytes() == CONTENT


def test_good_file_stays_when_the_hub_sends_a_bad_one(hub: Hub, entry: Checkpoint) -> None:
    path = obtain(entry)
    hub.replaced = BAD
    for _ in range(2):
        assert fetch(entry).path == path  # as with --force
        assert path.read_bytes() == CONTENT
        path.unlink()  # and without the pointer: the blob is right, and used
    assert hub.transferred() == len(CONTENT)


@pytest.mark.parametrize("how", ["flip", "truncate", "dangling"])
def test_damaged_cache_is_mended(hub: Hub, entry: Checkpoint, how: str) -> None:
    path = obtain(entry)
    blob = path.resolve()
    if how == "flip":
        blob.write_bytes(BAD)
    elif how == "truncate":
        blob.write_bytes(CONTENT[:-1])
    else:
        path.unlink()
        blob.write_bytes(BAD)  # a blob without a pointer, which the client would take
    assert find_copy(entry) is None
    assert obtain(entry).read_bytes() == CONTENT
    assert leftovers() == []


def test_damaged_cache_without_a_network(hub: Hub, entry: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    obtain(entry).resolve().write_bytes(BAD)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(CorruptFileError, match="SHA-256") as caught:
        obtain(entry)
    assert "dinas download mine" in (caught.value.hint or "")


@pytest.mark.parametrize("missing", ["repository", "private", "commit", "file", "gated", "token"])
def test_what_is_not_there_or_not_ours(hub: Hub, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    about = {"private": missing == "private", "gated": missing == "gated"}
    name = "other.safetensors" if missing == "file" else "mine.safetensors"
    revision = hub.add("else/where" if missing == "repository" else "someone/dinas", CONTENT, name, **about)
    if missing == "token":
        monkeypatch.setenv("HF_TOKEN", "hf_bad")
    entry = entry_of(revision="0" * 40 if missing == "commit" else revision)
    with pytest.raises(NotFoundError) as caught:
        obtain(entry)
    words = {
        "repository": "not on the Hub (yet), or private",
        "private": "not on the Hub (yet), or private",
        "commit": "no such commit",
        "file": "no such file",
        "gated": "is gated",
        "token": "does not accept HF_TOKEN",
    }
    assert words[missing] in caught.value.message
    assert "dinas train --space nasbench201" in (caught.value.hint or "")  # the way out
    assert hub.transferred() == 0


def test_gated_repository_with_a_token(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entry_of(revision=hub.add("someone/dinas", CONTENT, gated=True))
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert obtain(entry).read_bytes() == CONTENT


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_short_trouble_is_waited_out(hub: Hub, entry: Checkpoint, code: int) -> None:
    hub.statuses = [code, code]
    assert obtain(entry).read_bytes() == CONTENT


@pytest.mark.parametrize(("code", "words"), [(429, "too many requests"), (503, "the Hub is down"), (403, "403")])
def test_lasting_trouble_is_told(hub: Hub, entry: Checkpoint, code: int, words: str) -> None:
    hub.statuses = [code] * 50
    with pytest.raises(DinasError, match=words) as caught:
        obtain(entry)
    assert caught.value.exit_code == (3 if code == 403 else 4)


def test_long_rate_limit_is_not_waited_for(hub: Hub, entry: Checkpoint) -> None:
    hub.statuses, hub.retry_after = [429] * 50, "3600"
    started = time.monotonic()
    with pytest.raises(OfflineError) as caught:
        obtain(entry)
    assert time.monotonic() - started < 2
    assert "try again in 3600 s" in (caught.value.hint or "")


def test_trouble_between_the_offer_and_the_transfer(hub: Hub, entry: Checkpoint) -> None:
    hub.statuses = [0, 0, 500, 0, 500, 0, 500]
    with pytest.raises(OfflineError, match="the Hub is down"):
        obtain(entry)
    assert leftovers() == []
    assert obtain(entry).read_bytes() == CONTENT
