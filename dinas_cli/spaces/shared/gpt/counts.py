"""Counts of language models in closed form, what their costs add up from, and what a surrogate looks at.

Of ``E`` the embedding width, ``h`` and ``m`` heads and MLP ratio of a layer, ``b`` 1 where linear maps have biases::

    params = 2 · 50254 E + 2 E + sum (256 E h + 3 E² m + 4 E) + b sum (192 h + 2 E m + 2 E)
    macs   = B · 1024 (50254 E + sum (256 E h + 3 E² m))

which are those of HW-GPT-Bench's table, with ``B`` texts at once and without the products of attention.
"""

from __future__ import annotations

import numpy as np

from dinas_cli.spaces.shared.gpt.sizes import CONTEXT, HEAD, WORDS, Size


def numbers(size: Size, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Models ``(B, V)`` as widths ``(B,)``, heads and ratios ``(B, L)``, 0 where no layer is, bias ``(B,)``."""
    cells = np.asarray(values, np.int64)
    heads, ratios = (np.array([*choices, 0])[cells[:, 2 + part : -1 : 2]] for part, choices in _layers(size))
    return np.array(size.widths)[cells[:, 0]], heads, ratios, cells[:, -1]


def closed_form(size: Size, metric: str, values: np.ndarray) -> np.ndarray:
    """``params`` or ``macs`` of models ``(B, V)``: ``(B,)`` int64."""
    width, heads, ratios, bias = numbers(size, values)
    depth, h, m = (heads > 0).sum(1), heads.sum(1), ratios.sum(1)
    maps = 4 * HEAD * width * h + 3 * width**2 * m
    if metric == "macs":
        return size.batch * CONTEXT * (WORDS * width + maps)
    biases = 3 * HEAD * h + 2 * width * m + 2 * width * depth
    return 2 * WORDS * width + 2 * width + maps + 4 * width * depth + bias * biases


def operators(size: Size, values: np.ndarray) -> np.ndarray:
    """What costs add up from, by embedding width: layers by heads and by MLP ratio, and biases: ``(B, 3 · 10)``."""
    width, heads, ratios, bias = numbers(size, values)
    depth = (heads > 0).sum(1)
    columns = [np.ones(len(width), np.int64), *_amounts(size, heads, ratios)]
    columns += [bias, bias * depth, bias * ratios.sum(1)]
    counted = np.stack(columns, 1).astype(np.float64)
    return _by_width(size, width, counted)


def features(size: Size, values: np.ndarray) -> np.ndarray:
    """Width and depth one-hot; heads and ratios of every layer one-hot, their sums and bias, as such and by width.

    ``(B, V)`` -> ``(B, F)`` float32.
    """
    width, heads, ratios, bias = numbers(size, values)
    cells = np.asarray(values, np.int64)
    ones = [np.eye(len(choices))[cells[:, place]] for place, choices in ((0, size.widths), (1, size.depths))]
    chosen = ((heads, size.heads), (ratios, size.ratios))
    each = [(block[:, :, None] == np.array(choices)).reshape(len(cells), -1) for block, choices in chosen]
    sums = [block.sum(1) / (max(choices) * size.depths[-1]) for block, choices in chosen]
    layers = np.concatenate([*each, np.stack([*sums, bias], 1)], 1)
    return np.concatenate([*ones, layers, _by_width(size, width, layers)], 1).astype(np.float32)


def _layers(size: Size) -> tuple[tuple[int, tuple[int, ...]], ...]:
    return (0, size.heads), (1, size.ratios)


def _amounts(size: Size, heads: np.ndarray, ratios: np.ndarray) -> list[np.ndarray]:
    """How many layers have each number of heads and each ratio: six of ``(B,)``."""
    return [(block == n).sum(1) for block, choices in ((heads, size.heads), (ratios, size.ratios)) for n in choices]


def _by_width(size: Size, width: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Columns ``(B, k)`` once per embedding width, zeros but for the model's own: ``(B, 3 k)``."""
    own = width[:, None] == np.array(size.widths)
    return (own[:, :, None] * columns[:, None]).reshape(len(width), -1)
