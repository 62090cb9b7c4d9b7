"""The data sets that training asks about: known ones, the same fitted from few labels, virtual ones between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.files.columns import column_key
from dinas_cli.oracles.orders import fit_order

if TYPE_CHECKING:
    from dinas_cli.training.data import TrainingSet

RESIDUAL = 8
"""Numbers of a descriptor beside its loadings."""
REFITS, VIRTUAL = 4, 24
"""Few-label fits per known data set, which is then not among the known ones, and virtual data sets in all."""
FEWEST, MOST = 8, 64
"""Labels of such a fit."""
PEAKED = 0.5
"""Concentration of the Dirichlet distribution that shares out a virtual data set among the known ones: most shares go
to a few of them."""


def known_columns(data: TrainingSet) -> list[str]:
    """The columns of the ranked metric by data set, for which a generator can be asked by descriptor; or none."""
    metric = data.space.rank_metric
    found = [column_key(metric, None, dataset) for dataset in data.space.datasets]
    return found if len(found) > 1 and all(column in data.quality for column in found) else []


def learn_terms(scores: np.ndarray, features: np.ndarray) -> dict[str, np.ndarray]:
    """The tensors ``orders.*`` of a surrogate's file, see :func:`dinas_cli.oracles.orders.terms`.

    ``scores (R, D)`` are the predicted ones of the reference, more is better. The residual is made of the principal
    components of the ``features (R, F)`` that are left when the scores have explained what they can.
    """
    mean, deviation = scores.mean(0), scores.std(0)
    known = np.concatenate([np.ones((len(scores), 1)), (scores - mean) / deviation], 1)
    inputs = features.astype(np.float64)
    level, width = inputs.mean(0), inputs.std(0)
    varies = width > 1e-6
    scaled = np.where(varies, (inputs - level) / np.where(varies, width, 1.0), 0.0)
    left = scaled - known @ np.linalg.lstsq(known, scaled, rcond=None)[0]
    _, sizes, axes = np.linalg.svd(left, full_matrices=False)
    kept = min(RESIDUAL, int((sizes > 1e-3 * sizes[0]).sum()))
    project = (axes[:kept] / np.where(varies, width, 1.0)).T / (sizes[:kept] / np.sqrt(len(inputs)))
    explained = np.linalg.lstsq(known, inputs @ project, rcond=None)[0]
    return {
        "orders.scores": np.stack([mean, deviation]).astype(np.float32),
        "orders.project": project.astype(np.float32),
        "orders.explained": explained.astype(np.float32),
        "orders.spread": np.square(sizes[:kept] / sizes[0]).astype(np.float32),
    }


def virtual_orders(
    worth: np.ndarray, terms: np.ndarray, spread: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Descriptors ``(E, D + k)`` of data sets that nobody measured, and what they make of architectures ``(E, R)``.

    ``worth (D, R)`` is what the known data sets make of them and ``terms (R, D + k)`` their terms.
    """
    known = len(worth)
    shared = ((worth - worth.mean(1, keepdims=True)) / worth.std(1, keepdims=True)).T
    exact = np.concatenate([shared, terms[:, known:]], 1)
    descriptors: list[np.ndarray] = []
    for left_out in range(known):
        others = np.delete(exact, left_out, 1)
        for _ in range(REFITS):
            rows = rng.choice(len(exact), int(rng.integers(FEWEST, MOST + 1)), replace=False)
            fitted = fit_order(others[rows], shared[rows, left_out], others, spread).descriptor
            descriptors.append(np.insert(fitted, left_out, 0.0))
    for _ in range(VIRTUAL):
        loadings = rng.dirichlet(np.full(known, PEAKED))
        own = rng.random() * np.sqrt(spread / spread.sum()) * rng.normal(size=len(spread))
        descriptors.append(np.concatenate([loadings, own]))
    found = np.stack(descriptors)
    values = exact @ found.T
    return (found / values.std(0)[:, None]).astype(np.float32), (values / values.std(0)).T
