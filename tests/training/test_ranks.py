"""Further ranks: how often they are asked for, and that they are taken among what meets the rest."""

from __future__ import annotations

import numpy as np
import torch

from dinas_cli.training.ranks import ONE, TWO, among_best, draw_ranks


def test_some_requests_ask_for_one_few_for_two() -> None:
    asked = ~np.isnan(np.stack(list(draw_ranks(["a", "b", "c"], 20_000, np.random.default_rng(0)).values())))
    share = np.bincount(asked.sum(0), minlength=4) / 20_000
    np.testing.assert_allclose(share, [1 - ONE, ONE * (1 - TWO), ONE * TWO, 0], atol=0.01)
    np.testing.assert_allclose(asked.mean(1), asked.mean(), rtol=0.1)


def test_the_best_are_the_best_of_what_counts() -> None:
    worth = torch.tensor([[1.0, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]])
    meets = torch.tensor([[True, True, True, True, False, False], [True] * 6])
    found = among_best(worth, meets, np.array([50.0, 1.0]))
    assert found.tolist() == [[False, False, True, True, False, False], [True] + [False] * 5]


def test_where_nothing_counts_there_is_no_best() -> None:
    assert not among_best(torch.ones(1, 3), torch.zeros(1, 3, dtype=torch.bool), np.array([20.0])).any()
