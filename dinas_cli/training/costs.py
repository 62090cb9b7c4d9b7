"""Training of the cost side of a surrogate: the basis that devices share, and one profile per known device."""

from __future__ import annotations

import math

import numpy as np
import torch

from dinas_cli.files.columns import split_column
from dinas_cli.oracles.basis import ways
from dinas_cli.oracles.fits import fill_unmeasurable, fit_profile
from dinas_cli.oracles.profiles import ADDITIVE, BINS, Profile, to_cost
from dinas_cli.oracles.regression import usual
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.perceptrons import Progress, fit, weights, with_readout

HIDDEN_BASIS = 256
BASIS = 8
"""Learned basis features: seven carry all that the measured costs of HW-NAS-Bench and HELP share, one is spare."""
MANY_DEVICES = 8
"""Devices from which on features may be learned from their costs even if the space counts operations."""
ASIDE, TRIED = 0.1, 0.25
"""Shares of the known labels, and of the steps, by which it is tried whether learned features say more than counts."""


def train_costs(
    data: TrainingSet, features: torch.Tensor, known: torch.Tensor, steps: int, seed: int, progress: Progress
) -> tuple[dict[str, np.ndarray], list[Profile]]:
    """The tensors ``basis.*`` and ``profile.*`` of a surrogate's file, and the profiles of all cost columns.

    ``features (L, F)`` are those of the labelled architectures, ``known`` the rows whose labels may be seen.
    """
    tensors: dict[str, np.ndarray] = {}
    reference = data.space.reference()
    devices = {split_column(column)[1] for column in data.costs} - {None}
    labels = np.stack([_without_outliers(data, column) for column in data.costs], 1)

    def learned(rows: torch.Tensor, steps: int, phase: str) -> dict[str, np.ndarray]:
        net, readout = with_readout(features.shape[1], HIDDEN_BASIS, BASIS, labels.shape[1], seed)
        fit(net, readout, features, labels, rows, steps, seed, phase, progress)
        return weights(net, "basis")

    counts = data.space.operators(data.values)
    needed = not counts
    if counts and len(devices) >= MANY_DEVICES:
        aside = np.random.default_rng(seed).random(len(known)) < ASIDE
        tried = learned(known[torch.from_numpy(~aside)], max(1, round(TRIED * steps)), "counts or more")
        parts = ways(data.space, data.values, tried, lambda _: features.numpy())
        needed = _says_more(counts[0], parts[-1], labels, known.numpy()[~aside], known.numpy()[aside])
    if needed:
        tensors |= learned(known, steps, "costs")
    counted = ways(data.space, reference, tensors, data.space.features)
    labelled = np.concatenate(ways(data.space, data.values, tensors, lambda _: features.numpy()), 1)
    raw = np.concatenate(counted, 1, dtype=np.float64)
    mean, whiten = raw.mean(0), _whitening(raw - raw.mean(0))
    tensors |= {"basis.mean": mean.astype(np.float32), "basis.whiten": whiten.astype(np.float32)}
    basis = (raw - mean) @ whiten
    profiles, priors, shape = _profiles(data, basis, (labelled - mean) @ whiten, counted)
    return tensors | {
        "profile.prior": priors,
        "profile.noise_shape": shape,
        "profile.level": np.array([p.level for p in profiles]),
        "profile.weights": np.stack([p.weights for p in profiles]),
        "profile.edges": np.stack([p.edges for p in profiles]),
        "profile.noise": np.stack([p.noise for p in profiles]),
    }, profiles


def _says_more(counts: np.ndarray, learned: np.ndarray, labels: np.ndarray, seen: np.ndarray, new: np.ndarray) -> bool:
    """Whether costs ``labels (L, D)`` of the ``new`` rows are predicted better with learned features than without.

    By the mean over columns of the logarithm of the error. Where measurements are noisy and counts say all there is,
    learned features repeat the noise of the rows that they were learned from, and pass for surer than they are.
    """

    def error(features: np.ndarray) -> float:
        design = np.concatenate([np.ones((len(features), 1)), features / np.maximum(features.std(0), 1e-9)], 1)
        logs = []
        for costs in labels.T:
            there, told = (rows[~np.isnan(costs[rows])] for rows in (seen, new))
            weight = np.linalg.lstsq(design[there], costs[there], rcond=1e-9)[0]
            off = np.abs(design[told] @ weight - costs[told])
            logs.append(math.log(max(float(off.mean()), 1e-12 * float(np.abs(costs[there]).max()))))
        return float(np.mean(logs))

    return error(np.concatenate([counts, learned], 1)) < error(counts)


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
    data: TrainingSet, basis: np.ndarray, measured: np.ndarray, counted: list[np.ndarray]
) -> tuple[list[Profile], np.ndarray, np.ndarray]:
    """One profile per cost column from all known labels, and what is usual among them: priors and noise shape.

    ``basis (R, k)`` is the reference's, made of ``counted``, ``measured`` that of the labelled architectures.
    """
    priors, shape = usual(basis, counted, np.empty((0, basis.shape[1]))), np.ones(BINS)
    profiles: list[Profile] = []
    for column, labels in data.costs.items():
        rows = np.flatnonzero(data.known & (data.unknown_is_worst(column) | ~np.isnan(labels)))
        unit, kind = data.units[column], data.metric(column).cost
        profiles.append(fit_profile(column, unit, basis, measured[rows], labels[rows], priors, shape, kind))
    # The priors are for devices, and logarithms say nothing about what these charge for.
    plain = [p for p in profiles if p.kind in ADDITIVE] or profiles
    priors = usual(basis, counted, np.stack([p.weights for p in plain]))
    noisy = [p for p in profiles if p.noise.max() > 0.01 * p.scale]
    shape = np.mean([p.noise / p.noise.mean() for p in noisy or profiles], 0)
    return profiles, priors, shape


def _without_outliers(data: TrainingSet, column: str) -> np.ndarray:
    """Labels clipped to five times the upper decile, for broken runs teach nothing; unmeasurable ones are filled."""
    kind = data.metric(column).cost
    labels = to_cost(data.costs[column], kind)
    most = 5 * np.nanquantile(labels[data.known], 0.9) if kind in ADDITIVE else np.inf  # logarithms have no such tail
    return np.minimum(fill_unmeasurable(labels) if data.unknown_is_worst(column) else labels, most)
