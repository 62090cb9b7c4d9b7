"""Ray: where it is, what a task may use there, and tasks that come back as they end, in whatever order."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dinas_cli.errors import DinasError, need_packages, reason_of

Made = TypeVar("Made")
REACHED = 10.0
"""Seconds within which a cluster has to take a connection."""


@dataclass(frozen=True)
class Cluster:
    """A Ray cluster: the one at ``address`` (None: that of ``RAY_ADDRESS``, else a new one of this machine alone).

    ``address`` is as ``ray.init`` takes it: ``auto`` is the cluster that this machine belongs to.
    ``cpus`` and ``gpus`` are what one task needs; ``most`` is how many run at a time (None: what there is room for).
    Folders that tasks write must be on a file system that all nodes share, and dinas installed there.
    """

    address: str | None = None
    cpus: float = 1
    gpus: float = 0
    most: int | None = None

    def check(self) -> None:
        """Raise :class:`NotFoundError` where Ray is not installed."""
        need_packages("--engine ray", "ray", {"ray": "ray"})

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Have Ray at hand; raises :class:`DinasError` where there is no cluster, or none that has what a task needs.

        A cluster that was connected already stays so.
        """
        self.check()
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # what Ray is going to do, it warns otherwise
        import ray

        if ray.is_initialized():
            yield
            return
        address = self.address or os.environ.get("RAY_ADDRESS") or "local"  # Ray would look for any that runs here
        _reach(address)
        try:
            ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        except Exception as error:  # of no particular kind where a node takes too long to start
            where = "here" if address == "local" else f"at {address}"
            first = next(iter(str(error).splitlines()), type(error).__name__)
            raise DinasError(f"no Ray cluster {where}: {first}", "see: ray status") from error
        try:
            if address == "local":
                self._check_room(ray.cluster_resources())
            yield
        finally:
            ray.shutdown()

    def _check_room(self, there: Mapping[str, float]) -> None:
        """An own cluster never grows: what it has no room for would wait forever."""
        for name, wanted in (("CPU", self.cpus), ("GPU", self.gpus)):
            if wanted > there.get(name, 0):
                raise DinasError(
                    f"this machine has {there.get(name, 0):g} {name}s, a task needs {wanted:g}",
                    f"--{name.lower()}s {there.get(name, 0):g}, or a cluster with --address",
                )


def _reach(address: str) -> None:
    """Raise :class:`DinasError` where nothing answers at ``HOST:PORT``; Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), timeout=REACHED).close()
    except (OSError, OverflowError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else str(error)
        raise DinasError(f"no Ray cluster at {address}: {reason}", "see: ray status") from error


class Tasks(Generic[Made]):
    """Calls of one function on a connected cluster, each of them begun anew elsewhere where its node dies."""

    def __init__(self, cluster: Cluster, function: Callable[..., Made]) -> None:
        import ray

        self._remote = ray.remote(num_cpus=cluster.cpus, num_gpus=cluster.gpus, max_retries=-1)(_outcome)
        self._function = function
        self._flying: dict[Any, Hashable] = {}

    def __len__(self) -> int:
        return len(self._flying)

    def begin(self, key: Hashable, *args: Any) -> None:
        """Call the function with ``args`` where there is room; ``key`` names the call."""
        self._flying[self._remote.remote(self._function, args)] = key

    def ended(self, wait: float | None = None) -> Iterator[tuple[Hashable, Made]]:
        """Keys and results of calls that have ended, after at most ``wait`` seconds (None: until there is one).

        Raises the :class:`DinasError` that a call has raised, and one for what Ray cannot do.
        """
        import ray
        from ray.exceptions import RayError

        if not self._flying:
            return
        ready, _ = ray.wait(list(self._flying), num_returns=1, timeout=wait)
        for reference in ready:
            key = self._flying.pop(reference)
            try:
                outcome = ray.get(reference)
            except RayError as error:
                first = next((line for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
                raise DinasError(f"a task of Ray failed: {first.strip()}", "see: ray logs") from error
            if outcome.error is not None:
                raise outcome.error
            yield key, outcome.value


@dataclass(frozen=True)
class _Outcome:
    """What a call gave; our own errors travel as values, for Ray would wrap them."""

    value: Any = None
    error: DinasError | None = None


def _outcome(function: Callable[..., Any], args: tuple[Any, ...]) -> _Outcome:
    try:
        return _Outcome(function(*args))
    except DinasError as error:
        return _Outcome(error=error.with_traceback(None))
