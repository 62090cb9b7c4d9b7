"""What the basis of cost profiles is made of: counts of operations, in each way to count, and learned features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.oracles.perceptrons import perceptron

if TYPE_CHECKING:
    from dinas_cli.spaces.shared.protocol import Space


def ways(
    space: Space, values: np.ndarray, tensors: Mapping[str, np.ndarray], features: Callable[[np.ndarray], np.ndarray]
) -> list[np.ndarray]:
    """The parts ``(B, p)`` of the basis of architectures ``(B, V)``, not yet whitened, the usual way to count first.

    ``tensors`` are those of a surrogate's file, ``features`` make the inputs of its network of learned features, if it
    has one: what many devices share beyond counts.
    """
    learned = [perceptron(features(values), tensors, "basis")] if "basis.0.weight" in tensors else []
    if learned and "basis.mean" in tensors and learned[0].shape[1] == len(tensors["basis.mean"]):
        return learned  # in older files these are all
    return [*space.operators(values), *learned]
