"""Samplers against distributions that are known exactly, and the independence of samples from each other."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
import torch
from torch import Tensor

from dinas_cli.diffusion.denoiser import Denoiser, DenoiserConfig
from dinas_cli.diffusion.guidance import Conditions, Guidance
from dinas_cli.diffusion.kernels import Marginal
from dinas_cli.diffusion.samplers import ancestral, any_order, iterative, uniforms
from dinas_cli.diffusion.variables import Variables
from dinas_cli.spaces.shared.protocol import Layout
from tests.support.toy import LAYOUT, SIZES

SMALL = Layout((0, 0, 0), ("conv", "pool", "skip"), ("none", "plain"), free_nodes=(1,), free_edges=((0, 1), (1, 2)))
CELLS = torch.tensor(list(product(range(3), range(2), range(2))))
JOINT = torch.tensor([8.0, 1.0, 0.0, 3.0, 1.0, 6.0, 6.0, 0.0, 0.5, 0.5, 5.0, 1.0])
JOINT = JOINT / JOINT.sum()
"""Probabilities of the twelve cells of ``SMALL``: far from independent, two of them impossible."""


class Exact(Guidance):
    """What a perfect denoiser would answer: ``p(x_0 of each variable | noisy state)``, by enumeration of ``JOINT``."""

    def __init__(self, kernel: Marginal | None = None) -> None:
        self.kernel = kernel
        self.calls = 0

    def __call__(self, values: Tensor, time: Tensor | None = None) -> Tensor:
        self.calls += 1
        if self.kernel is None:
            hidden = values == torch.tensor(SMALL.choices)
            likelihood = (hidden[:, None] | (values[:, None] == CELLS)).all(-1).double()
        else:
            assert time is not None
            q = self.kernel.transition((time * self.kernel.steps).round().long())
            each = [q[:, v, CELLS[:, v]].gather(2, values[:, v, None, None].expand(-1, 12, 1)) for v in range(3)]
            likelihood = torch.cat(each, 2).double().prod(-1)
        weights = likelihood * JOINT
        weights /= weights.sum(1, keepdim=True)
        chance = torch.zeros(len(values), 3, 3, dtype=torch.float64)
        for v in range(3):
            chance[:, v].index_add_(1, CELLS[:, v], weights)
        return chance.log().float()


def frequencies(values: Tensor) -> Tensor:
    """Share of every cell ``(12,)`` among samples."""
    number = values[:, 0] * 4 + values[:, 1] * 2 + values[:, 2]
    return torch.bincount(number, minlength=12) / len(values)


def product_of_marginals() -> Tensor:
    chance = torch.ones(12)
    for v in range(3):
        chance *= torch.stack([JOINT[CELLS[:, v] == kind].sum() for kind in range(3)])[CELLS[:, v]]
    return chance


def noise(count: int, numbers: int) -> Tensor:
    return torch.rand(count, numbers, generator=torch.Generator().manual_seed(0))


def chi_square(found: Tensor, expected: Tensor, count: int) -> float:
    assert not found[expected == 0].any()
    possible = expected > 0
    return float((count * (found - expected)[possible] ** 2 / expected[possible]).sum())


def test_any_order_reproduces_the_joint_distribution() -> None:
    guidance = Exact()
    drawn = any_order(Variables(SMALL), guidance, noise(20_000, 6))
    assert guidance.calls == 3
    # Nine degrees of freedom: 33.7 is exceeded once in ten thousand times.
    assert chi_square(frequencies(drawn), JOINT, 20_000) < 33.7


@pytest.mark.parametrize(("steps", "calls"), [(1, 1), (2, 2), (3, 3), (99, 3), (0, 1)])
def test_fewer_steps(steps: int, calls: int) -> None:
    guidance = Exact()
    drawn = any_order(Variables(SMALL), guidance, noise(20_000, 6), steps=steps)
    assert guidance.calls == calls
    if calls == 1:  # variables drawn together are independent of each other
        assert chi_square(frequencies(drawn), product_of_marginals(), 20_000) < 39.1
    assert (drawn < torch.tensor(SMALL.choices)).all()


def without_both(values: Tensor, variables: Tensor) -> Tensor:
    """An edge (0, 1) must not be there once the node is known to be a convolution, nor the other way round."""
    allowed = torch.ones(len(values), 3, dtype=torch.bool)
    allowed[(variables == 1) & (values[:, 0] == 0), 1] = False
    allowed[(variables == 0) & (values[:, 1] == 1), 0] = False
    return allowed


def test_legal_types_only() -> None:
    drawn = any_order(Variables(SMALL), Exact(), noise(5000, 6), legal=without_both)
    assert not ((drawn[:, 0] == 0) & (drawn[:, 1] == 1)).any()
    assert ((drawn[:, 0] == 0) & (drawn[:, 1] == 0)).any()
    assert (any_order(Variables(SMALL), Exact(), noise(5000, 6))[:, :2] == torch.tensor([0, 1])).all(1).any()


def test_rules_hold_within_one_network_call_too() -> None:
    """Variables of a group are drawn one after the other, each after the rules were asked again."""
    asked = []

    def legal(values: Tensor, variables: Tensor) -> Tensor:
        asked.append(values.clone())
        return without_both(values, variables)

    guidance = Exact()
    drawn = any_order(Variables(SMALL), guidance, noise(5000, 6), steps=1, legal=legal)
    assert (guidance.calls, len(asked)) == (1, 3)
    assert not ((drawn[:, 0] == 0) & (drawn[:, 1] == 1)).any()
    hidden = [(state == torch.tensor(SMALL.choices)).sum(1) for state in asked]
    assert [set(count.tolist()) for count in hidden] == [{3}, {2}, {1}]


def test_where_no_type_is_legal_the_sample_is_drawn_to_its_end() -> None:
    drawn = any_order(Variables(SMALL), Exact(), noise(50, 6), legal=lambda *_: torch.zeros(50, 3).bool())
    assert (drawn < torch.tensor(SMALL.choices)).all()


def test_nodes_come_first_where_a_space_wants_it() -> None:
    first = replace(SMALL, nodes_first=True)
    states: list[Tensor] = []

    def legal(values: Tensor, variables: Tensor) -> Tensor:
        states.append(values.clone())
        return torch.ones(len(values), 3, dtype=torch.bool)

    any_order(Variables(first), Exact(), noise(50, 6), legal=legal)
    assert (states[1][:, 0] < 3).all(), "the node is the first to be known"
    assert (states[1][:, 1:] == 2).all()
    guidance = Exact()
    any_order(Variables(first), guidance, noise(50, 6), steps=2, legal=legal)
    assert guidance.calls == 2


def test_ancestral_reproduces_the_joint_distribution() -> None:
    marginals = torch.stack([torch.bincount(CELLS[:, v], JOINT.double(), 3).float() for v in range(3)])
    kernel = Marginal(marginals, 200)
    guidance = Exact(kernel)
    drawn = ancestral(Variables(SMALL), guidance, noise(6000, 3 * 201), kernel)
    assert guidance.calls == 200
    assert 0.5 * float((frequencies(drawn) - JOINT).abs().sum()) < 0.03
    few = Exact(kernel)
    quick = ancestral(Variables(SMALL), few, noise(8000, 3 * 9), kernel, steps=8)
    assert few.calls == 8
    # Each variable by itself stays exact however few the steps are.
    for v in range(3):
        found = torch.bincount(quick[:, v], minlength=3) / len(quick)
        torch.testing.assert_close(found, marginals[v], atol=0.02, rtol=0)


def test_iterative_denoising_corrects_itself() -> None:
    marginals = torch.stack([torch.bincount(CELLS[:, v], JOINT.double(), 3).float() for v in range(3)])
    kernel = Marginal(marginals, 100)
    distance = {}
    for steps in (1, 4, 100):
        guidance = Exact(kernel)
        drawn = iterative(Variables(SMALL), guidance, noise(8000, 6 * steps), kernel, steps=steps)
        assert guidance.calls == steps
        distance[steps] = 0.5 * float((frequencies(drawn) - JOINT).abs().sum())
        if steps == 1:  # variables drawn together are independent of each other
            assert 0.5 * float((frequencies(drawn) - product_of_marginals()).abs().sum()) < 0.03
    # Not exact however many the steps are, as clean types are drawn independently of each other in every one.
    assert distance[1] > 2 * distance[4] > 4 * distance[100]
    assert distance[100] < 0.05
    whole = iterative(Variables(SMALL), Exact(kernel), noise(5, 600), kernel)
    assert torch.equal(whole, iterative(Variables(SMALL), Exact(kernel), noise(5, 600), kernel, steps=999))


def test_random_numbers_depend_on_seed_and_index_alone() -> None:
    whole = uniforms(7, 0, 20, 30)
    assert whole.shape == (20, 30)
    assert ((whole >= 0) & (whole < 1)).all()
    assert torch.equal(uniforms(7, 0, 20, 30), whole)
    assert torch.equal(uniforms(7, 13, 5, 30), whole[13:18])
    assert torch.equal(uniforms(7, 4, 1, 11)[0], whole[4, :11]), "more numbers continue fewer"
    assert not torch.equal(uniforms(8, 0, 20, 30), whole)
    assert len({tuple(row) for row in torch.cat([whole, uniforms(8, 0, 20, 30)]).tolist()}) == 40
    before = torch.get_rng_state()
    uniforms(0, 0, 3, 3)
    assert torch.equal(torch.get_rng_state(), before), "the caller's stream is left alone"


@pytest.mark.parametrize("kernel", [None, Marginal(torch.full((7, 4), 0.25), 9)])
@torch.inference_mode()
def test_samples_are_the_same_in_any_company(kernel: Marginal | None) -> None:
    torch.manual_seed(1)
    denoiser = Denoiser(LAYOUT, (3, 2), DenoiserConfig(**SIZES, time=kernel is not None)).eval()
    if kernel is not None:
        allowed = (~denoiser.variables.padding).float()
        kernel = Marginal(allowed / allowed.sum(1, keepdim=True), 9)
    request = Conditions([torch.ones(1, 3), torch.zeros(1, 2)], torch.tensor([[True, False]]))

    def sample(first: int, count: int) -> list[list[int]]:
        guidance = Guidance(denoiser, request, 2.0)
        if kernel is None:
            drawn = any_order(denoiser.variables, guidance, uniforms(5, first, count, 14))
        else:
            drawn = ancestral(denoiser.variables, guidance, uniforms(5, first, count, 70), kernel)
        return drawn.tolist()

    whole = sample(0, 60)
    assert len({tuple(row) for row in whole}) > 10
    assert [sample(i, 1)[0] for i in (0, 7, 59)] == [whole[0], whole[7], whole[59]]
    for size in (7, 25):
        assert [row for start in range(0, 60, size) for row in sample(start, min(size, 60 - start))] == whole
