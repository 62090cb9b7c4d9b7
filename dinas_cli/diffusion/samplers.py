"""Samplers: the loops that turn noise into architectures.

Every sample has its own random numbers, derived from ``(seed, index)`` alone, so that results do not depend on the
batch size or on which other samples are drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise

import torch
from torch import Tensor

from dinas_cli.diffusion.graph import Variables
from dinas_cli.diffusion.guidance import Guidance
from dinas_cli.diffusion.kernels import Marginal, draw

Legal = Callable[[Tensor, Tensor], Tensor]
"""Partly masked values ``(B, V)`` and a variable of each ``(B,)`` -> which types it may still take, ``(B, W)`` bool."""


def uniforms(seed: int, first: int, count: int, numbers: int) -> Tensor:
    """Random numbers ``(count, numbers)`` in [0, 1) of samples ``first .. first + count - 1``."""
    generator = torch.Generator()
    rows = []
    for index in range(first, first + count):
        digest = sha256(f"dinas:{seed}:{index}".encode()).digest()
        generator.manual_seed(int.from_bytes(digest[:8], "big") - 2**63)
        rows.append(torch.rand(numbers, generator=generator))
    return torch.stack(rows)


@torch.inference_mode()
def any_order(
    variables: Variables, guidance: Guidance, noise: Tensor, *, steps: int | None = None, legal: Legal | None = None
) -> Tensor:
    """Unmask variables in a random order, one group per step: ``(B, V)`` clean types.

    ``noise (B, 2 V)`` gives the order and the draws; ``steps`` network calls (at most, and by default, ``V``). With
    fewer steps a group's variables are drawn independently of each other, which is quicker and less exact; ``legal``
    is asked before every single one.
    """
    batch, size = len(noise), variables.size
    steps = size if steps is None else max(1, min(steps, size))
    places = noise[:, :size]
    if variables.layout.nodes_first:
        places = places + (torch.arange(size) >= len(variables.layout.free_nodes))
    order = places.argsort(1)
    values = variables.masked(batch)
    # Nodes that come first settle what the edges may be: they get a call each as long as there are enough.
    alone = min(len(variables.layout.free_nodes), steps - 1) if variables.layout.nodes_first else 0
    bounds = [*range(alone), *(alone + round((size - alone) * i / (steps - alone)) for i in range(steps - alone + 1))]
    rows = torch.arange(batch)[:, None]
    for start, stop in pairwise(bounds):
        logits = guidance(values)
        chosen, numbers = order[:, start:stop], noise[:, size + start : size + stop]
        if legal is None:
            picked = logits.gather(1, chosen[..., None].expand(-1, -1, variables.width)).softmax(-1)
            values.scatter_(1, chosen, draw(picked, numbers))
            continue
        for place in range(stop - start):  # one after the other: each rules out types of the next ones
            variable = chosen[:, place : place + 1]
            allowed = legal(values, chosen[:, place])[:, None]
            # Where nothing is left, the sample cannot be saved: it is drawn to its end, and counted as invalid.
            allowed |= ~allowed.any(-1, keepdim=True)
            picked = logits[rows, variable].masked_fill(~allowed, -torch.inf).softmax(-1)
            values.scatter_(1, variable, draw(picked, numbers[:, place : place + 1]))
    return values


@torch.inference_mode()
def ancestral(
    variables: Variables, guidance: Guidance, noise: Tensor, kernel: Marginal, *, steps: int | None = None
) -> Tensor:
    """Walk the marginal kernel back from ``T`` to 0 in ``steps`` network calls (default ``T``): ``(B, V)`` types.

    ``noise (B, V (steps + 1))``. With fewer steps the posterior is taken over the skipped ones, exactly.
    """
    batch, size = len(noise), variables.size
    values = draw(kernel.marginals.expand(batch, -1, -1), noise[:, :size])
    for i, (t, s) in enumerate(pairwise(_walk(kernel, steps))):
        now, later = torch.full((batch,), t), torch.full((batch,), s)
        clean = guidance(values, now / kernel.steps).softmax(-1)
        probabilities = kernel.posterior(values, clean, now, later)
        values = draw(probabilities, noise[:, size * (i + 1) : size * (i + 2)])
    return values


@torch.inference_mode()
def iterative(
    variables: Variables, guidance: Guidance, noise: Tensor, kernel: Marginal, *, steps: int | None = None
) -> Tensor:
    """Predict the clean types, draw them, noise them to the next level, ``steps`` times: ``(B, V)`` types.

    ``x_0 ~ p(x_0 | x_t)``, then ``x_s ~ q(x_s | x_0)``: simple iterative denoising (Boget, ICML 2025), in which noisy
    states depend on each other through the clean one alone, so that what went wrong early is not carried along. Many
    steps come close to the model's distribution but do not reach it, as :func:`ancestral` does.
    ``noise (B, 2 V steps)``; ``steps`` network calls (default ``T``).
    """
    batch, size = len(noise), variables.size
    numbers = iter(noise.split(size, 1))
    values = draw(kernel.marginals.expand(batch, -1, -1), next(numbers))
    for t, s in pairwise(_walk(kernel, steps)):
        time = torch.full((batch,), t) / kernel.steps
        values = draw(guidance(values, time).softmax(-1), next(numbers))
        if s:
            values = kernel.corrupt(values, torch.full((batch,), s), next(numbers))
    return values


def _walk(kernel: Marginal, steps: int | None) -> list[int]:
    """Noise levels from ``T`` down to 0 in ``steps`` even steps: at least one, at most and by default ``T``."""
    steps = kernel.steps if steps is None else max(1, min(steps, kernel.steps))
    return [math.ceil(kernel.steps * (steps - i) / steps) for i in range(steps + 1)]
