"""Devices: the ones the bundled surrogate knows, and the user's own, kept as the measurements they were made of.

A user's device is a JSON file of measured architectures. It is fitted to the surrogate's basis whenever it is read,
so it stays valid when the surrogate is trained again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli import headers
from dinas_cli.errors import CorruptFileError, NotFoundError, UsageProblem
from dinas_cli.files import atomic_write, data_dir, make_dir
from dinas_cli.schema import column_key
from dinas_cli.spaces.base import get_space, suggest

if TYPE_CHECKING:
    from dinas_cli.oracles.profiles import Profile
    from dinas_cli.oracles.surrogate import Surrogate

SCHEMA = "dinas/device@1"
FEWEST = 8
"""Measurements below which a profile is refused; a few dozen are advised."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")


@dataclass(frozen=True)
class Device:
    """A user's device: measured costs of architectures of one space."""

    name: str
    space: str
    metric: str
    """``latency`` (ms) or ``energy`` (mJ)."""
    dataset: str | None
    """The dataset whose networks were measured; None stands for all of the space."""
    measurements: tuple[tuple[str, float | None], ...]
    """Genotype and cost in the metric's unit; None where it does not run."""
    note: str = ""
    """How it was measured."""

    @property
    def column(self) -> str:
        """Its column key."""
        return column_key(self.metric, self.name, self.dataset)

    def to_dict(self) -> dict[str, Any]:
        """The file's JSON object."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "space": self.space,
            "metric": self.metric,
            "dataset": self.dataset,
            "note": self.note,
            "measurements": [list(pair) for pair in self.measurements],
        }

    def profile(self, surrogate: Surrogate) -> Profile:
        """Fit the cost profile of this device."""
        import numpy as np

        space = get_space(self.space)
        rows = {row.tobytes(): i for i, row in enumerate(space.reference())}
        values = np.array([space.encode(genotype) for genotype, _ in self.measurements], dtype=np.int8)
        costs = np.array([np.nan if cost is None else cost for _, cost in self.measurements])
        unit = next(spec.unit for spec in space.metrics if spec.name == self.metric)
        return surrogate.fit(self.column, unit, np.array([rows[row.tobytes()] for row in values]), costs)


def folder() -> Path:
    """Where the user's devices are kept."""
    return data_dir() / "devices"


def check_name(name: str) -> None:
    """Raise :class:`UsageProblem` for what cannot name a device."""
    if not _NAME.fullmatch(name):
        raise UsageProblem(f"{name!r} cannot name a device", "letters, digits, '_', '-' and '.', at most 40")


def check(device: Device) -> Device:
    """Raise :class:`UsageProblem` for a name, metric or set of measurements that cannot make a device."""
    space = get_space(device.space)
    check_name(device.name)
    metrics = [spec.name for spec in space.metrics if spec.per_device]
    if device.metric not in metrics:
        raise UsageProblem(f"{device.metric!r} is no metric of a device", suggest(device.metric, metrics, "metrics"))
    if device.dataset is not None and device.dataset not in space.datasets:
        raise UsageProblem(f"unknown dataset {device.dataset!r}", suggest(device.dataset, space.datasets, "datasets"))
    costs = {space.encode(genotype): cost for genotype, cost in device.measurements}
    known = [cost for cost in costs.values() if cost is not None]
    if any(not 0 < cost < float("inf") for cost in known):
        raise UsageProblem("a measured cost is not a positive number", "see: dinas devices add --help")
    if len(known) < FEWEST or len(set(known)) < 2:
        raise UsageProblem(
            f"{len(known)} architectures measured; at least {FEWEST} different ones are needed, 48 are advised",
            f"architectures to measure: dinas devices anchors --space {device.space}",
        )
    return device


def save(device: Device, *, force: bool = False) -> Path:
    """Keep a device; returns its file. An existing one stays unless ``force``."""
    check(device)
    path = make_dir(folder()) / f"{device.space}-{device.name}-{device.metric}-{device.dataset or 'all'}.json"
    atomic_write(path, json.dumps(device.to_dict(), indent=1), force=force)
    return path


def load(path: Path) -> Device:
    """Read one file; raise :class:`CorruptFileError` when it is no device."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"unknown schema {data['schema']!r}")
        pairs = tuple((str(genotype), None if cost is None else float(cost)) for genotype, cost in data["measurements"])
        return check(
            Device(data["name"], data["space"], data["metric"], data["dataset"], pairs, str(data.get("note", "")))
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError, UsageProblem) as error:
        raise CorruptFileError(f"{path} is not a device: {error}", f"remove it: rm {path}") from error


def load_all(space: str) -> list[Device]:
    """The user's devices of a space."""
    if not folder().is_dir():
        return []
    return [load(path) for path in sorted(folder().glob(f"{space}-*.json"))]


def remove(name: str, space: str) -> int:
    """Remove a user's device with all its metrics; raise :class:`NotFoundError` when there is none."""
    found = [path for path in folder().glob(f"{space}-*.json") if load(path).name == name] if folder().is_dir() else []
    if not found:
        own = sorted({device.name for device in load_all(space)})
        raise NotFoundError(f"no device {name!r} of yours in {space}", suggest(name, own, "yours"))
    for path in found:
        path.unlink()
    return len(found)


def device_names(space: str, metric: str | None = None) -> tuple[str, ...]:
    """Names of all known devices, shipped ones first; reads no weights."""
    own = [device.name for device in load_all(space) if metric in (None, device.metric)]
    return tuple(dict.fromkeys([*headers.device_names(space, metric), *own]))


def anchors(space_name: str, count: int, seed: int = 0) -> list[str]:
    """Genotypes to measure on a new device: a random, repeatable sample of the space without repeated ids."""
    import numpy as np

    space = get_space(space_name)
    reference = space.reference()
    chosen: dict[str, str] = {}
    for row in np.random.default_rng(seed).permutation(len(reference)):
        values = reference[row].tolist()
        chosen.setdefault(space.canonical_id(values), space.decode(values))
        if len(chosen) == count:
            break
    return list(chosen.values())


def attach(surrogate: Surrogate, devices: Sequence[Device]) -> None:
    """Make devices known to a surrogate."""
    for device in devices:
        surrogate.add_profile(device.profile(surrogate))
