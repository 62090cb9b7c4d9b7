"""Classifier-free guidance: how conditional and unconditional predictions are combined (Ho & Salimans, 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dinas_cli.diffusion.denoiser import Denoiser
from dinas_cli.diffusion.threads import for_each, halves

WEIGHT = 2.0
"""The weight of a condition that none is given for; DiNAS uses it too."""
LARGEST = 2**18
"""Numbers in the largest array that the network makes at a time: a megabyte, so that it stays in the cache."""


@dataclass(frozen=True)
class Conditions:
    """What samples are asked for, as the denoiser takes it."""

    features: list[np.ndarray]
    """One ``(L, width)`` array per condition, a row for each of its ``L`` limits (one for other kinds)."""
    present: np.ndarray
    """``(C,)`` bool; the others count as null."""


class Guidance:
    """Guided logits for fixed conditions.

    ``order`` numbers the conditions to sharpen, each defined inside those before it (by default all, as they come); the
    others stay in every view: what the architecture is for (the dataset) is no wish to be sharpened. With the logits
    ``l_k`` that see the first ``k`` of those asked for, and their ``weight (C,)`` of at least 0,

        ``l_0 + sum_k (1 + w_k) (l_k - l_{k-1})``

    One number ``w`` for all leaves of it the joint form ``(1 + w) l_n - w l_0`` (DiNAS, eq. 11), and 0 the conditional
    ``l_n``. The work is that of one network call per view whose factor is not zero: two for one number.
    """

    def __init__(
        self,
        denoiser: Denoiser,
        conditions: Conditions,
        weight: float | np.ndarray = WEIGHT,
        order: Sequence[int] | None = None,
    ) -> None:
        self.denoiser = denoiser
        present = conditions.present
        asked = [i for i in (range(len(present)) if order is None else order) if present[i]]
        steps = 1 + np.broadcast_to(weight, present.shape)[asked]
        factors = np.diff([0, *steps[::-1], 1])
        # From the whole request down, each view without the condition that is defined last in the one before.
        views = np.tile(present, (len(factors), 1))
        for k, condition in enumerate(reversed(asked), start=1):
            views[k:, condition] = False
        # What equal weights cancel is not computed.
        views = views[factors != 0]
        self.factors = factors[factors != 0].astype(np.float32)
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
                padding = variables.padding[found.variable, : mixed.shape[1]]
                out[part.start + found.sample, found.variable, : mixed.shape[1]] = np.where(padding, -np.inf, mixed)

        for_each(fill, halves(len(values), step))
        return out
