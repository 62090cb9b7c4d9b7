"""What tests of several search spaces check in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from dinas_cli.errors import GenotypeError

if TYPE_CHECKING:
    from torch import Tensor, nn

    from dinas_cli.spaces.shared.protocol import Space


def assert_refused(space: Space, genotype: str, rule: str) -> None:
    """A malformed genotype is refused in one short line that names the rule, whatever is in the text."""
    with pytest.raises(GenotypeError) as caught:
        space.encode(genotype)
    assert rule in caught.value.message
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 300


def assert_learns(network: nn.Module, images: Tensor, rate: float) -> None:
    """A few steps of gradient descent on made-up labels lower the loss."""
    import torch

    labels = torch.arange(len(images)) % 7
    optimizer = torch.optim.SGD(network.parameters(), rate)
    losses = []
    for _ in range(6):
        loss = torch.nn.functional.cross_entropy(network(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.1


def legal_types(space: Space, values: np.ndarray) -> np.ndarray:
    """Which types every variable of ``values (B, V)`` may take, each by itself: ``(B, V, W)`` bool."""
    layout = space.layout
    asked = np.repeat(values, layout.size, 0)
    legal = space.legal(asked, np.tile(np.arange(layout.size), len(values)))
    assert legal is not None
    assert legal.dtype == np.bool_
    return legal.reshape(len(values), layout.size, max(layout.choices))


def drawn_from_legal_types(space: Space, count: int, seed: int) -> np.ndarray:
    """Uniform draws ``(count, V)`` in a random order, one variable at a time; something must always be legal."""
    random, choices = np.random.default_rng(seed), np.array(space.layout.choices)
    values, rows = np.tile(choices, (count, 1)), np.arange(count)
    for variables in random.random(values.shape).argsort(1).T:
        legal = space.legal(values, variables)
        assert legal is not None
        assert legal.shape == (count, choices.max())
        assert legal.any(1).all()
        values[rows, variables] = (legal * random.random(legal.shape)).argmax(1)
    return values


LARGER = frozenset({"gpt-m", "gpt-l"})
"""Sizes of a space whose smallest one stands for them where whole networks are built, which takes gigabytes."""


def small(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let language models know a few words only where it is no matter, for these are most of their weights."""
    if name.startswith("gpt-"):
        monkeypatch.setattr("dinas_cli.spaces.shared.gpt.space.WORDS", 100)
