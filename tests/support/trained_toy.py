"""The large toy with a surrogate of its own: labelled, written as a table, trained once for all tests of a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.tables import Table
from dinas_cli.training.data import TrainingSet, load_training_set
from dinas_cli.training.surrogate import train_surrogate
from tests.support.large_toy import SPACE


def labelled() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Different architectures with their keys, and a loss that the second node decides."""
    values = np.unique(SPACE.draw(900, 7), axis=0)
    keys = np.array([SPACE.key(row) for row in values.tolist()])
    loss = -1.0 + values[:, 1] + 0.1 * values[:, 4]
    return values, keys, loss


def trained_on(written: Callable[[Path], Table], steps: int) -> tuple[TrainingSet, Surrogate]:
    """The labels of a table that is ``written`` into a folder, and a surrogate that has learnt them."""
    data, tensors, config = _parts(written, steps)
    return data, Surrogate(dict(tensors), config)


@lru_cache
def _parts(written: Callable[[Path], Table], steps: int) -> tuple[TrainingSet, dict[str, np.ndarray], dict[str, Any]]:
    """Trained once; the space must be registered."""
    with TemporaryDirectory() as folder:
        data = load_training_set(SPACE, written(Path(folder)))
    return data, *train_surrogate(data, steps=steps)
