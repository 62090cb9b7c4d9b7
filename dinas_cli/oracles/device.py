"""A device of the user's own: measured costs of architectures, and what is made of them.

It is fitted to the surrogate's basis whenever it is asked about, so it stays valid when the surrogate is trained again.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dinas_cli.architectures.conditions import find_metric
from dinas_cli.errors import UsageProblem, suggest
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
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
THIS_MACHINE = "this-machine"
"""What columns of measurements that were just made here name in the place of a device."""


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
        predicts (in :data:`FOLDS` parts), of those that are believed; None when too few run on the device.
        """
        import numpy as np

        values, costs = self._arrays(surrogate.space)
        predicted = np.empty(len(values))
        part = np.arange(len(values)) % FOLDS
        for fold in range(FOLDS):
            others, left_out = part != fold, part == fold
            if np.isfinite(costs[others]).any():
                partial = surrogate.fit(self.column, self.unit, values[others], costs[others])
                predicted[left_out] = partial.predict(surrogate.basis(values[left_out]))
        profile = surrogate.fit(self.column, self.unit, values, costs)
        costs[list(profile.left_out)] = np.nan
        return profile, kendall_tau(predicted, costs)

    def doubtful(self, surrogate: Surrogate) -> list[Doubt]:
        """The measurements that :meth:`fit` does not believe, the worst first."""
        values, costs = self._arrays(surrogate.space)
        profile = surrogate.fit(self.column, self.unit, values, costs)
        rows = [*profile.left_out]
        if not rows:
            return []
        predicted = profile.plausible(profile.predict(surrogate.basis(values[rows])))
        found = [Doubt(*self.measurements[row], float(cost)) for row, cost in zip(rows, predicted, strict=True)]
        return sorted(found, key=lambda doubt: -doubt.factor)

    def _arrays(self, space: Space) -> tuple[np.ndarray, np.ndarray]:
        """Architectures ``(m, V)`` and costs ``(m,)``, NaN where they do not run."""
        import numpy as np

        costs = [np.nan if cost is None else cost for _, cost in self.measurements]
        return np.array([space.encode(genotype) for genotype, _ in self.measurements]), np.array(costs)


@dataclass(frozen=True)
class Doubt:
    """A measurement that the others contradict."""

    genotype: str
    measured: float | None
    predicted: float
    """By the others, in the same unit."""

    @property
    def factor(self) -> float:
        """By which the two differ; endless where it does not run."""
        if self.measured is None:
            return math.inf
        return max(self.measured / self.predicted, self.predicted / self.measured)


def check_name(name: str) -> None:
    """Raise :class:`UsageProblem` for what cannot name a device."""
    if not NAME.fullmatch(name):
        raise UsageProblem(f"{name!r} cannot name a device", "letters, digits, '_', '-' and '.', at most 40")
    if name == THIS_MACHINE:
        raise UsageProblem(f"{name!r} is what dinas eval --measure calls its columns", "choose another name")


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


def kendall_tau(predicted: np.ndarray, measured: np.ndarray) -> float | None:
    """Kendall's tau-b of two rows of numbers ``(m,)``, NaN left out; None where it is not defined."""
    import numpy as np

    known = ~np.isnan(measured)
    first, second = (np.sign(row[known][:, None] - row[known]) for row in (predicted, measured))
    scale = math.sqrt(float((first**2).sum()) * float((second**2).sum()))
    return float((first * second).sum()) / scale if scale else None
