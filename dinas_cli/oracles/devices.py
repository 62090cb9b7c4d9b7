"""Devices: the ones the bundled surrogate knows, and the user's own, kept as the measurements they were made of.

A user's device is a JSON file of measured architectures. It is fitted to the surrogate's basis whenever it is read,
so it stays valid when the surrogate is trained again.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem, suggest
from dinas_cli.files.atomic import atomic_write, data_dir, make_dir
from dinas_cli.files.columns import column_key
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.settings import Setting

if TYPE_CHECKING:
    import numpy as np

    from dinas_cli.oracles.profiles import Profile
    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.spaces.shared.protocol import Space

SCHEMA = "dinas/device@1"
FEWEST = 8
"""Measurements below which a profile is refused; a few dozen are advised."""
FOLDS = 6
"""Parts of the measurements that are left out in turn to see how good a fit is."""
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
    setting: Setting | None = None
    """Which network the costs are about; None in files that do not say."""

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
            **({} if self.setting is None else {"network": self.setting.to_dict()}),
            "measurements": [list(pair) for pair in self.measurements],
        }

    @property
    def unit(self) -> str:
        """The unit of its costs."""
        return find_metric(get_space(self.space), self.metric).unit

    def fit(self, surrogate: Surrogate) -> tuple[Profile, float | None]:
        """The cost profile of this device, and how well such profiles rank its architectures.

        The second is Kendall's tau of every architecture's measured cost with the one that a fit to the others
        predicts (in :data:`FOLDS` parts); None when too few run on the device.
        """
        import numpy as np

        values = np.array([surrogate.space.encode(genotype) for genotype, _ in self.measurements])
        costs = np.array([np.nan if cost is None else cost for _, cost in self.measurements])
        predicted = np.empty(len(values))
        part = np.arange(len(values)) % FOLDS
        for fold in range(FOLDS):
            others, left_out = part != fold, part == fold
            if np.isfinite(costs[others]).any():
                partial = surrogate.fit(self.column, self.unit, values[others], costs[others])
                predicted[left_out] = partial.predict(surrogate.basis(values[left_out]))
        profile = surrogate.fit(self.column, self.unit, values, costs)
        return profile, kendall_tau(predicted, costs)


def folder() -> Path:
    """Where the user's devices are kept."""
    return data_dir() / "devices"


def check_name(name: str) -> None:
    """Raise :class:`UsageProblem` for what cannot name a device."""
    if not _NAME.fullmatch(name):
        raise UsageProblem(f"{name!r} cannot name a device", "letters, digits, '_', '-' and '.', at most 40")


def check_metric(space: Space, metric: str) -> None:
    """Raise :class:`UsageProblem` for what the space does not know of devices."""
    metrics = [spec.name for spec in space.metrics if spec.per_device]
    if metric not in metrics:
        raise UsageProblem(f"{metric!r} is no metric of a device in {space.name}", suggest(metric, metrics, "known"))


def check(device: Device) -> Device:
    """Raise :class:`UsageProblem` for a name, metric or set of measurements that cannot make a device."""
    space = get_space(device.space)
    check_name(device.name)
    check_metric(space, device.metric)
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


def target(
    name: str, space: str, metric: str, dataset: str | None, *, shipped: Sequence[str] = (), force: bool = False
) -> Path:
    """The file of a new device; raise when the name cannot be taken, before anything is measured for it.

    ``shipped`` are the devices that come with the space's surrogate: their names are taken for good.
    """
    check_name(name)
    check_metric(get_space(space), metric)
    if name in shipped:
        raise UsageProblem(f"{name!r} is a device that dinas knows already", f"choose another name, such as my-{name}")
    path = _path(name, space, metric, dataset)
    if path.exists() and not force:
        raise DinasError(
            f"{metric} of device {name!r} is known already", "replace it with --force, or choose another name"
        )
    return path


def save(device: Device, *, shipped: Sequence[str] = (), force: bool = False) -> Path:
    """Keep a device; returns its file. An existing one stays unless ``force``; see :func:`target` for ``shipped``."""
    check(device)
    path = target(device.name, device.space, device.metric, device.dataset, shipped=shipped, force=force)
    make_dir(folder())
    atomic_write(path, json.dumps(device.to_dict(), indent=1), force=force)
    return path


def load(path: Path) -> Device:
    """Read one file; raise :class:`CorruptFileError` when it is no device."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"unknown schema {data['schema']!r}")
        pairs = tuple((str(genotype), None if cost is None else float(cost)) for genotype, cost in data["measurements"])
        setting = Setting.from_dict(get_space(data["space"]), data["network"]) if "network" in data else None
        note = str(data.get("note", ""))
        return check(Device(data["name"], data["space"], data["metric"], data["dataset"], pairs, note, setting))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, UsageProblem) as error:
        raise CorruptFileError(f"{path} is not a device: {error}", f"remove it: rm {path}") from error


def load_all(space: str) -> list[Device]:
    """The user's devices of a space."""
    if not folder().is_dir():
        return []
    return [load(path) for path in sorted(folder().glob(f"{space}-*.json"))]


def remove(name: str, space: str, *, shipped: Sequence[str] = ()) -> int:
    """Remove a user's device with all its metrics, unread; raise :class:`NotFoundError` when there is none."""
    datasets = (None, *get_space(space).datasets)
    metrics = [spec.name for spec in get_space(space).metrics if spec.per_device]
    found = [path for metric in metrics for each in datasets if (path := _path(name, space, metric, each)).is_file()]
    if not found or not _NAME.fullmatch(name):
        if name in shipped:
            raise UsageProblem(
                f"{name!r} is not a device of yours: it comes with dinas and stays", "dinas devices list"
            )
        raise NotFoundError(f"no device {name!r} of yours in {space}", suggest(name, own_names(space), "yours"))
    for path in found:
        path.unlink()
    return len(found)


def own_names(space: str) -> list[str]:
    """Names of the user's devices that can be read; the others are passed over."""
    names: dict[str, None] = {}
    for path in sorted(folder().glob(f"{space}-*.json")) if folder().is_dir() else ():
        with suppress(CorruptFileError):
            names[load(path).name] = None
    return list(names)


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
    """Make devices known to a surrogate; each is fitted when it is first asked about."""
    for device in devices:
        surrogate.add_device(device.column, device.unit, partial(device.fit, surrogate))


def load_surrogate(path: Path, space: str) -> Surrogate:
    """The surrogate in a file, knowing the user's devices of ``space``; raises as :meth:`Surrogate.load` does."""
    from dinas_cli.oracles.surrogate import Surrogate

    surrogate = Surrogate.load(path)
    attach(surrogate, load_all(space))
    return surrogate


def kendall_tau(predicted: np.ndarray, measured: np.ndarray) -> float | None:
    """Kendall's tau-b of two rows of numbers ``(m,)``, NaN left out; None where it is not defined."""
    import numpy as np

    known = ~np.isnan(measured)
    first, second = (np.sign(row[known][:, None] - row[known]) for row in (predicted, measured))
    scale = math.sqrt(float((first**2).sum()) * float((second**2).sum()))
    return float((first * second).sum()) / scale if scale else None


def _path(name: str, space: str, metric: str, dataset: str | None) -> Path:
    return folder() / f"{space}-{name}-{metric}-{dataset or 'all'}.json"
