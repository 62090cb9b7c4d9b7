"""Linear maps, their nonlinearity and layer normalisation as functions of arrays, of which the denoiser is made.

Speed comes from few large matrix products, in-place arithmetic on arrays that fit in the cache, and constant factors
that are multiplied into the weights when they are read. In particular ``silu(2 y) = y + y tanh(y)``, and the half of it
is part of the linear map before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

EPSILON = 1e-5
"""Added to variances in layer normalisation."""

Tensors = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Linear:
    """``x W + b`` over the last axis; the matrix is stored ``(inputs, outputs)``."""

    weight: np.ndarray
    bias: np.ndarray

    @classmethod
    def read(cls, tensors: Tensors, name: str) -> Linear:
        """The map of that name."""
        return cls(np.ascontiguousarray(tensors[f"{name}.weight"].T), tensors[f"{name}.bias"])

    def halved(self) -> Linear:
        """Half of it, as the input of :func:`silu_of_double`."""
        return Linear(self.weight / 2, self.bias / 2)

    def after(self, scale: np.ndarray, shift: np.ndarray) -> Linear:
        """The map of ``x scale + shift``: what a layer normalisation has learned becomes part of it."""
        return Linear(scale[:, None] * self.weight, self.bias + shift @ self.weight)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """``(…, inputs)`` -> ``(…, outputs)``."""
        out = product(x, self.weight)
        out += self.bias
        return out


@dataclass(frozen=True)
class Mlp:
    """``W' silu(W x + b) + b'``."""

    first: Linear
    """Halved."""
    last: Linear

    @classmethod
    def read(cls, tensors: Tensors, name: str, place: int = 0) -> Mlp:
        """The two maps ``place`` and ``place + 2`` of that name."""
        first, last = (Linear.read(tensors, f"{name}.{place + i}") for i in (0, 2))
        return cls(first.halved(), last)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """``(…, inputs)`` -> ``(…, outputs)``."""
        return self.last(silu_of_double(self.first(x)))


def product(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """``(…, inputs) @ (inputs, outputs)`` as one matrix product, whatever the axes before."""
    return (x.reshape(-1, x.shape[-1]) @ weight).reshape(*x.shape[:-1], weight.shape[1])


def silu_of_double(half: np.ndarray) -> np.ndarray:
    """``silu(2 half)``, in place."""
    gate = np.tanh(half)
    gate *= half
    half += gate
    return half


def normalise(x: np.ndarray) -> np.ndarray:
    """Layer normalisation over the last axis, without a learned scale and shift."""
    width = x.shape[-1]
    rows = x.reshape(-1, width)
    out = rows - (rows @ np.full(width, 1 / width, np.float32))[:, None]
    spread = np.einsum("ri,ri->r", out, out)
    spread /= width
    spread += EPSILON
    np.sqrt(spread, out=spread)
    out /= spread[:, None]
    return out.reshape(x.shape)
