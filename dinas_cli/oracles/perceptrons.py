"""The surrogate's networks: perceptrons with ReLU between their layers, for many architectures a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

CHUNK = 2048
"""Architectures that go through at a time, so that what they come to inside takes little memory."""


class InChunks:
    """What ``predict`` makes of architectures, a few at a time; the latest answer is kept.

    For column after column is asked about the same architectures, and all are answered together.
    """

    def __init__(self, predict: Callable[[np.ndarray], np.ndarray]) -> None:
        self._predict = predict
        self._latest: tuple[np.ndarray, np.ndarray] | None = None

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """``(B, V)`` -> ``(B, outputs)``, not to be written to."""
        if self._latest is None or not np.array_equal(self._latest[0], values):
            starts = range(0, max(len(values), 1), CHUNK)
            found = np.concatenate([self._predict(values[start : start + CHUNK]) for start in starts])
            found.flags.writeable = False
            self._latest = np.array(values), found
        return self._latest[1]


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


def ensemble(features: np.ndarray, tensors: Mapping[str, np.ndarray], members: int) -> np.ndarray:
    """The mean output ``(B, outputs)`` of the networks ``quality.0`` and so on for ``(B, F)``."""
    return np.asarray(np.mean([perceptron(features, tensors, f"quality.{i}") for i in range(members)], 0))
