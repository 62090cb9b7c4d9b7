"""What tests of several search spaces check in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
