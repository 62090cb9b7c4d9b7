"""Training of the surrogate: quality networks, the shared cost basis and one profile per known device."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import nn

from dinas_cli.files.columns import column_key, split_column
from dinas_cli.oracles.profiles import BINS, Profile, fill_unmeasurable, fit_profile, normal_cdf, to_cost
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.training import teacher
from dinas_cli.training.calibration import held_out, learn_doubts
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.perceptrons import Progress, fit, perceptron, weights

HIDDEN_QUALITY = 384
HIDDEN_BASIS = 256
BASIS = 8
"""Basis features: seven carry all that the measured costs of HW-NAS-Bench and HELP share, one is spare."""
MEMBERS = 2
KNOTS = np.linspace(-3.9, 3.9, 157)


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
    told = _stood_in(data, scores)
    lesson = features, told, known
    if teacher.wanted(data):
        drawn = data.space.features(data.values if data.drawn is None else data.drawn)
        taught = teacher.teach(features.numpy(), told, known.numpy(), drawn, seed)
        lesson = torch.from_numpy(taught[0]), taught[1], torch.from_numpy(taught[2])
    for member in range(MEMBERS):
        net = perceptron(features.shape[1], HIDDEN_QUALITY, len(columns), seed + member)
        fit(net, None, *lesson, steps, seed + member, f"quality {member + 1}/{MEMBERS}", progress)
        tensors |= weights(net, f"quality.{member}")

    tensors |= learn_doubts(data, features, told, steps // 2, seed, progress)

    reference = data.space.reference()
    raw = data.space.operators(reference)
    if raw is None:
        names = list(data.costs)
        costs = np.stack([_without_outliers(data, c) for c in names], 1)
        net = perceptron(features.shape[1], HIDDEN_BASIS, BASIS, seed)
        readout = nn.Linear(BASIS, len(names))
        fit(net, readout, features, costs, known, steps, seed, "costs", progress)
        tensors |= weights(net, "basis")
        with torch.no_grad():
            raw = net(torch.from_numpy(data.space.features(reference))).double().numpy()
    mean = raw.mean(0)
    whiten = _whitening(raw - mean)
    tensors |= {"basis.mean": mean.astype(np.float32), "basis.whiten": whiten.astype(np.float32)}

    about = {"space": data.space.name, "members": MEMBERS, "quality": [], "kendall_tau": {}, "profiles": []}
    known_only = Surrogate(tensors, about)
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
    return held_out(data, tensors, config, scores)


def _stood_in(data: TrainingSet, scores: np.ndarray) -> np.ndarray:
    """Scores ``(R, C)`` with those of a metric's stand-in where its own are unknown, so that these teach it too.

    A score says where a label lies among its like, so that a shift between the two is no matter.
    """
    told, columns = scores.copy(), list(data.quality)
    for i, column in enumerate(columns):
        metric, device, dataset = split_column(column)
        for twin in (spec.name for spec in data.space.metrics if spec.stands_in == metric):
            other = column_key(twin, device, dataset)
            if other in columns:
                told[:, i] = np.where(np.isnan(told[:, i]), scores[:, columns.index(other)], told[:, i])
    return told


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


def _without_outliers(data: TrainingSet, column: str) -> np.ndarray:
    """Labels clipped to five times the upper decile, for broken runs teach nothing; unmeasurable ones are filled."""
    kind = data.metric(column).cost
    labels = to_cost(data.costs[column], kind)
    most = np.inf if kind else 5 * np.nanquantile(labels[data.known], 0.9)  # logarithms have no such tail
    return np.minimum(fill_unmeasurable(labels) if data.unknown_is_worst(column) else labels, most)
