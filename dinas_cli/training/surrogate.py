"""Training of the surrogate: quality networks, the shared cost basis and one profile per known device."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from dinas_cli.oracles.profiles import BINS, Profile, fill_unmeasurable, fit_profile, normal_cdf, to_cost
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.training import teacher
from dinas_cli.training.data import TrainingSet

HIDDEN_QUALITY = 384
HIDDEN_BASIS = 256
BASIS = 8
"""Basis features: seven carry all that the measured costs of HW-NAS-Bench and HELP share, one is spare."""
MEMBERS = 2
KNOTS = np.linspace(-3.9, 3.9, 157)

Progress = Callable[[str, int, int, float], None]
"""Called with (phase, step, steps, loss)."""


def train_surrogate(
    data: TrainingSet, *, seed: int = 0, steps: int = 12_000, progress: Progress = lambda *_: None
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Train on the known labels of ``data``; return the file's tensors and its config (see :class:`Surrogate`)."""
    features = torch.from_numpy(data.space.features(data.values))
    known = torch.from_numpy(np.flatnonzero(data.known))
    tensors: dict[str, np.ndarray] = {}

    columns = list(data.quality)
    grid = np.stack([np.nanquantile(data.quality[c][data.known], normal_cdf(KNOTS)) for c in columns])
    grid = np.maximum.accumulate(grid + 1e-9 * np.arange(len(KNOTS)), 1)
    scores = np.stack([np.interp(data.quality[c], grid[i], KNOTS) for i, c in enumerate(columns)], 1)
    lesson = features, scores, known
    if data.drawn is not None and teacher.wanted(data):
        drawn = data.space.features(data.drawn)
        taught = teacher.teach(features.numpy(), scores, known.numpy(), drawn, seed)
        lesson = torch.from_numpy(taught[0]), taught[1], torch.from_numpy(taught[2])
    for member in range(MEMBERS):
        net = _perceptron(features.shape[1], HIDDEN_QUALITY, len(columns), seed + member)
        _fit(net, None, *lesson, steps, seed + member, f"quality {member + 1}/{MEMBERS}", progress)
        tensors |= _weights(net, f"quality.{member}")

    reference = data.space.reference()
    raw = data.space.operators(reference)
    if raw is None:
        names = list(data.costs)
        costs = np.stack([_without_outliers(data, c) for c in names], 1)
        net = _perceptron(features.shape[1], HIDDEN_BASIS, BASIS, seed)
        readout = nn.Linear(BASIS, len(names))
        _fit(net, readout, features, costs, known, steps, seed, "costs", progress)
        tensors |= _weights(net, "basis")
        with torch.no_grad():
            raw = net(torch.from_numpy(data.space.features(reference))).double().numpy()
    mean = raw.mean(0)
    whiten = _whitening(raw - mean)
    tensors |= {"basis.mean": mean.astype(np.float32), "basis.whiten": whiten.astype(np.float32)}

    known_only = Surrogate(tensors, {"space": data.space.name, "quality": [], "kendall_tau": {}, "profiles": []})
    profiles, prior, shape = _profiles(data, (raw - mean) @ whiten, known_only.basis(data.values))
    tensors |= {
        "quality.knots": KNOTS,
        "quality.grid": grid,
        "profile.prior": prior,
        "profile.noise_shape": shape,
        "profile.level": np.array([p.level for p in profiles]),
        "profile.weights": np.stack([p.weights for p in profiles]),
        "profile.edges": np.stack([p.edges for p in profiles]),
        "profile.noise": np.stack([p.noise for p in profiles]),
        "quality.noise_at": np.array([-4.0, 4.0]),
        "quality.noise": np.ones((len(columns), 2)),
    }
    config: dict[str, Any] = {
        "space": data.space.name,
        "quality": columns,
        "members": MEMBERS,
        "profiles": [[p.column, p.unit, p.measured] for p in profiles],
        "kendall_tau": {},
        "seed": seed,
        "steps": steps,
        "label_budget": data.label_budget,
        "sources": data.sources,
    }
    return _held_out(data, tensors, config, scores)


def _whitening(centred: np.ndarray) -> np.ndarray:
    """What makes features ``(R, k)`` of zero mean uncorrelated and of unit variance: ``(k, k)``.

    In their order: of each column, what those before it do not say. Spaces name first what devices charge for, so
    that these charge for the first features alone and few measurements suffice. A column that says nothing by itself
    (counts that add up to a constant) becomes zero instead of amplified rounding.
    """
    _, upper = np.linalg.qr(centred)
    own = np.abs(np.diag(upper))
    kept = own > 1e-6 * np.linalg.norm(centred, axis=0)
    _, upper = np.linalg.qr(centred[:, kept])
    own = np.abs(np.diag(upper))
    whiten = np.zeros((len(kept), len(kept)))
    scale = math.sqrt(len(centred)) * own / np.maximum(own, 1e-3 * own.max(initial=0.0))
    whiten[np.ix_(kept, kept)] = np.linalg.inv(upper) * scale
    return whiten


def _profiles(
    data: TrainingSet, basis: np.ndarray, measured: np.ndarray
) -> tuple[list[Profile], np.ndarray, np.ndarray]:
    """One profile per cost column from all known labels, and what is usual among them: prior and noise shape.

    ``basis (R, k)`` is the reference's, ``measured`` that of the labelled architectures.
    """
    prior, shape = np.ones(basis.shape[1]), np.ones(BINS)
    profiles: list[Profile] = []
    for column, labels in data.costs.items():
        rows = np.flatnonzero(data.known & (data.unknown_is_worst(column) | ~np.isnan(labels)))
        unit, kind = data.units[column], data.metric(column).cost
        profiles.append(fit_profile(column, unit, basis, measured[rows], labels[rows], prior, shape, kind))
    # The prior is for devices, and logarithms say nothing about what these charge for.
    plain = [p for p in profiles if not p.kind] or profiles
    prior = np.mean([p.descriptor**2 for p in plain], 0) + 1e-4
    noisy = [p for p in profiles if p.noise.max() > 0.01 * p.scale]
    shape = np.mean([p.noise / p.noise.mean() for p in noisy or profiles], 0)
    return profiles, prior, shape


def _held_out(
    data: TrainingSet, tensors: dict[str, np.ndarray], config: dict[str, Any], scores: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Record Kendall tau and the noise of predicted scores on the architectures that training did not see.

    With nothing held out there is no such tau, and the noise is that of the training labels: too small.
    """
    from scipy.stats import kendalltau

    surrogate = Surrogate(tensors, config)
    left_out = np.flatnonzero(~data.known) if not data.known.all() else np.arange(len(data.known))
    levels = np.array([0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1])
    tensors["quality.noise_at"] = np.zeros(len(levels) - 1)
    tensors["quality.noise"] = np.zeros((len(config["quality"]), len(levels) - 1))
    for i, column in enumerate(config["quality"]):
        unseen = left_out[~np.isnan(data.quality[column][left_out])]
        predicted = surrogate.scores(data.values[unseen])[:, i]
        cuts = np.quantile(predicted, levels)
        for level in range(len(levels) - 1):
            inside = (predicted >= cuts[level]) & (predicted <= cuts[level + 1])
            residual = np.abs(predicted[inside] - scores[unseen[inside], i])
            residual = np.minimum(residual, np.quantile(residual, 0.99))
            tensors["quality.noise"][i, level] = math.sqrt(float((residual**2).mean()))
            tensors["quality.noise_at"][level] += predicted[inside].mean() / len(config["quality"])
        if data.known.all():
            continue
        tau = kendalltau(predicted, data.quality[column][unseen]).statistic
        config["kendall_tau"][column] = round(float(tau), 4)
    unseen = left_out
    if data.known.all():
        return tensors, config
    for column, labels in data.costs.items():
        there = unseen[~np.isnan(labels[unseen])]
        tau = kendalltau(surrogate.predict(data.values[there], column), labels[there]).statistic
        config["kendall_tau"][column] = round(float(tau), 4)
    return tensors, config


def _fit(
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


def _perceptron(inputs: int, hidden: int, outputs: int, seed: int) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, outputs)
    )


def _weights(net: nn.Sequential, name: str) -> dict[str, np.ndarray]:
    layers = [layer for layer in net if isinstance(layer, nn.Linear)]
    return {
        f"{name}.{i}.{part}": getattr(layer, part).detach().numpy().copy()
        for i, layer in enumerate(layers)
        for part in ("weight", "bias")
    }


def _without_outliers(data: TrainingSet, column: str) -> np.ndarray:
    """Labels clipped to five times the upper decile, for broken runs teach nothing; unmeasurable ones are filled."""
    kind = data.metric(column).cost
    labels = to_cost(data.costs[column], kind)
    most = np.inf if kind else 5 * np.nanquantile(labels[data.known], 0.9)  # logarithms have no such tail
    return np.minimum(fill_unmeasurable(labels) if data.unknown_is_worst(column) else labels, most)
