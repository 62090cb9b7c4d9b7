"""How conditions become numbers: loadings of categories, ranks on a log scale, limits with their device's descriptor.

A condition of kind

* ``category`` (what an architecture is for: the dataset) is a row of loadings on the known categories, one-hot for each
  of these, and then ``descriptor`` numbers of what the loadings leave unsaid;
* ``rank`` is a share of the best by one metric, whose name it has, among what meets the limits; a space may have
  several such metrics, each with a condition of its own;
* ``budget`` is any number of limits on one metric, up to ``limits`` of them at a time, each on a device or the other
  side of another. A lower limit on a cost is the upper limit on a device that charges the opposite, so that both sides
  share their numbers. All limits of a condition share one embedding, and these are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dinas_cli.files.typed import Fields, short
from dinas_cli.files.weights import MOST_WIDE
from dinas_cli.oracles.profiles import Profile

FREQUENCIES = np.array([1.0, 2.0, 4.0, 8.0])
SMALLEST_QUANTILE = 0.01
KINDS = ("category", "rank", "budget")


@dataclass(frozen=True)
class ConditionSpec:
    """One condition a checkpoint understands."""

    name: str
    kind: str
    """One of :data:`KINDS`."""
    categories: tuple[str, ...] = ()
    descriptor: int = 0
    """Length ``k`` of the descriptor of a budget's device, or of a category besides its loadings."""
    limits: int = 1
    """How many limits of a budget the checkpoint was trained to keep at once."""
    sides: int = 1
    """2 where the limits of a budget may be lower ones."""

    @property
    def width(self) -> int:
        """Number of features."""
        if self.kind == "category":
            return len(self.categories) + self.descriptor
        return 1 + 2 * len(FREQUENCIES) + (self.descriptor + 4 if self.kind == "budget" else 0)

    def to_dict(self) -> dict[str, Any]:
        """As JSON for the checkpoint's metadata."""
        return {
            "name": self.name,
            "kind": self.kind,
            "categories": list(self.categories),
            "descriptor": self.descriptor,
            "limits": self.limits,
            "sides": self.sides,
        }

    @classmethod
    def from_dict(cls, data: object) -> ConditionSpec:
        """The inverse of :meth:`to_dict`; raise ValueError for anything else."""
        fields = Fields(data, "condition")
        if fields.text("kind") not in KINDS:
            raise ValueError(f"unknown kind of condition {short(fields.text('kind'))}")
        # Files from before there were several limits, or lower ones, do not say so.
        more = fields.whole("limits", 1, MOST_WIDE, default=1), fields.whole("sides", 1, 2, default=1)
        descriptor = fields.whole("descriptor", 0, MOST_WIDE)
        return cls(fields.text("name"), fields.text("kind"), fields.texts("categories"), descriptor, *more)


def category_features(index: np.ndarray, count: int) -> np.ndarray:
    """Numbers ``(B,)`` of known categories -> their descriptors ``(B, count)``: a loading of one on themselves."""
    return np.eye(count, dtype=np.float32)[index]


def rank_features(top: np.ndarray) -> np.ndarray:
    """Ranks "among the best ``top (B,)`` percent" -> ``(B, 9)``; 0.1 % maps to 1 and 100 % to 0."""
    return _waves(np.log10(100 / np.clip(top, 0.1, 100)) / 3)


def budget_features(
    descriptor: np.ndarray, standardised: np.ndarray, quantile: np.ndarray, noise: np.ndarray
) -> np.ndarray:
    """Budgets -> ``(B, k + 13)``.

    ``descriptor (B, k)`` are the device's normalised operator costs, ``standardised (B,)`` the limit in standard
    deviations from the mean cost, ``quantile (B,)`` the share of the space below it and ``noise (B, 2)`` the relative
    measurement noise at the limit and at the median.
    """
    quantile = np.clip(quantile, SMALLEST_QUANTILE, 1.0)
    return np.concatenate(
        [
            _waves(quantile),
            descriptor,
            np.clip(standardised, -5, 5)[:, None],
            np.log10(quantile)[:, None],
            np.log10(np.clip(noise, 1e-3, 10)) / 2,
        ],
        1,
    ).astype(np.float32)


def profile_features(profile: Profile, limit: float, *, least: bool = False) -> np.ndarray:
    """Features ``(1, k + 13)`` of one limit, in the profile's unit: the costliest allowed or, with ``least``, the
    cheapest."""
    cost = profile.cost(limit)
    standardised = np.array([(cost - profile.level) / profile.scale])
    noise = profile.sigma(np.array([cost, profile.edges[len(profile.edges) // 2]])) / profile.scale
    quantile, sign = profile.quantile(cost), -1 if least else 1
    return budget_features(
        sign * profile.descriptor[None],
        sign * standardised,
        np.array([1 - quantile if least else quantile]),
        noise[None].astype(np.float64),
    )


def _waves(unit: np.ndarray) -> np.ndarray:
    """A number ``(B,)`` in [0, 1] and its harmonics ``(B, 9)``."""
    angles = np.pi * unit[:, None] * FREQUENCIES
    return np.concatenate([unit[:, None], np.sin(angles), np.cos(angles)], 1).astype(np.float32)
