"""Exact targets: the average over all matching architectures, worked out by brute force."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from dinas_cli.diffusion.variables import Variables
from dinas_cli.training.requests import Batch
from dinas_cli.training.targets import States, pick_architectures, trajectories
from tests.support import toy as toys

VARIABLES = Variables(toys.LAYOUT)
VALUES = torch.from_numpy(toys.SPACE.reference()).long()
SIZE = VARIABLES.size
SETS: tuple[tuple[int, ...], ...] = ((3, 500, 17, 16), (), (200,), tuple(range(0, 512, 3)), ())
"""Target sets of five requests; two of them nothing answers."""


def batch(sets: tuple[tuple[int, ...], ...] = SETS) -> Batch:
    request = torch.tensor([g for g, members in enumerate(sets) for _ in members], dtype=torch.long)
    architecture = torch.tensor([a for members in sets for a in members], dtype=torch.long)
    return Batch([torch.zeros(len(sets), 1, 2)], [torch.ones(len(sets), 1, dtype=torch.bool)], request, architecture)


def states(seed: int = 0) -> States:
    return trajectories(batch(), VALUES, VARIABLES, torch.Generator().manual_seed(seed))


def brute_force(row: int, values: Tensor) -> Tensor:
    """Average of the one-hot answers of a request that agree with the unmasked variables, ``(V, W)``."""
    total, matching = torch.zeros(SIZE, VARIABLES.width), 0
    for number in SETS[row]:
        answer = VALUES[number]
        if all(int(v) in (int(a), choices) for v, a, choices in zip(values, answer, toys.LAYOUT.choices, strict=True)):
            matching += 1
            for variable, kind in enumerate(answer.tolist()):
                total[variable, kind] += 1
    assert matching > 0, "the unmasked variables are some answer's own"
    return total / matching


def test_targets_are_the_average_over_all_matching_answers() -> None:
    for seed in range(3):
        found = states(seed)
        for row, values, target in zip(found.row.tolist(), found.values, found.target, strict=True):
            torch.testing.assert_close(target, brute_force(row, values))


def test_every_state_on_the_way_from_all_masked_to_one() -> None:
    found = states()
    assert found.row.tolist() == [0, 2, 3] * SIZE
    assert found.masked.sum(1).reshape(SIZE, 3).tolist() == [[left] * 3 for left in range(SIZE, 0, -1)]
    assert torch.equal(found.masked, found.values == torch.from_numpy(VARIABLES.choices))
    for row in (0, 2, 3):
        steps = found.values[found.row == row]
        for before, after in pairwise(steps):
            changed = before != after
            assert changed.sum() == 1
            assert (before == VARIABLES.choices)[changed].all()


def test_targets_are_distributions_without_impossible_types() -> None:
    found = states()
    torch.testing.assert_close(found.target.sum(-1), torch.ones(found.values.shape))
    assert not found.target[:, VARIABLES.padding].any()
    # What is unmasked is certain.
    certain = found.target.gather(2, found.values.clamp(max=3)[..., None])[..., 0]
    assert (certain[~found.masked] == 1).all()


def test_one_answer_is_its_own_target() -> None:
    found = states()
    only = found.target[found.row == 2]
    assert torch.equal(only.argmax(-1), VALUES[200].expand(SIZE, -1))
    assert (only.amax(-1) == 1).all()


def test_nothing_to_answer_at_all() -> None:
    found = trajectories(batch(((), ())), VALUES, VARIABLES, torch.Generator().manual_seed(0))
    assert found.values.shape == (0, SIZE)
    assert found.target.shape == (0, SIZE, VARIABLES.width)


def test_answers_are_picked_uniformly() -> None:
    generator = torch.Generator().manual_seed(1)
    wanted = batch()
    picked = torch.stack([pick_architectures(wanted, len(SETS), generator) for _ in range(4000)])
    assert (picked[:, [1, 4]] == -1).all()
    for g in (0, 2, 3):
        members = wanted.architecture[picked[:, g]]
        assert set(members.tolist()) == set(SETS[g])
        counts = torch.bincount(members, minlength=512)[list(SETS[g])].double()
        expected = 4000 / len(SETS[g])
        # Pearson's statistic is about its degrees of freedom, give or take a few times their root.
        assert float(((counts - expected) ** 2 / expected).sum()) <= len(SETS[g]) + 4 * (2 * len(SETS[g])) ** 0.5


def test_unmasking_orders_differ_and_repeat() -> None:
    one, again, other = states(0), states(0), states(1)
    assert torch.equal(one.values, again.values)
    assert torch.equal(one.target, again.target)
    assert not torch.equal(one.values, other.values)
