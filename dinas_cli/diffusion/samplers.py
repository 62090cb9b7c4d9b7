"""Samplers: the loops that turn noise into architectures.

Every sample has its own random numbers, derived from ``(seed, index)`` alone, so that results do not depend on the
batch size or on which other samples are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise

import numpy as np

from dinas_cli.diffusion.guidance import Guidance
from dinas_cli.diffusion.kernels import Marginal, draw
from dinas_cli.diffusion.variables import Variables, distinct

Legal = Callable[[np.ndarray, np.ndarray], np.ndarray | None]
"""Partly masked values ``(B, V)`` and one variable of each ``(B,)`` -> its types that are legal, ``(B, W)`` bool.

None, whatever is asked, where there are no rules."""


def uniforms(seed: int | str, first: int, count: int, numbers: int) -> np.ndarray:
    """Random numbers ``(count, numbers)`` float32 in [0, 1) of samples ``first .. first + count - 1``.

    Philox (Salmon et al., SC 2011) turns a key and a counter into eight of them: the key is made from the seed, the
    counter from the sample's index and the place of the eight among its numbers.
    """
    key = int.from_bytes(sha256(f"dinas:{seed}".encode()).digest()[:16], "little")
    blocks = -(-numbers // 8)
    found = np.empty((count, blocks, 8), np.float32)
    for block in range(blocks):
        raw = np.random.Philox(key=key, counter=np.array([first, block, 0, 0], np.uint64)).random_raw(4 * count)
        whole = raw.astype("<u8", copy=False).view("<u4").reshape(count, 8)
        found[:, block] = (whole >> 8) * np.float32(2**-24)
    return found.reshape(count, 8 * blocks)[:, :numbers]


Predict = Callable[..., np.ndarray]
"""Partly masked values ``(B, V)``, and as ``wanted (B, V)`` which variables are asked about -> logits ``(B, V, W)``.

:class:`.guidance.Guidance` is one."""


def any_order(
    variables: Variables,
    guidance: Predict,
    noise: np.ndarray,
    *,
    steps: int | None = None,
    legal: Legal | None = None,
) -> np.ndarray:
    """Unmask variables in a random order, one group per step: ``(B, V)`` clean types.

    ``noise (B, 2 V)`` gives the order and the draws; ``steps`` network calls (at most, and by default, ``V``). With
    fewer steps a group's variables are drawn independently of each other, which is quicker and less exact; ``legal``
    is asked before every single one.
    """
    size = variables.size
    steps = size if steps is None else max(1, min(steps, size))
    order = _order(variables, noise[:, :size])
    # Nodes that come first settle what the edges may be: they get a call each as long as there are enough.
    alone = min(len(variables.layout.free_nodes), steps - 1) if variables.layout.nodes_first else 0
    bounds = [*range(alone), *(alone + round((size - alone) * i / (steps - alone)) for i in range(steps - alone + 1))]
    return _unmask(variables.masked(len(noise)), order, bounds, guidance, noise[:, size:], legal)


def redraw(
    variables: Variables,
    guidance: Predict,
    noise: np.ndarray,
    values: np.ndarray,
    count: int,
    *,
    steps: int = 1,
    legal: Legal | None = None,
) -> np.ndarray:
    """``count`` variables of each of ``values (B, V)``, chosen at random, masked and drawn again: ``(B, V)``.

    ``noise (B, 3 V)`` gives which, in which order and what; ``steps`` network calls.
    """
    size = variables.size
    masked = noise[:, 2 * size :].argsort(1, kind="stable").argsort(1) < count
    # What is not masked would come last, and is left alone.
    order = _order(variables, noise[:, :size] + 2 * ~masked)[:, :count]
    steps = max(1, min(steps, count))
    bounds = [round(count * i / steps) for i in range(steps + 1)]
    return _unmask(np.where(masked, variables.choices, values), order, bounds, guidance, noise[:, size:], legal)


def _order(variables: Variables, places: np.ndarray) -> np.ndarray:
    """Numbers of variables ``(B, V)`` by their ``places (B, V)``, nodes before edges where the layout says so."""
    if variables.layout.nodes_first:
        places = places + (np.arange(variables.size) >= len(variables.layout.free_nodes))
    return places.argsort(1, kind="stable")


def _unmask(
    values: np.ndarray,
    order: np.ndarray,
    bounds: list[int],
    guidance: Predict,
    numbers: np.ndarray,
    legal: Legal | None,
) -> np.ndarray:
    """Draw the masked variables of ``values (B, V)`` in an ``order (B, n)``, those between two ``bounds`` at a time."""
    rows = np.arange(len(values))[:, None]
    if legal is not None and legal(values[:1], order[:1, 0]) is None:
        legal = None
    for start, stop in pairwise(bounds):
        states, place = distinct(values)  # samples in the same state get the same logits
        chosen, drawn = order[:, start:stop], numbers[:, start:stop]
        wanted = np.zeros(states.shape, bool)
        wanted[place[:, None], chosen] = True
        logits = guidance(states, wanted=wanted)[place[:, None], chosen]
        if legal is None:
            values[rows, chosen] = draw(_likelihood(logits), drawn)
            continue
        for i in range(stop - start):  # one after the other: each rules out types of the next ones
            variable = chosen[:, i : i + 1]
            allowed = np.asarray(legal(values, chosen[:, i]))[:, None]
            # Where nothing is left, the sample cannot be saved: it is drawn to its end, and counted as invalid.
            allowed |= ~allowed.any(-1, keepdims=True)
            picked = np.where(allowed, logits[:, i : i + 1], -np.inf)
            values[rows, variable] = draw(_likelihood(picked), drawn[:, i : i + 1])
    return values


def ancestral(
    variables: Variables, guidance: Guidance, noise: np.ndarray, kernel: Marginal, *, steps: int | None = None
) -> np.ndarray:
    """Run the marginal kernel back from ``T`` to 0 in ``steps`` network calls (default ``T``): ``(B, V)`` types.

    ``noise (B, V (steps + 1))``. With fewer steps the posterior is taken over the skipped ones, exactly.
    """
    batch, size = len(noise), variables.size
    values = draw(kernel.marginals, noise[:, :size])
    for i, (t, s) in enumerate(pairwise(_walk(kernel, steps))):
        clean = _clean(guidance, values, t / kernel.steps)
        probabilities = kernel.posterior(values, clean, np.full(batch, t), np.full(batch, s))
        values = draw(probabilities, noise[:, size * (i + 1) : size * (i + 2)])
    return values


def iterative(
    variables: Variables, guidance: Guidance, noise: np.ndarray, kernel: Marginal, *, steps: int | None = None
) -> np.ndarray:
    """Predict the clean types, draw them, noise them to the next level, ``steps`` times: ``(B, V)`` types.

    ``x_0 ~ p(x_0 | x_t)``, then ``x_s ~ q(x_s | x_0)``: simple iterative denoising (Boget, ICML 2025), in which noisy
    states depend on each other through the clean one alone, so that what went wrong early is not carried along. Many
    steps come close to the model's distribution but do not reach it, as :func:`ancestral` does.
    ``noise (B, 2 V steps)``; ``steps`` network calls (default ``T``).
    """
    batch, size = len(noise), variables.size
    numbers = (noise[:, start : start + size] for start in range(0, noise.shape[1], size))
    values = draw(kernel.marginals, next(numbers))
    for t, s in pairwise(_walk(kernel, steps)):
        values = draw(_clean(guidance, values, t / kernel.steps), next(numbers))
        if s:
            values = kernel.corrupt(values, np.full(batch, s), next(numbers))
    return values


def _clean(guidance: Guidance, values: np.ndarray, time: float) -> np.ndarray:
    """Predicted probabilities of the clean types ``(B, V, W)``."""
    states, place = distinct(values)
    likelihood = _likelihood(guidance(states, time))
    return (likelihood / likelihood.sum(-1, keepdims=True))[place]


def _likelihood(logits: np.ndarray) -> np.ndarray:
    """What ``softmax`` would say, but for a factor: the likeliest of the last axis gets one."""
    return np.exp(logits - logits.max(-1, keepdims=True))


def _walk(kernel: Marginal, steps: int | None) -> list[int]:
    """Noise levels from ``T`` down to 0 in ``steps`` even steps: at least one, at most and by default ``T``."""
    steps = kernel.steps if steps is None else max(1, min(steps, kernel.steps))
    return [math.ceil(kernel.steps * (steps - i) / steps) for i in range(steps + 1)]
