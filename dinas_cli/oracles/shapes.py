"""Whether the tensors of a surrogate's file belong together: shapes that follow from each other, finite numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dinas_cli.files.weights import MOST_WIDE
from dinas_cli.oracles.profiles import BINS, LEVELS

POSITIVE = ("quality.noise", "profile.noise", "profile.noise_shape")
"""Deviations."""


def check_widths(tensors: Mapping[str, np.ndarray], members: int) -> None:
    """Raise :class:`ValueError` where the networks, ``members`` of them, are not those of the file, or too wide."""
    found = {name.split(".")[1] for name in tensors if name.startswith("quality.") and name.endswith(".weight")}
    if found != set(map(str, range(members))):
        raise ValueError(f"it has {len(found)} networks instead of {members}")
    for name, tensor in tensors.items():
        if max(tensor.shape, default=0) > MOST_WIDE:
            raise ValueError(f"{name[:80]} has shape {tensor.shape}, wider than {MOST_WIDE}")


def check_tensors(tensors: Mapping[str, np.ndarray], outputs: int, profiles: int, width: int) -> None:
    """Raise :class:`ValueError`, or :class:`KeyError` for a missing one, unless the tensors are those of a surrogate.

    It has ``outputs`` ranked metrics and ``profiles`` costs of ``width`` basis features.
    """
    shapes: dict[str, tuple[int, ...]] = {
        "quality.grid": (outputs, len(tensors["quality.knots"])),
        "quality.noise": (outputs, len(tensors["quality.noise_at"])),
        "profile.level": (profiles,),
        "profile.weights": (profiles, width),
        "profile.edges": (profiles, len(LEVELS)),
        "profile.noise": (profiles, BINS),
        "profile.noise_shape": (BINS,),
    }
    if any(name.startswith("labels.") for name in tensors):  # not in the oldest files
        numbers = tensors["labels.edges"].shape[1]
        shapes |= {"labels.edges": (2, numbers), "labels.growth": (outputs, numbers), "labels.far": (outputs,)}
    if any(name.startswith("orders.") for name in tensors):  # of spaces with several data sets
        known, own = tensors["orders.scores"].shape[1], len(tensors["orders.spread"])
        inputs = tensors["quality.0.0.weight"].shape[1]
        shapes |= {"orders.scores": (2, known), "orders.project": (inputs, own), "orders.explained": (1 + known, own)}
    prior = tensors["profile.prior"].shape
    shapes["profile.prior"] = (max(prior[0], 1), width, width) if len(prior) == 3 else (width,)  # of the oldest files
    for name in tensors:
        if name.endswith(".weight"):
            shapes[f"{name.removesuffix('weight')}bias"] = (len(tensors[name]),)
    for name, shape in shapes.items():
        if tensors[name].shape != shape:
            raise ValueError(f"{name} has shape {tensors[name].shape} instead of {shape}")
    for name in POSITIVE:
        if not (tensors[name] > 0).all():
            raise ValueError(f"{name} is not positive")
    variances = tensors["profile.prior"].diagonal(0, -2, -1) if len(prior) == 3 else tensors["profile.prior"][None]
    if not ((variances >= 0).all() and variances.any(1).all()):  # counts that say nothing new have none
        raise ValueError("profile.prior has variances that are not positive")
    for name in ("quality.knots", "quality.noise_at"):
        if not len(tensors[name]) or not (np.diff(tensors[name]) > 0).all():
            raise ValueError(f"{name} does not increase")
