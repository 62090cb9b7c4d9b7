"""Perceptrons as torch modules: how the surrogate's networks are made, trained and written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from dinas_cli.files.torch_state import as_imported

Progress = Callable[[str, int, int, float], None]
"""Called with (phase, step, steps, loss)."""


def fit(
    net: nn.Module,
    readout: nn.Linear | None,
    features: torch.Tensor,
    targets: np.ndarray,
    known: torch.Tensor,
    steps: int,
    seed: int,
    phase: str,
    progress: Progress,
) -> None:
    """Least squares on standardised targets with AdamW and a one-cycle learning rate; one step sees 512 rows."""
    wanted = torch.from_numpy(targets).float()
    there = ~wanted.isnan()
    whole = bool(there.all())
    if readout is not None:
        rows = wanted[known]
        mean = rows.nanmean(0)
        wanted = (wanted - mean) / ((rows - mean).square().nanmean(0) * len(rows) / (len(rows) - 1)).sqrt()
    # Columns that few architectures have count for more than these, and for less than those that all have.
    share = there[known].float().mean(0).sqrt()
    wanted = wanted.nan_to_num()
    model = net if readout is None else nn.Sequential(net, readout)
    peak = 3e-3
    optimiser = torch.optim.AdamW(model.parameters(), lr=peak, weight_decay=1e-2 if readout is not None else 0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak, steps)
    generator = torch.Generator().manual_seed(seed)
    for step in range(steps):
        rows = known[torch.randint(len(known), (512,), generator=generator)]
        error = (model(features[rows]) - wanted[rows]).square()
        loss = error.mean() if whole else (error * there[rows] / share).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 100 == 99 or step + 1 == steps:
            progress(phase, step + 1, steps, loss.item())


def perceptron(inputs: int, hidden: int, outputs: int, seed: int) -> nn.Sequential:
    """Two hidden layers with ReLU; ``seed`` decides about its weights."""
    return with_readout(inputs, hidden, outputs, 1, seed)[0]


def with_readout(inputs: int, hidden: int, outputs: int, columns: int, seed: int) -> tuple[nn.Sequential, nn.Linear]:
    """A :func:`perceptron`, and a layer that reads ``columns`` values from its outputs."""
    with as_imported(seed):
        net = nn.Sequential(
            nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, outputs)
        )
        return net, nn.Linear(outputs, columns)


def weights(net: nn.Sequential, name: str) -> dict[str, np.ndarray]:
    """The tensors of a perceptron under ``name``, as :func:`dinas_cli.oracles.perceptrons.perceptron` reads them."""
    layers = [layer for layer in net if isinstance(layer, nn.Linear)]
    return {
        f"{name}.{i}.{part}": getattr(layer, part).detach().numpy().copy()
        for i, layer in enumerate(layers)
        for part in ("weight", "bias")
    }
