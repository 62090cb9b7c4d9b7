"""Which examples are for training, validation and test, and in which order: every beginning of it has all classes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dinas_cli.errors import DinasError
from dinas_cli.search.data.examples import SPLITS, Split

SHARE = 0.2
"""Of the images that are not divided yet: what goes to validation, and to test."""
LEAST = 3
"""Images per class, on average, that can be divided."""


def divide(
    labels: np.ndarray, given: Sequence[Split | None], classes: int, seed: int = 0, limit: int | None = None
) -> dict[Split, np.ndarray]:
    """Rows ``(n,)`` of every split, of examples with ``labels (N,)`` that were ``given`` splits or None.

    A split that is missing is drawn by ``seed`` from what is for training, class by class, :data:`SHARE` of it each.
    With a ``limit`` at most so many rows are kept, in the proportions of splits and classes. The first rows of a split,
    however many, have the classes in its proportions. Raises :class:`DinasError` for too few images.
    """
    random = np.random.default_rng((seed, 1))
    rows = np.arange(len(labels))
    names = np.array([split or "training" for split in given], dtype=object)
    parts: dict[Split, np.ndarray] = {split: rows[names == split] for split in SPLITS}
    if limit is not None and limit < len(rows):
        shares = {split: limit * len(part) / len(rows) for split, part in parts.items()}
        parts = {split: _ordered(part, labels, random)[: round(shares[split])] for split, part in parts.items()}
    total = sum(map(len, parts.values()))
    if total < LEAST * classes:
        raise DinasError(
            f"{total} images of {classes} classes are too few", f"{LEAST} per class at least, better hundreds"
        )
    missing: list[Split] = [split for split in ("validation", "test") if not len(parts[split])]
    whole = parts["training"]
    for label in range(classes):
        own = random.permutation(whole[labels[whole] == label])
        each = min(round(SHARE * len(own)), max(len(own) - 1, 0) // max(len(missing), 1))
        for number, split in enumerate(missing):
            parts[split] = np.concatenate([parts[split], own[number * each : (number + 1) * each]])
    parts["training"] = np.setdiff1d(whole, np.concatenate([whole[:0], *(parts[split] for split in missing)]))
    lacking = set(range(classes)) - set(labels[parts["training"]].tolist())
    if lacking:
        raise DinasError(
            f"{len(lacking)} of {classes} classes have no training images", "add images, or raise the limit"
        )
    return {split: _ordered(part, labels, random) for split, part in parts.items()}


def _ordered(rows: np.ndarray, labels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The rows shuffled so that each class is spread evenly."""
    rows = random.permutation(rows)
    place = np.empty(len(rows))
    for label in np.unique(labels[rows]):
        own = np.flatnonzero(labels[rows] == label)
        place[own] = (np.arange(len(own)) + random.random()) / len(own)
    return rows[np.argsort(place, kind="stable")]
