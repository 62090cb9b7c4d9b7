"""Which models there are: random ones, and what the choices that are not made yet may still be."""

from __future__ import annotations

import numpy as np

from dinas_cli.spaces.shared.gpt.sizes import Size


def draw(size: Size, count: int, seed: int) -> np.ndarray:
    """Random models ``(count, V)`` int8: every choice, the depth among them, uniform, as the benchmark drew them."""
    there = [len(size.heads), len(size.ratios)] * size.depths[-1]
    most = [len(size.widths), len(size.depths), *there, 2]
    drawn = np.random.default_rng(seed).integers(0, most, (count, len(most)), np.int8)
    beyond = np.arange(size.depths[-1]) >= np.array(size.depths)[drawn[:, 1], None]
    for part, choices in ((2, size.heads), (3, size.ratios)):
        drawn[:, part:-1:2] = np.where(beyond, len(choices), drawn[:, part:-1:2])
    return drawn


def legal(size: Size, values: np.ndarray, variables: np.ndarray) -> np.ndarray:
    """Types ``(B, W)`` with which some depth still agrees: layers up to it are there, those beyond it are not."""
    cells, places = np.asarray(values), np.asarray(variables)
    depths, choices = np.array(size.depths), np.array(size.layout.choices)
    types = np.arange(choices.max())
    depth = cells[:, 1, None]
    possible = (depth == np.arange(len(depths))) | (depth == len(depths))
    for layer in range(size.depths[0], size.depths[-1]):
        for part, known in ((2, size.heads), (3, size.ratios)):
            value = cells[:, part + 2 * layer, None]
            possible &= (value < len(known)) <= (depths > layer)
            possible &= (value == len(known)) <= (depths <= layer)
    allowed = types < choices[places, None]
    asked = places == 1
    allowed[asked, : len(depths)] = possible[asked]
    layers = (places - 2) // 2
    rows = np.flatnonzero((layers >= size.depths[0]) & (layers < size.depths[-1]))
    beyond = depths <= layers[rows, None]
    gone, there = ((possible[rows] & which).any(1) for which in (beyond, ~beyond))
    absent = types == choices[places[rows], None] - 1
    allowed[rows] &= np.where(absent, gone[:, None], there[:, None])
    return allowed
