"""Whether the network may be used and can be reached, told within a second or two whatever is broken."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from dinas_cli.errors import OfflineError, UsageProblem, reason_of

LIMIT = 1.5
"""Seconds within which a host must accept a connection. The Hub's client itself would try for more than twenty."""
_OFF = frozenset({"", "0", "false", "no", "off", "n", "f"})
_SWITCHES = ("DINAS_OFFLINE", "HF_HUB_OFFLINE")


GRACE, SLOWEST = 60.0, 1 << 15
"""Seconds that any download may take, and bytes a second that a larger one must bring besides."""
Found = TypeVar("Found")


def time_limit(size: int) -> float:
    """Seconds that a download of ``size`` bytes may take in all, however steadily it drips."""
    return GRACE + size / SLOWEST


def within(seconds: float, call: Callable[[], Found]) -> Found:
    """What ``call`` returns or raises; :class:`TimeoutError` after ``seconds``, while it goes on in a thread unheard.

    For what blocks inside of libraries, which know limits of silence only.
    """
    outcome: list[tuple[Found | None, BaseException | None]] = []

    def run() -> None:
        try:
            outcome.append((call(), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise TimeoutError(f"too slow: not done after {seconds:.0f} s")
    found, error = outcome[0]
    if error is not None:
        raise error
    return cast(Found, found)


def offline() -> bool:
    """Whether the network is ruled out by ``--offline`` (which sets ``DINAS_OFFLINE``) or ``HF_HUB_OFFLINE``."""
    return any(os.environ.get(name, "").strip().lower() not in _OFF for name in _SWITCHES)


class Probe:
    """Connects to all hosts at once when made, so that several that are down cost no more than one.

    Name servers and addresses that never answer are waited for in threads that nobody joins.
    """

    def __init__(self, urls: Iterable[str], limit: float = LIMIT) -> None:
        self._deadline = time.monotonic() + limit
        self._limit = limit
        self._hosts: dict[tuple[str, int], _Host] = {}
        for url in urls:
            with suppress(UsageProblem):  # which is told when it is its turn
                address = _address(url)
                if address not in self._hosts:
                    self._hosts[address] = _Host(*address, limit)

    def require(self, url: str) -> None:
        """Return once the host of ``url`` has accepted a connection; raise :class:`OfflineError` if it does not."""
        name, port = _address(url)
        host = self._hosts[name, port]
        host.settled.wait(max(0.0, self._deadline - time.monotonic()))
        if not host.reached:
            raise OfflineError(f"cannot reach {name}:{port} ({host.reason or f'no answer in {self._limit:g} s'})")


class _Host:
    """One host: its addresses are tried at the same time, since one of two kinds (IPv4, IPv6) is often dead."""

    def __init__(self, name: str, port: int, limit: float) -> None:
        self.settled = threading.Event()
        self.reached = False
        self.reason = ""
        self._limit = limit
        threading.Thread(target=self._resolve, args=(name, port), daemon=True).start()

    def _resolve(self, name: str, port: int) -> None:
        try:
            found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            self.reason = str(getattr(error, "strerror", None) or error).lower()
            self.settled.set()
            return
        threads = [threading.Thread(target=self._connect, args=entry, daemon=True) for entry in found]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.settled.set()

    def _connect(self, family: int, kind: int, protocol: int, _name: str, address: tuple[object, ...]) -> None:
        try:
            with socket.socket(family, kind, protocol) as connection:
                connection.settimeout(self._limit)
                connection.connect(address)
        except OSError as error:
            self.reason = reason_of(error)
        else:
            self.reached = True
            self.settled.set()


def _address(url: str) -> tuple[str, int]:
    """Host and port that a request for ``url`` connects to: those of a proxy where one is set.

    Raises :class:`UsageProblem` for what is no address.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        proxies = getproxies()
        proxy = proxies.get(parts.scheme) or proxies.get("all")
        if host and proxy and not proxy_bypass(f"{host}:{port}" if port else host):
            url = proxy
            parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
            host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise UsageProblem(f"{url!r} is no address", "see HF_ENDPOINT and the proxy variables")
    return host, port or {"https": 443, "socks5": 1080, "socks5h": 1080}.get(parts.scheme, 80)
