"""Parameters and multiply-accumulates of NAS-Bench-NLP networks in closed form, from graphs without building them."""

from __future__ import annotations

import numpy as np

from dinas_cli.spaces.nlp.cell import ACTIVATIONS, LAYERS, LINEAR, X
from dinas_cli.spaces.nlp.state import COUNT, GRID, SOURCES, edge_facts
from dinas_cli.spaces.nlp.values import FIRST_EDGE, NONE

WORDS = 10_000
EMBEDDING, HIDDEN = 400, 600
SIZES = ((EMBEDDING, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, EMBEDDING))
"""Input and hidden size of the three recurrent layers."""


def grid(values: np.ndarray) -> np.ndarray:
    """The edge types of graphs ``(B, V)`` as a grid ``(B, 15, 11)`` of sources and layers."""
    flat = np.full((len(values), SOURCES * LAYERS), NONE, np.int16)
    flat[:, GRID] = values[:, FIRST_EDGE:]
    return flat.reshape(len(values), SOURCES, LAYERS)


def operations(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Operation and activation of every layer ``(B, 11)``; -1 and 0 where there is none."""
    types = values[:, :LAYERS].astype(np.int16) - 1
    absent = types < 0
    return np.where(absent, -1, types // len(ACTIVATIONS)), np.where(absent, 0, types % len(ACTIVATIONS))


def params_and_macs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Parameters, and multiply-accumulates per word of linear maps alone, of graphs ``(B, V)``: two ``(B,)`` int64.

    A linear node has a matrix for each of its inputs and one bias; embedding and output share their weights.
    """
    linear = operations(np.asarray(values))[0] == LINEAR
    inputs = edge_facts().take(grid(np.asarray(values))) & COUNT
    nodes = linear.sum(1, dtype=np.int64)
    from_x = (inputs[:, X] * linear).sum(1, dtype=np.int64)
    from_states = (inputs.sum(1) * linear).sum(1, dtype=np.int64) - from_x
    macs = sum(from_x * size * hidden + from_states * hidden * hidden for size, hidden in SIZES)
    biases = nodes * sum(hidden for _, hidden in SIZES)
    return macs + biases + WORDS * EMBEDDING + WORDS, macs + np.int64(WORDS * EMBEDDING)
