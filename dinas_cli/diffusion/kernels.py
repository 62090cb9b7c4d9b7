"""Noise kernels: how types are corrupted in training, and the exact posterior with which sampling undoes it.

* :class:`Absorbing`: a variable is either clean or masked; the reverse process unmasks in any order (Austin et al.,
  NeurIPS 2021; Hoogeboom et al., ICLR 2022). It needs no time input: the state shows what is masked.
* :class:`Marginal`: ``Q_t = (1 - beta_t) I + beta_t 1 m'`` with the training marginals ``m`` and a cosine schedule
  (DiGress, Vignac et al., ICLR 2023, eq. 9; the kernel of DiNAS).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Absorbing:
    """Each variable is replaced by its mask token; how many is uniform on ``1 .. V``."""

    choices: Tensor
    """Types per variable ``(V,)``; the mask token of ``v`` is ``choices[v]``."""

    def corrupt(self, values: Tensor, order: Tensor, kept: Tensor) -> Tensor:
        """Mask all but the first ``kept (B,)`` variables of ``order (B, V)`` in ``values (B, V)``."""
        place = order.argsort(1)
        return torch.where(place < kept[:, None], values, self.choices)


class Marginal:
    """The discrete kernel with the training marginals as its limit, ``T`` steps, cosine schedule."""

    def __init__(self, marginals: Tensor, steps: int = 500) -> None:
        self.marginals = marginals
        """``(V, W)``, rows sum to 1."""
        self.steps = steps
        t = torch.arange(steps + 1, dtype=torch.float64)
        level = torch.cos((t / steps + 0.008) / 1.008 * math.pi / 2) ** 2
        self.kept = (level / level[0]).clamp(min=0).float()
        """``alpha_bar (T + 1,)``: the probability that a type is still untouched at ``t``."""

    def transition(self, t: Tensor, s: Tensor | None = None) -> Tensor:
        """``Q`` from step ``s`` (0 when left out) to step ``t``, both ``(B,)``: ``(B, V, W, W)``, rows sum to 1."""
        keep = self.kept[t] if s is None else self.kept[t] / self.kept[s].clamp(min=1e-12)
        width = self.marginals.shape[1]
        keep = keep[:, None, None, None]
        return keep * torch.eye(width) + (1 - keep) * self.marginals[None, :, None, :]

    def corrupt(self, values: Tensor, t: Tensor, uniforms: Tensor) -> Tensor:
        """Draw ``x_t (B, V)`` given ``x_0 (B, V)`` with ``uniforms (B, V)``."""
        rows = self.transition(t)
        probabilities = rows.gather(2, values[:, :, None, None].expand(-1, -1, 1, rows.shape[-1]))[:, :, 0]
        return draw(probabilities, uniforms)

    def posterior(self, values: Tensor, clean: Tensor, t: Tensor, s: Tensor) -> Tensor:
        """``p(x_s | x_t) = sum_x0 q(x_s | x_t, x0) p(x0)``: ``(B, V, W)`` for any ``s < t``.

        ``values (B, V)`` are ``x_t`` and ``clean (B, V, W)`` are the predicted probabilities of ``x_0``.
        """
        forward, to_s, to_t = self.transition(t, s), self.transition(s), self.transition(t)
        index = values[:, :, None, None]
        width = forward.shape[-1]
        likelihood = forward.gather(3, index.expand(-1, -1, width, 1))[..., 0]  # q(x_t | x_s), (B, V, W) over x_s
        evidence = to_t.gather(3, index.expand(-1, -1, width, 1))[..., 0]  # q(x_t | x_0), (B, V, W) over x_0
        weights = clean / evidence.clamp(min=1e-12)
        joint = torch.einsum("bvo,bvos->bvs", weights, to_s) * likelihood
        return joint / joint.sum(-1, keepdim=True).clamp(min=1e-12)


def draw(probabilities: Tensor, uniforms: Tensor) -> Tensor:
    """Invert the distribution function: ``(…, W)`` probabilities and ``(…)`` uniforms in [0, 1) -> types ``(…)``."""
    total = probabilities.cumsum(-1)
    return (uniforms[..., None] * total[..., -1:] >= total).sum(-1).clamp(max=probabilities.shape[-1] - 1)
