"""How the size of signals and their derivatives run through a NAS-Bench-NLP cell, by mean-field theory.

Every wire has a mean, a second moment and derivatives by the cell's inputs, over random weights and words; elements
and wires count as independent (Poole et al., NeurIPS 2016; for recurrent cells Chen et al., ICML 2018). Applied again
and again, a cell's states settle, die or run away, and what it saw before fades: perplexity and divergence hang on it.

``B`` cells, ``L`` = 11 layers, ``W`` = 26 wires and, after them, one that is always zero.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dinas_cli.spaces.nlp.cell import BLEND, FIRST, LAYERS, LINEAR, STATES, SUM

WIRES = FIRST + 2 * LAYERS
GAINS = (1 / 3, 1.0)
"""Variance that a linear map makes of one, per input: as torch draws its weights, and as trainings leave them."""
STEPS, SEEN = 12, (1, 3, 12)
"""How often a cell is applied, and after which steps its states are looked at."""
POWERS = (1, 4, 16)
"""Steps over which derivatives are followed back."""
LEAK = 0.01
_MOST = 1e8


class Wiring(NamedTuple):
    """Cells as arrays."""

    op: np.ndarray
    """``(B, L)``; -1 for absent layers."""
    act: np.ndarray
    """``(B, L)``; 0 for none."""
    places: np.ndarray
    """``(B, L, W)`` int8: as which input a layer reads a wire, -1 if it does not; 0 unless it is ``blend``."""
    outputs: np.ndarray
    """The wires of the new hidden states ``(B, 3)``, W for none."""


def flow(cells: Wiring) -> np.ndarray:
    """States after some steps, derivatives by the inputs, and how they grow from step to step: ``(B, F)`` float32."""
    # Both gains side by side: their steps are the same, and there are many of them.
    batch, gain = len(cells.op), np.repeat(np.array(GAINS, np.float32), len(cells.op))
    cells = Wiring(*(np.concatenate([part] * len(GAINS)) for part in cells))
    slots, rows = slots_of(cells), np.arange(len(gain))[:, None]
    out: list[np.ndarray] = []
    mean, square = np.zeros((len(gain), STATES), np.float32), np.ones((len(gain), STATES), np.float32)
    for step in range(1, STEPS + 1):
        means, squares = moments(cells, slots, mean, square, gain)
        mean, square = means[rows, cells.outputs], squares[rows, cells.outputs]
        if step in SEEN:
            out += [np.tanh(mean), np.log(square + 1e-6) / 4]
    slopes, energies = derivatives(cells, slots, means, squares, gain)
    slope, energy = slopes[rows, cells.outputs], energies[rows, cells.outputs]
    out += [np.tanh(slope), np.log(energy + 1e-4) / 4]
    out += [_growth(energy[:, :, 1:]), _growth(np.abs(slope[:, :, 1:]))]
    flat = np.concatenate([part.reshape(len(gain), -1) for part in out], 1).astype(np.float32)
    return flat.reshape(len(GAINS), batch, flat.shape[1]).transpose(1, 0, 2).reshape(batch, -1)


def slots_of(cells: Wiring) -> np.ndarray:
    """Which wire is the gate, the first and the second value of every layer that is not linear ``(B, L, 3)``.

    A product is a ``blend`` without a second value, so it can be told with the same formulas.
    """
    reads = cells.places >= 0
    by_place = np.stack([cells.places == place for place in range(3)], 2)
    slots = np.where(by_place.any(3), by_place.argmax(3), WIRES)
    unordered = np.full_like(slots, WIRES)
    unordered[..., 0], unordered[..., 1] = reads.argmax(2), WIRES - 1 - reads[..., ::-1].argmax(2)
    slots = np.where((cells.op == BLEND)[..., None], slots, unordered)
    return np.where(((cells.op == LINEAR) | (cells.op < 0))[..., None], WIRES, slots)


def moments(
    cells: Wiring, slots: np.ndarray, mean: np.ndarray, square: np.ndarray, gain: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Means and second moments of all wires, two ``(B, W + 1)``, for those of the hidden states ``(B, 3)``.

    ``gain (B,)`` is what a linear map makes of its inputs' moments, see :data:`GAINS`.
    """
    batch = len(mean)
    m, s = np.zeros((2, batch, WIRES + 1), np.float32)
    s[:, 0], m[:, 1:FIRST], s[:, 1:FIRST] = 1, mean, square
    rows = np.arange(batch)
    for layer in range(_deepest(cells)):
        wire, op, act = FIRST + 2 * layer, cells.op[:, layer], cells.act[:, layer]
        (mg, ma, mb), (sg, sa, sb) = ([v[rows, slots[:, layer, i]] for i in range(3)] for v in (m, s))
        raw = np.where(op == SUM, mg + ma, mg * ma + (1 - mg) * mb)
        both = sg * sa + (1 - 2 * mg + sg) * sb + 2 * (mg - sg) * ma * mb
        both = np.where(op == SUM, sg + sa + 2 * mg * ma, both)
        linear = gain * ((cells.places[:, layer, :wire] >= 0) * s[:, :wire]).sum(1)
        both = np.where(op == LINEAR, linear, both)
        m[:, wire] = raw = raw.clip(-(_MOST**0.5), _MOST**0.5)
        s[:, wire] = both = np.maximum(both, raw**2).clip(0, _MOST)
        tanh, tanh_square = _tanh(raw, both)
        half, half_square = _tanh(raw / 2, both / 4)
        deviation = np.sqrt(both - raw**2 + 1e-12)
        positive = _positive(raw / deviation)
        leaky = (1 - LEAK) * (deviation * np.exp(-np.minimum((raw / deviation) ** 2 / 2, 50)) / 2.5066)
        leaky += (positive + LEAK * (1 - positive)) * raw
        m[:, wire + 1] = after = np.choose(act, [0, tanh, 0.5 + 0.5 * half, leaky])
        after_square = np.choose(act, [0, tanh_square, 0.25 + 0.25 * half_square + 0.5 * half, both * positive])
        s[:, wire + 1] = np.maximum(after_square, after**2)
    return m, s


def derivatives(
    cells: Wiring, slots: np.ndarray, m: np.ndarray, s: np.ndarray, gain: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and mean square of every wire's derivative by each of the four inputs: two ``(B, W + 1, 4)``.

    The mean follows paths without linear maps, whose weights are as often negative as positive.
    """
    batch = len(m)
    d, e = np.zeros((2, batch, WIRES + 1, FIRST), np.float32)
    d[:, range(FIRST), range(FIRST)] = e[:, range(FIRST), range(FIRST)] = 1
    rows = np.arange(batch)
    for layer in range(_deepest(cells)):
        wire, op, act = FIRST + 2 * layer, cells.op[:, layer, None], cells.act[:, layer, None]
        (mg, ma, mb), (sg, sa, sb) = ([v[rows, slots[:, layer, i], None] for i in range(3)] for v in (m, s))
        (dg, da, db), (eg, ea, eb) = ([v[rows, slots[:, layer, i]] for i in range(3)] for v in (d, e))
        slope = np.where(op == SUM, dg + da, mg * da + (1 - mg) * db + (ma - mb) * dg)
        energy = sg * ea + (1 - 2 * mg + sg) * eb + np.maximum(sa + sb - 2 * ma * mb, 0) * eg
        energy += 2 * ((mg - sg) * da * db + mg * (ma - mb) * da * dg + (1 - mg) * (ma - mb) * db * dg)
        energy = np.where(op == SUM, eg + ea + 2 * dg * da, energy)
        reads = (cells.places[:, layer, :wire] >= 0).astype(np.float32)
        energy = np.where(op == LINEAR, gain[:, None] * np.einsum("bw,bwk->bk", reads, e[:, :wire]), energy)
        d[:, wire] = slope = np.where(op == LINEAR, 0, slope).clip(-(_MOST**0.5), _MOST**0.5)
        e[:, wire] = energy = np.maximum(energy, slope**2).clip(0, _MOST)
        raw, both = m[:, wire, None], s[:, wire, None]
        positive = _positive(raw / np.sqrt(both - raw**2 + 1e-12))
        q = np.pi / 4 * both
        first = np.choose(act, [0, (1 + 2 * q) ** -0.5, 0.25 * (1 + q / 2) ** -0.5, positive])
        second = np.choose(act, [0, (1 + 4 * q) ** -0.5, (1 + q) ** -0.5 / 16, positive])
        d[:, wire + 1], e[:, wire + 1] = first * slope, second * energy
    return d, e


def _deepest(cells: Wiring) -> int:
    """How many layers the deepest cell has; what later ones would compute stays zero."""
    return int((cells.op >= 0).any(0).sum())


def _growth(matrix: np.ndarray) -> np.ndarray:
    """Mean logarithm of what non-negative matrices ``(B, 3, 3)`` do to a vector per step: ``(B, 3)``."""
    vector = np.full((len(matrix), STATES, 1), 1 / STATES, np.float32)
    total = np.zeros(len(matrix), np.float32)
    out = []
    for step in range(1, POWERS[-1] + 1):
        vector = matrix @ vector
        size = vector.sum((1, 2)) + 1e-12
        total += np.log(size)
        vector /= size[:, None, None]
        if step in POWERS:
            out.append((total / step).clip(-6, 6) / 2)
    return np.stack(out, 1)


def _tanh(mean: np.ndarray, square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and second moment of tanh of a normal variable, by the error function that is closest to tanh."""
    q, spread = np.pi / 4 * square, np.pi / 4 * (square - mean**2)
    after = np.tanh(mean / np.sqrt(1 + 2 * spread))
    return after, np.maximum(2 / np.pi * np.arcsin(2 * q / (1 + 2 * q)), after**2)


def _positive(deviations: np.ndarray) -> np.ndarray:
    """About how likely a normal variable is positive whose mean is so many deviations above zero."""
    return 1 / (1 + np.exp(-1.702 * deviations.clip(-20, 20)))
