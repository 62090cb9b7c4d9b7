"""Which source is used, in which order, how quickly one is given up, and that nothing needs a network in vain."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dinas_cli.checkpoints import copies
from dinas_cli.checkpoints.checkpoint import Checkpoint, to_toml
from dinas_cli.checkpoints.copies import find_copy
from dinas_cli.checkpoints.downloads import fetch
from dinas_cli.checkpoints.registry import load_registry, obtain, resolve
from dinas_cli.errors import CorruptFileError, NotFoundError, OfflineError
from tests.checkpoints.test_hub import BAD, CONTENT, entry_of
from tests.conftest import Cli
from tests.support.hub_server import Hub
from tests.support.nightly import NIGHTLY, by_day

DEAD = "http://127.0.0.1:9"
"""Nobody listens here: the port that discards."""


def test_mirrors_are_tried_in_order(hub: Hub, tmp_path: Path) -> None:
    revision = hub.add("someone/copy", CONTENT)
    hub.files["wrong"] = BAD
    entry = entry_of(
        revision="0" * 40,  # no such repository
        mirrors=(str(tmp_path), f"{hub.url}/files/none", f"{hub.url}/files/wrong", f"hf://someone/copy@{revision}"),
    )
    found = fetch(entry)
    assert str(found.source) == entry.mirrors[-1]
    assert [type(error) for _, error in found.failures] == [NotFoundError] * 3 + [CorruptFileError]
    assert "models--someone--copy" in found.path.parts
    assert obtain(entry) == found.path


@pytest.mark.parametrize("down", ["refuses", "fails"])
def test_hub_down_and_a_mirror_up(hub: Hub, monkeypatch: pytest.MonkeyPatch, down: str) -> None:
    hub.files["mine.safetensors"] = CONTENT
    entry = entry_of(revision="1" * 40, mirrors=(f"{hub.url}/files/",))
    if down == "refuses":
        monkeypatch.setenv("HF_ENDPOINT", DEAD)
    else:
        hub.statuses = [503]
    started = time.monotonic()
    assert obtain(entry).read_bytes() == CONTENT
    assert time.monotonic() - started < 2  # with a mirror left, the Hub is not waited for


def test_all_failures_are_named(hub: Hub, tmp_path: Path) -> None:
    entry = entry_of(revision="1" * 40, mirrors=(str(tmp_path / "usb"), f"{DEAD}/files/"))
    with pytest.raises(OfflineError) as caught:
        obtain(entry)
    for words in ("hf://someone/dinas@1111", "no file", "usb", "127.0.0.1:9 (connection refused)"):
        assert words in caught.value.message
    assert "rebuild it from data: dinas train" in (caught.value.hint or "")


def test_order_of_copies(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "weights_dir", lambda: tmp_path)
    entry = entry_of(revision=hub.add("someone/dinas", CONTENT), bundled=True)
    bundled = tmp_path / entry.filename
    bundled.write_bytes(CONTENT)
    assert obtain(entry) == bundled
    assert hub.requests == []
    cached = fetch(entry).path
    assert obtain(entry) == cached
    cached.resolve().write_bytes(BAD)
    assert obtain(entry) == bundled  # a damaged copy does not stand in the way
    bundled.write_bytes(BAD)
    assert obtain(entry).read_bytes() == CONTENT  # and a damaged package is mended by a download


@pytest.fixture
def silent() -> Iterator[str]:
    """A server whose backlog is full: it neither refuses a connection nor accepts one."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        yield f"http://127.0.0.1:{address[1]}"
        for each in waiting:
            each.close()


@pytest.mark.parametrize("how", ["refused", "silent", "no such host", "offline"])
def test_missing_checkpoint_without_a_network_fails_quickly(
    shell: Cli, hub: Hub, silent: str, tmp_path: Path, how: str
) -> None:
    entry = entry_of(revision="1" * 40, mirrors=(f"{silent}/files/", "https://mirror.invalid/files/"))
    (tmp_path / "more.toml").write_text(to_toml(entry))
    endpoints = {"refused": DEAD, "silent": silent, "no such host": "https://hub.invalid", "offline": hub.url}
    env = {"DINAS_CHECKPOINTS": str(tmp_path / "more.toml"), "HF_ENDPOINT": endpoints[how]}
    if how == "offline":
        env["HF_HUB_OFFLINE"] = "1"
    started = time.monotonic()
    result = shell("download", "mine", env=env)
    elapsed = time.monotonic() - started
    assert result.code == 4
    error, hint = result.err.splitlines()
    assert error.startswith("error: mine could not be downloaded: ")
    assert hint.startswith("hint: ")
    assert "dinas download mine" in hint
    # The figure is 3 s on a machine with nothing else to do; importing takes longer on a busy one.
    assert elapsed < 3 + 2 * float(os.getloadavg()[0] > 1)


LOOKUP = """
import sys, time
from dinas_cli.checkpoints.registry import resolve
resolve("mine", "nasbench201", "generator")
started = time.perf_counter()
resolve("mine", "nasbench201", "generator")
print(time.perf_counter() - started)
assert not {"huggingface_hub", "torch", "numpy", "urllib.request"} & set(sys.modules)
"""


def test_cached_file_costs_no_wait_without_a_network(hub: Hub, tmp_path: Path) -> None:
    content = random.Random(1).randbytes(4_000_000)
    entry = entry_of(content, revision=hub.add("someone/dinas", content))
    obtain(entry)
    (tmp_path / "more.toml").write_text(to_toml(entry))
    env = os.environ | {"DINAS_CHECKPOINTS": str(tmp_path / "more.toml"), "HF_ENDPOINT": "https://hub.invalid"}
    done = subprocess.run([sys.executable, "-c", LOOKUP], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 0.3


def test_surrogate_comes_from_a_registry_of_ones_own(
    cli: Cli, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = next((entry for entry in bundled() if entry.kind == "surrogate"), None)
    if shipped is None:
        pytest.skip("this installation carries no surrogate")
    content = (copies.weights_dir() / shipped.filename).read_bytes()
    changes = {"kind": "surrogate", "conditions": shipped.conditions, "filename": "theirs.safetensors"}
    theirs = entry_of(
        content, shipped.name, revision=hub.add("someone/dinas", content, "theirs.safetensors"), **changes
    )
    (tmp_path / "more.toml").write_text(to_toml(theirs))
    asked = ["eval", "|" + "|+|".join(["skip_connect~0", "none~0|none~1", "none~0|none~1|skip_connect~2"]) + "|"]
    asked += ["--space", shipped.space, "--metrics", "acc", "--json"]
    usual = cli(*asked)
    assert cli(*asked, "--registry", tmp_path / "more.toml", "--offline").code == 4
    monkeypatch.delenv("DINAS_OFFLINE")
    found = cli(*asked, "--registry", tmp_path / "more.toml")
    assert (found.code, found.out) == (0, usual.out)
    assert hub.transferred() == len(content)


def bundled() -> list[Checkpoint]:
    """What the package carries."""
    return [entry for entry in load_registry().values() if entry.bundled]


@pytest.mark.parametrize("entry", by_day(bundled(), bundled()[:3]), ids=lambda entry: entry.name)
def test_any_altered_byte_of_a_bundled_file_is_found(
    entry: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli
) -> None:
    path = tmp_path / entry.filename
    shutil.copyfile(copies.weights_dir() / entry.filename, path)
    others = {each.filename for each in bundled()} - {entry.filename}
    for name in others:
        shutil.copyfile(copies.weights_dir() / name, tmp_path / name)
    monkeypatch.setattr(copies, "weights_dir", lambda: tmp_path)
    assert resolve(entry.name, entry.space, entry.kind) == path
    dice = random.Random(entry.name)
    for at in [0, entry.bytes - 1, *(dice.randrange(entry.bytes) for _ in range(198 if NIGHTLY else 28))]:
        with open(path, "r+b") as file:
            file.seek(at)
            right = file.read(1)
            file.seek(at)
            file.write(bytes([right[0] ^ dice.randrange(1, 256)]))
        with pytest.raises(CorruptFileError, match="SHA-256"):
            resolve(entry.name, entry.space, entry.kind)
        if not at % 10:
            with pytest.raises(CorruptFileError, match="SHA-256"):
                resolve(str(path), entry.space, entry.kind)  # named by its path
        result = cli("checkpoints", "verify", entry.name, "--json")
        assert result.code == 1
        assert json.loads(result.out)["status"].startswith("altered: SHA-256 ")
        with open(path, "r+b") as file:
            file.seek(at)
            file.write(right)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
    assert find_copy(entry) is not None
    assert cli("checkpoints", "verify").code == 0
