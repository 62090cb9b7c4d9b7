"""Failover whatever is wrong with a place: odd statuses and addresses, and answers that never end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from dinas_cli.checkpoints import mirrors, network
from dinas_cli.checkpoints.downloads import fetch
from dinas_cli.checkpoints.network import time_limit, within
from dinas_cli.errors import NotFoundError, OfflineError
from tests.checkpoints.test_hub import CONTENT, entry_of
from tests.support.hub_server import Hub


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that sends its answer to ``/head`` and ``/body`` byte by byte, for ever."""
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection:
            head = connection.recv(4096).startswith(b"GET /head")
            try:
                if not head:
                    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(CONTENT)}\r\n\r\n".encode())
                else:
                    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not stop.wait(0.05):
                    connection.sendall(b"x")
            except OSError:
                return

    def accept() -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    stop.set()
    server.close()


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrors, "PAUSE", 0.02)


@pytest.mark.parametrize("status", [400, 401, 402, 405, 410, 418, 451])
def test_whatever_the_hub_answers_a_mirror_is_asked(hub: Hub, status: int) -> None:
    hub.files["mine.safetensors"] = CONTENT
    hub.statuses = [status]
    assert fetch(entry_of(revision="1" * 40, mirrors=(f"{hub.url}/files/",))).path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    "address",
    ["https://127.0.0.1:99999/x/", "https://127.0.0.1:port/", "https://[::1/", "https://\udcff/", "https://a b/"],
)
def test_an_odd_address_stops_nothing(hub: Hub, address: str) -> None:
    hub.files["mine.safetensors"] = CONTENT
    found = fetch(entry_of(repo_id=None, mirrors=(f"{hub.url}/files/none", f"{hub.url}/files/")))
    assert found.path.read_bytes() == CONTENT
    found.path.unlink()
    entry = entry_of(repo_id=None, mirrors=(address, f"{hub.url}/files/"))
    try:
        entry.sources()
    except ValueError:
        return  # refused where the registry is read
    assert fetch(entry).path.read_bytes() == CONTENT
    with pytest.raises((NotFoundError, OfflineError)):
        fetch(entry_of(CONTENT + b"other", repo_id=None, mirrors=(address,)))


def test_a_path_beyond_ascii(hub: Hub) -> None:
    hub.files["gr%C3%BC%C3%9Fe/mine%20x.safetensors"] = CONTENT
    for path in ("grüße/mine x.safetensors", "gr%C3%BC%C3%9Fe/mine%20x.safetensors"):
        path_ = fetch(entry_of(repo_id=None, mirrors=(f"{hub.url}/files/{path}",))).path
        assert path_.read_bytes() == CONTENT
        path_.unlink()


@pytest.mark.parametrize("where", ["head", "body"])
def test_an_answer_that_drips_ends(hub: Hub, dripping: str, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    hub.files["mine.safetensors"] = CONTENT
    assert time_limit(4_000_000) > 120
    monkeypatch.setattr(network, "GRACE", 3.0)
    monkeypatch.setattr(network, "SLOWEST", 1e9)
    entry = entry_of(repo_id=None, mirrors=(f"{dripping}/{where}", f"{hub.url}/files/"))
    started = time.monotonic()
    found = fetch(entry)
    assert found.path.read_bytes() == CONTENT
    assert "too slow" in found.failures[0][1].message
    assert time.monotonic() - started < 10


def test_a_hub_that_drips_ends(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(*_: object, **__: object) -> str:
        threading.Event().wait(30)
        return ""

    monkeypatch.setattr("huggingface_hub.hf_hub_download", drip)
    monkeypatch.setattr(network, "GRACE", 0.3)
    monkeypatch.setattr(network, "SLOWEST", 1e9)
    hub.files["mine.safetensors"] = CONTENT
    entry = entry_of(revision=hub.add("someone/dinas", CONTENT), mirrors=(f"{hub.url}/files/",))
    found = fetch(entry)
    assert found.path.read_bytes() == CONTENT
    assert isinstance(found.failures[0][1], OfflineError)


def test_within() -> None:
    assert within(5, lambda: 3) == 3
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)
    with pytest.raises(TimeoutError, match="too slow"):
        within(0.05, lambda: threading.Event().wait(2))
