"""The surrogate's networks: perceptrons with ReLU between their layers, for many architectures a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

CHUNK = 1024
"""Architectures that go through at a time, so that what they come to inside takes little memory."""


def in_chunks(predict: Callable[[np.ndarray], np.ndarray], values: np.ndarray) -> np.ndarray:
    """What ``predict`` makes of architectures ``(B, V)``: ``(B, outputs)``."""
    starts = range(0, max(len(values), 1), CHUNK)
    return np.concatenate([predict(values[start : start + CHUNK]) for start in starts])


def perceptron(features: np.ndarray, tensors: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Outputs ``(B, outputs)`` of the network whose layers are ``{name}.0.weight`` and so on, for ``(B, F)``."""
    layer = 0
    while f"{name}.{layer}.weight" in tensors:
        if layer:
            np.maximum(features, 0, out=features)
        features = features @ tensors[f"{name}.{layer}.weight"].T
        features += tensors[f"{name}.{layer}.bias"]
        layer += 1
    return features
