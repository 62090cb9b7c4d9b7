"""Whether the tensors of a surrogate's file belong together: shapes that follow from each other, finite numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dinas_cli.oracles.profiles import BINS, LEVELS


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
    prior = tensors["profile.prior"].shape
    shapes["profile.prior"] = (max(prior[0], 1), width, width) if len(prior) == 3 else (width,)  # of the oldest files
    for name in tensors:
        if name.endswith(".weight"):
            shapes[f"{name.removesuffix('weight')}bias"] = (len(tensors[name]),)
    for name, shape in shapes.items():
        if tensors[name].shape != shape:
            raise ValueError(f"{name} has shape {tensors[name].shape} instead of {shape}")
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ValueError("its weights are not all finite numbers")
