"""Reachability: quick whatever is broken, with proxies and several addresses, and the switches that rule it out."""

from __future__ import annotations

import socket
import time

import pytest

from dinas_cli.checkpoints.network import Probe, offline
from dinas_cli.errors import OfflineError, UsageProblem
from tests.support.hub_server import Hub


@pytest.mark.parametrize("name", ["DINAS_OFFLINE", "HF_HUB_OFFLINE"])
@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("yes", True), ("0", False), ("False", False), ("", False)]
)
def test_switches(monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: bool) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert not offline()
    monkeypatch.setenv(name, value)
    assert offline() is expected


def test_reachable_by_name_and_number(hub: Hub) -> None:
    started = time.monotonic()
    probe = Probe([hub.url, hub.storage, hub.url + "/again"])  # localhost may have an address that refuses
    probe.require(hub.url + "/other/path")
    probe.require(hub.storage)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("url", "reason"),
    [("http://127.0.0.1:9", "connection refused"), ("https://hub.invalid", r"cannot reach hub\.invalid")],
)
def test_unreachable(hub: Hub, url: str, reason: str) -> None:
    started = time.monotonic()
    with pytest.raises(OfflineError, match=reason):
        Probe([url], limit=0.5).require(url)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("url", ["", "hub", "https://[::", "http://localhost:port"])
def test_no_address(hub: Hub, url: str) -> None:
    with pytest.raises(UsageProblem, match="is no address"):
        Probe([url]).require(url)


def test_silence_costs_the_limit_once(hub: Hub) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listener.getsockname())
        silent = f"http://127.0.0.1:{listener.getsockname()[1]}"
        started = time.monotonic()
        probe = Probe([silent, silent.replace("127.0.0.1", "localhost")], limit=0.4)
        for url in (silent, silent.replace("127.0.0.1", "localhost")):
            with pytest.raises(OfflineError, match=r"no answer in 0\.4 s|timed out|refused"):
                probe.require(url)
        assert 0.3 < time.monotonic() - started < 0.7
        for each in waiting:
            each.close()


def test_a_proxy_is_what_must_be_reached(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", hub.url)
    Probe(["https://hub.invalid"]).require("https://hub.invalid")
    monkeypatch.setenv("no_proxy", "hub.invalid")
    with pytest.raises(OfflineError, match=r"cannot reach hub\.invalid:443"):
        Probe(["https://hub.invalid"]).require("https://hub.invalid")
    monkeypatch.delenv("no_proxy")
    monkeypatch.setenv("https_proxy", "127.0.0.1:9")
    with pytest.raises(OfflineError, match=r"cannot reach 127\.0\.0\.1:9"):
        Probe(["https://hub.invalid"]).require("https://hub.invalid")
