"""Training of the surrogate: quality networks here, costs in :mod:`dinas_cli.training.costs`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from dinas_cli.files.columns import column_key, split_column
from dinas_cli.oracles.perceptrons import ensemble
from dinas_cli.oracles.profiles import normal_cdf
from dinas_cli.training import teacher
from dinas_cli.training.calibration import held_out, learn_doubts
from dinas_cli.training.costs import train_costs
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.orders import known_columns, learn_terms
from dinas_cli.training.perceptrons import Progress, fit, perceptron, weights

HIDDEN_QUALITY = 384
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
        scales = [teacher.Scale(KNOTS, row) for row in grid]
        taught = teacher.teach(features.numpy(), told, known.numpy(), drawn, scales, seed)
        lesson = torch.from_numpy(taught[0]), taught[1], torch.from_numpy(taught[2])
    for member in range(MEMBERS):
        net = perceptron(features.shape[1], HIDDEN_QUALITY, len(columns), seed + member)
        fit(net, None, *lesson, steps, seed + member, f"quality {member + 1}/{MEMBERS}", progress)
        tensors |= weights(net, f"quality.{member}")

    if ordered := known_columns(data):
        reference = data.space.features(data.space.reference())
        signs = [1 if data.metric(column).better == "max" else -1 for column in ordered]
        predicted = ensemble(reference, tensors, MEMBERS)[:, [columns.index(column) for column in ordered]]
        tensors |= learn_terms(predicted * signs, reference)

    tensors |= learn_doubts(data, features, told, steps // 2, seed, progress)

    costs, profiles = train_costs(data, features, known, steps, seed, progress)
    tensors |= costs
    tensors |= {
        "quality.knots": KNOTS,
        "quality.grid": grid,
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
