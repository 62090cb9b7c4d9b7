"""Exact training targets: what every masked variable should be, given the unmasked ones and the request.

The usual loss shows the network one architecture at a time. The training set is at hand, so its average over all
architectures that answer the request and agree with the unmasked variables can be computed: the same expected loss
(a Rao-Blackwell average of it) with far less variance, for any space whose training set fits in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dinas_cli.diffusion.kernels import Absorbing
from dinas_cli.diffusion.variables import Variables
from dinas_cli.training.requests import Batch


@dataclass(frozen=True)
class States:
    """Training states of one batch: ``S`` partly masked architectures with their targets."""

    row: Tensor
    """Which request ``(S,)`` a state belongs to."""
    values: Tensor
    """``(S, V)`` with mask tokens."""
    masked: Tensor
    """``(S, V)`` bool."""
    target: Tensor
    """``(S, V, W)`` probabilities of the clean types."""


def pick_architectures(batch: Batch, count: int, generator: torch.Generator) -> Tensor:
    """One architecture of each request's target set, uniformly: indices into ``batch.architecture``, -1 for none."""
    sizes = torch.bincount(batch.request, minlength=count)
    first = sizes.cumsum(0) - sizes
    drawn = first + (torch.rand(count, generator=generator) * sizes).long().clamp(max=len(batch.request))
    return torch.where(sizes > 0, drawn, -1)


def trajectories(
    batch: Batch, values: Tensor, variables: Variables, generator: torch.Generator, stages: int | None = None
) -> States:
    """Unmask one answer of each request in a random order and take every state on the way (absorbing kernel).

    ``values (R, V)`` are all architectures. From each of ``G`` requests come ``V`` states, masked from ``V`` to 1, or
    ``stages`` of them, drawn at random (the same for all requests).
    """
    count, size, width = len(batch.present[0]), variables.size, variables.width
    picked = pick_architectures(batch, count, generator)
    rows = (picked >= 0).nonzero().flatten()
    answer = torch.zeros(count, size, dtype=torch.long)
    answer[rows] = values[batch.architecture[picked[rows]]]
    order = torch.rand(count, size, generator=generator).argsort(1)
    kernel, choices = Absorbing(variables.choices), torch.from_numpy(variables.choices)

    request, candidate = batch.request, values[batch.architecture]
    offset = torch.arange(size) * width
    states, hidden, targets = [], [], []
    wanted = list(range(size))
    if stages is not None and stages < size:
        wanted = torch.randperm(size, generator=generator)[:stages].tolist()
    for stage in range(max(wanted) + 1):
        if stage in wanted:
            histogram = torch.zeros(count * size * width)
            cell = request[:, None] * (size * width) + offset + candidate
            histogram.index_add_(0, cell.flatten(), torch.ones(cell.numel()))
            histogram = histogram.view(count, size, width)
            targets.append((histogram / histogram.sum(-1, keepdim=True).clamp(min=1))[rows])
            noisy = torch.from_numpy(kernel.corrupt(answer.numpy(), order.numpy(), np.full(count, stage)))[rows]
            states.append(noisy)
            hidden.append(noisy == choices)
        shown = order[:, stage]
        position = shown[request][:, None]
        agrees = (candidate.gather(1, position) == answer[request].gather(1, position))[:, 0]
        request, candidate = request[agrees], candidate[agrees]
    return States(rows.repeat(len(wanted)), torch.cat(states), torch.cat(hidden), torch.cat(targets))
