"""Classifier-free guidance: how conditional and unconditional predictions are combined (Ho & Salimans, 2022)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dinas_cli.diffusion.denoiser import Denoiser
from dinas_cli.diffusion.threads import for_each, halves

LARGEST = 2**18
"""Numbers in the largest array that the network makes at a time: a megabyte, so that it stays in the cache."""


@dataclass(frozen=True)
class Conditions:
    """What samples are asked for, as the denoiser takes it."""

    features: list[np.ndarray]
    """One ``(1, width)`` array per condition."""
    present: np.ndarray
    """``(C,)`` bool; the others count as null."""


class Guidance:
    """Guided logits for fixed conditions.

    With one number ``w``, the joint form ``(1 + w) c - w u`` (DiNAS, eq. 11; two network calls' worth of work). With
    weights per condition ``(C,)``, ``u + sum_i w_i (c_i - u)`` where ``c_i`` sees condition ``i`` alone. ``keep (C,)``
    marks conditions that stay in ``u`` as well: what the architecture is for (the dataset) is no wish to be sharpened.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        conditions: Conditions,
        weight: float | np.ndarray = 2.0,
        keep: np.ndarray | None = None,
    ) -> None:
        self.denoiser = denoiser
        present = conditions.present
        kept = present & keep if keep is not None else np.zeros_like(present)
        if isinstance(weight, np.ndarray):
            asked = np.flatnonzero(present & ~kept)
            views = np.stack([kept, *(kept | (np.arange(len(present)) == i) for i in asked)])
            factors = [1 - weight[asked].sum(), *weight[asked]]
        elif weight == 0 or not (present & ~kept).any():
            views, factors = present[None], [1.0]
        else:
            views, factors = np.stack([present, kept]), [1 + weight, -weight]
        self.factors = np.array(factors, np.float32)
        # The conditions do not change while sampling: they are embedded once.
        self.embedded = denoiser.condition(conditions.features, views)
        self.asked = None if denoiser.config.time else denoiser.ask(self.embedded)

    def __call__(self, values: np.ndarray, time: float | None = None, wanted: np.ndarray | None = None) -> np.ndarray:
        """Guided logits ``(B, V, W)`` of noisy ``values (B, V)``, at the noise level ``time`` where it matters.

        They are log-probabilities but for a constant per variable: that of each view does not change what is drawn.
        Those of variables that are not ``wanted (B, V)`` are -inf; by default the masked ones are wanted, with a noise
        level all.
        """
        asked = self.asked or self.denoiser.ask(self.embedded, time)
        variables = self.denoiser.variables
        if wanted is None:
            wanted = values == variables.choices if time is None else np.ones_like(values, bool)
        out = np.full((len(values), variables.size, variables.width), -np.inf, np.float32)
        step = max(1, LARGEST // (len(self.factors) * self.denoiser.largest))

        def fill(part: slice) -> None:
            for found in self.denoiser(values[part], asked, wanted[part]):
                mixed = np.einsum("ndw,d->nw", found.values, self.factors)
                out[part.start + found.sample, found.variable, : mixed.shape[1]] = mixed

        for_each(fill, halves(len(values), step))
        return out
