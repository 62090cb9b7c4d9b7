"""Cost profiles: what one device (or counter) charges for an architecture, fitted from a few dozen measurements.

A profile is a linear read-out of basis features shared by all devices: ``cost(x) = level + basis(x) . weights``. Its
weights are the fitted, normalised operator costs of the device; :attr:`Profile.descriptor` is all the generator sees
of it, so a device measured tomorrow works without retraining. Of a cost less is better: what a metric's values are as
costs, its :attr:`~dinas_cli.spaces.shared.protocol.MetricSpec.cost` says, and :func:`to_cost` and :func:`from_cost` do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

LEVELS = np.linspace(0, 1, 101)
"""Quantiles at which a cost's distribution over the space is kept."""

BINS = 20
"""Equal parts of the space, by predicted cost, whose noise is described separately: noise grows with the cost."""

PER_BIN = (len(LEVELS) - 1) // BINS


ADDITIVE = ("", "inverse")
"""Kinds of costs that add up from what a device charges for operations; logarithms do not."""


def to_cost(values: np.ndarray, kind: str) -> np.ndarray:
    """A metric's values, ``kind`` its :attr:`~dinas_cli.spaces.shared.protocol.MetricSpec.cost`, as costs."""
    if not kind:
        return values
    if kind == "inverse":
        return 1000 / values
    logarithms: np.ndarray = np.log(values)
    return -logarithms if kind.startswith("-") else logarithms


def from_cost(costs: np.ndarray, kind: str) -> np.ndarray:
    """The inverse of :func:`to_cost`."""
    if kind in ("", "inverse"):
        return to_cost(costs, kind)
    values: np.ndarray = np.exp(-costs if kind.startswith("-") else costs)
    return values


@dataclass(frozen=True)
class Profile:
    """One cost metric of one device; all but what is said to be a value is a cost, see :func:`to_cost`."""

    column: str
    """Column key, for example ``latency/fpga@cifar10``."""
    unit: str
    level: float
    """Mean cost over the reference architectures."""
    weights: np.ndarray
    """Costs ``(k,)`` of the whitened basis features."""
    edges: np.ndarray
    """Predicted costs ``(101,)`` at the quantiles :data:`LEVELS` of the reference."""
    noise: np.ndarray
    """Standard deviation ``(20,)`` of measurements around the prediction, from the fastest part to the slowest."""
    measured: int
    """How many measured architectures it was fitted from."""
    kind: str = ""
    """How the metric's values become costs."""
    left_out: tuple[int, ...] = ()
    """Numbers of the measurements that it was not fitted to: the others contradict them, or hardly any does not run."""

    @property
    def scale(self) -> float:
        """Standard deviation of the predicted cost over the reference."""
        return float(np.linalg.norm(self.weights)) or 1.0

    @property
    def descriptor(self) -> np.ndarray:
        """Normalised operator costs ``(k,)``, of unit length and without a unit."""
        return self.weights / self.scale

    def predict(self, basis: np.ndarray) -> np.ndarray:
        """Costs ``(B,)`` of architectures with whitened basis features ``(B, k)``."""
        return self.level + basis @ self.weights

    def plausible(self, predicted: np.ndarray) -> np.ndarray:
        """Predicted costs ``(B,)`` as values shown to people: positive, or a share, where the fit says otherwise."""
        if self.kind not in ADDITIVE:
            return self.values(predicted)
        if self.unit == "%":
            return predicted.clip(0, 100)
        return self.values(np.maximum(predicted, 1e-3 * abs(float(self.edges[len(self.edges) // 2]))))

    def values(self, costs: np.ndarray) -> np.ndarray:
        """Costs ``(B,)`` as values in the metric's unit."""
        return from_cost(costs, self.kind)

    def cost(self, value: float) -> float:
        """A value in the metric's unit as a cost."""
        return float(to_cost(np.array(value, np.float64), self.kind))

    def sigma(self, predicted: np.ndarray) -> np.ndarray:
        """Measurement noise ``(B,)`` at predicted costs ``(B,)``, interpolated between the levels."""
        return np.interp(predicted, self.edges[PER_BIN // 2 :: PER_BIN][:BINS], self.noise)

    def quantile(self, cost: float) -> float:
        """Share of the reference predicted to cost at most ``cost``, in [0, 1]."""
        return float(np.interp(cost, self.edges, LEVELS))


def stored_profile(
    tensors: Mapping[str, np.ndarray], number: int, column: str, unit: str, measured: int, kind: str
) -> Profile:
    """One of the profiles that a surrogate's file holds, one row of its tensors ``profile.*``."""
    level, weights, edges, noise = (
        tensors[f"profile.{part}"][number].astype(np.float64) for part in ("level", "weights", "edges", "noise")
    )
    return Profile(column, unit, float(level), weights, edges, noise, measured, kind)


def normal_cdf(z: np.ndarray) -> np.ndarray:
    """Standard normal distribution function, by the Abramowitz & Stegun 7.1.26 formula (error below 1.5e-7)."""
    x = np.abs(z) / np.sqrt(2.0)
    t = 1 / (1 + 0.3275911 * x)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    tail = 0.5 * series * np.exp(-np.minimum(x * x, 700.0))
    return np.where(z >= 0, 1 - tail, tail)
