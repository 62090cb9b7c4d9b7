"""Classifier-free guidance: how conditional and unconditional predictions are combined (Ho & Salimans, 2022)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dinas_cli.diffusion.denoiser import Denoiser


@dataclass(frozen=True)
class Conditions:
    """What samples are asked for: ``B`` requests, or one for all of them (``B`` = 1)."""

    features: list[Tensor]
    """One ``(B, width)`` tensor per condition."""
    present: Tensor
    """``(B, C)`` bool; the others count as null."""


class Guidance:
    """Guided logits for a fixed set of conditions.

    With one number ``w``, the joint form ``(1 + w) c - w u`` (DiNAS, eq. 11; two network calls' worth of work). With
    weights per condition, ``u + sum_i w_i (c_i - u)`` where ``c_i`` sees condition ``i`` alone. ``keep (C,)`` marks
    conditions that stay in ``u`` as well: what the architecture is for (the dataset) is no wish to be sharpened.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        conditions: Conditions,
        weight: float | Tensor = 2.0,
        keep: Tensor | None = None,
    ) -> None:
        self.denoiser = denoiser
        present = conditions.present
        count = present.shape[1]
        kept = present & keep if keep is not None else torch.zeros_like(present)
        if isinstance(weight, Tensor):
            asked = (present & ~kept).any(0).nonzero().flatten().tolist()
            only = [kept | (present & (torch.arange(count) == i)) for i in asked]
            views = [kept, *only]
            factors = [1 - float(weight[asked].sum()), *(float(weight[i]) for i in asked)]
        elif weight == 0 or not bool((present & ~kept).any()):
            views, factors = [present], [1.0]
        else:
            views, factors = [present, kept], [1 + weight, -weight]
        self.factors = torch.tensor(factors)
        # The conditions do not change while sampling: they are embedded once.
        self.embedded = torch.stack([denoiser.condition(conditions.features, view) for view in views])

    def __call__(self, values: Tensor, time: Tensor | None = None) -> Tensor:
        """Guided logits ``(B, V, W)`` of noisy ``values (B, V)``, at noise levels ``time (B,)`` where they matter."""
        views, batch = len(self.embedded), len(values)
        embedded = self.embedded.expand(-1, batch, -1).flatten(0, 1)
        logits = self.denoiser(values.repeat(views, 1), embedded, None if time is None else time.repeat(views))
        logits = logits.view(views, batch, *logits.shape[1:]).log_softmax(-1)
        padding = self.denoiser.variables.padding
        mixed = (logits.masked_fill(padding, 0.0) * self.factors[:, None, None, None]).sum(0)
        return mixed.masked_fill(padding, -torch.inf)
