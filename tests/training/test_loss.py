"""The loss: what is masked counts, and nothing else."""

from __future__ import annotations

import math

import pytest
import torch

from dinas_cli.training.generator import _cross_entropy

SURE, EVEN = [9.0, -9.0], [0.0, 0.0]
LEFT, RIGHT = [1.0, 0.0], [0.0, 1.0]


def test_only_masked_variables_count() -> None:
    logits = torch.tensor([[EVEN, SURE, SURE]])
    target = torch.tensor([[LEFT, RIGHT, RIGHT]])  # the last two are as wrong as can be
    masked = torch.tensor([[True, False, False]])
    assert float(_cross_entropy(logits, target, masked)) == pytest.approx(math.log(2))


def test_states_count_alike_however_much_of_them_is_masked() -> None:
    logits = torch.tensor([[EVEN, EVEN], [SURE, EVEN]])
    target = torch.tensor([[LEFT, LEFT], [LEFT, LEFT]])
    masked = torch.tensor([[True, True], [True, False]])
    assert float(_cross_entropy(logits, target, masked)) == pytest.approx(math.log(2) / 2, abs=1e-6)


def test_what_cannot_be_costs_nothing_where_it_is_not_wanted() -> None:
    logits = torch.tensor([[[0.0, -math.inf]]])
    assert float(_cross_entropy(logits, torch.tensor([[LEFT]]), torch.tensor([[True]]))) == 0
