"""Why two architectures should do alike on data nobody has seen: the parts of the covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PRIOR = {"level": 0.5, "transfer": 0.5, "loadings": 0.25, "linear": 0.25, "nearness": 0.5, "noise": 0.2}
"""Weights as they are expected to be, of labels of variance 1."""


@dataclass(frozen=True)
class Points:
    """Architectures as the kernel sees them."""

    descriptors: np.ndarray
    """``(B, F)``, of unit mean square."""
    transferred: np.ndarray
    """``(B,)`` normal scores that known data sets agree on."""
    apart: np.ndarray
    """``(B, D)``: by how much each known data set departs from these."""

    def take(self, rows: np.ndarray | list[int]) -> Points:
        """Those of some rows."""
        return Points(self.descriptors[rows], self.transferred[rows], self.apart[rows])

    def __len__(self) -> int:
        return len(self.descriptors)


class Kernel:
    """Parts: one level for all · the transferred order · loadings on single data sets · descriptors, linear and near.

    Known data sets count as a whole and one by one: a new one that goes with a few of them loads on these. Without any
    known data set (``datasets`` is 0), or with one, the parts about them are left out.
    """

    def __init__(self, datasets: int, scale: float = 1.0) -> None:
        """``scale`` is the mean square of :attr:`Points.apart` over the space, summed over data sets."""
        self.names = ["level", *["transfer"] * (datasets > 0), *["loadings"] * (datasets > 1), "linear", "nearness"]
        self.scale = scale
        self.prior = np.array([PRIOR[name] for name in (*self.names, "noise")])

    def between(self, some: Points, others: Points) -> np.ndarray:
        """Covariances ``(P, A, B)`` float32."""
        inner = some.descriptors @ others.descriptors.T
        squares = _squares(some.descriptors)[:, None] + _squares(others.descriptors)
        found = {"level": np.ones_like(inner), "linear": inner, "nearness": np.exp(inner - squares / 2)}
        if "transfer" in self.names:
            found["transfer"] = np.outer(some.transferred, others.transferred)
        if "loadings" in self.names:
            found["loadings"] = some.apart @ others.apart.T / self.scale
        return np.stack([found[name] for name in self.names], dtype=np.float32, casting="same_kind")

    def own(self, points: Points) -> np.ndarray:
        """Covariances of each with itself ``(P, B)``."""
        one = np.ones(len(points))
        found = {"level": one, "linear": _squares(points.descriptors), "nearness": one}
        found["transfer"] = points.transferred**2
        found["loadings"] = _squares(points.apart) / self.scale
        return np.stack([found[name] for name in self.names])


def _squares(vectors: np.ndarray) -> np.ndarray:
    """Squared lengths ``(B,)`` of vectors ``(B, F)``."""
    return np.einsum("bf,bf->b", vectors, vectors)
