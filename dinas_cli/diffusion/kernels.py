"""Noise kernels: how types are corrupted in training, and the exact posterior with which sampling undoes it.

* :class:`Absorbing`: a variable is either clean or masked; the reverse process unmasks in any order (Austin et al.,
  NeurIPS 2021; Hoogeboom et al., ICLR 2022). It needs no time input: the state shows what is masked.
* :class:`Marginal`: ``Q_t = (1 - beta_t) I + beta_t 1 m'`` with the training marginals ``m`` and a cosine schedule
  (DiGress, Vignac et al., ICLR 2023, eq. 9; the kernel of DiNAS).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Absorbing:
    """Each variable is replaced by its mask token; how many is uniform on ``1 .. V``."""

    choices: np.ndarray
    """Types per variable ``(V,)``; the mask token of ``v`` is ``choices[v]``."""

    def corrupt(self, values: np.ndarray, order: np.ndarray, kept: np.ndarray) -> np.ndarray:
        """Mask all but the first ``kept (B,)`` variables of ``order (B, V)`` in ``values (B, V)``."""
        place = order.argsort(1)
        return np.where(place < kept[:, None], values, self.choices)


class Marginal:
    """The discrete kernel with the training marginals as its limit, ``T`` steps, cosine schedule."""

    def __init__(self, marginals: np.ndarray, steps: int = 500) -> None:
        self.marginals = marginals
        """``(V, W)``, rows sum to 1."""
        self.steps = steps
        level = np.cos((np.arange(steps + 1) / steps + 0.008) / 1.008 * math.pi / 2) ** 2
        self.kept = np.maximum(level / level[0], 0).astype(np.float32)
        """``alpha_bar (T + 1,)``: the probability that a type is still untouched at ``t``."""

    def transition(self, t: np.ndarray, s: np.ndarray | None = None) -> np.ndarray:
        """``Q`` from step ``s`` (0 when left out) to step ``t``, both ``(B,)``: ``(B, V, W, W)``, rows sum to 1."""
        keep = self.kept[t] if s is None else self.kept[t] / np.maximum(self.kept[s], 1e-12)
        keep = keep[:, None, None, None]
        return keep * np.eye(self.marginals.shape[1], dtype=np.float32) + (1 - keep) * self.marginals[:, None, :]

    def corrupt(self, values: np.ndarray, t: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
        """Draw ``x_t (B, V)`` given ``x_0 (B, V)`` with ``uniforms (B, V)``."""
        rows = np.take_along_axis(self.transition(t), values[:, :, None, None], 2)[:, :, 0]
        return draw(rows, uniforms)

    def posterior(self, values: np.ndarray, clean: np.ndarray, t: np.ndarray, s: np.ndarray) -> np.ndarray:
        """``p(x_s | x_t) = sum_x0 q(x_s | x_t, x0) p(x0)``: ``(B, V, W)`` for any ``s < t``.

        ``values (B, V)`` are ``x_t`` and ``clean (B, V, W)`` are the predicted probabilities of ``x_0``.
        """
        forward, to_s, to_t = self.transition(t, s), self.transition(s), self.transition(t)
        index = values[:, :, None, None]
        likelihood = np.take_along_axis(forward, index, 3)[..., 0]  # q(x_t | x_s), (B, V, W) over x_s
        evidence = np.take_along_axis(to_t, index, 3)[..., 0]  # q(x_t | x_0), (B, V, W) over x_0
        weights = clean / np.maximum(evidence, 1e-12)
        joint = (weights[:, :, None] @ to_s)[:, :, 0] * likelihood
        return joint / np.maximum(joint.sum(-1, keepdims=True), 1e-12)


def draw(probabilities: np.ndarray, uniforms: np.ndarray) -> np.ndarray:
    """Invert the distribution function: ``(…, W)`` probabilities and ``(…)`` uniforms in [0, 1) -> types ``(…)``.

    Probabilities need not sum to one.
    """
    total = probabilities.cumsum(-1)
    drawn = (uniforms[..., None] * total[..., -1:] >= total).sum(-1)
    return np.minimum(drawn, probabilities.shape[-1] - 1)
