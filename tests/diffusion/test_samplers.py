"""Samplers against distributions that are known exactly, and the independence of samples from each other."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from dinas_cli.diffusion.denoiser import Denoiser
from dinas_cli.diffusion.guidance import Conditions, Guidance
from dinas_cli.diffusion.kernels import Marginal
from dinas_cli.diffusion.parameters import DenoiserConfig, shapes
from dinas_cli.diffusion.samplers import ancestral, any_order, iterative, uniforms
from dinas_cli.diffusion.variables import Variables
from dinas_cli.spaces.shared.protocol import Layout
from tests.support.toy import LAYOUT, SIZES

SMALL = Layout((0, 0, 0), ("conv", "pool", "skip"), ("none", "plain"), free_nodes=(1,), free_edges=((0, 1), (1, 2)))
CELLS = np.array(list(product(range(3), range(2), range(2))))
JOINT = np.array([8.0, 1.0, 0.0, 3.0, 1.0, 6.0, 6.0, 0.0, 0.5, 0.5, 5.0, 1.0])
JOINT = JOINT / JOINT.sum()
"""Probabilities of the twelve cells of ``SMALL``: far from independent, two of them impossible."""


class Exact(Guidance):
    """What a perfect denoiser would answer: ``p(x_0 of each variable | noisy state)``, by enumeration of ``JOINT``."""

    def __init__(self, kernel: Marginal | None = None) -> None:
        self.kernel = kernel
        self.calls = 0
        self.rows: list[int] = []

    def __call__(self, values: np.ndarray, time: float | None = None, wanted: np.ndarray | None = None) -> np.ndarray:
        self.calls += 1
        self.rows.append(len(values))
        if self.kernel is None:
            hidden = values == SMALL.choices
            likelihood = (hidden[:, None] | (values[:, None] == CELLS)).all(-1).astype(float)
        else:
            assert time is not None
            q = self.kernel.transition(np.array([round(time * self.kernel.steps)]))[0]
            likelihood = np.prod([q[v][CELLS[:, v]][:, values[:, v]].T for v in range(3)], 0)
        weights = likelihood * JOINT
        weights /= weights.sum(1, keepdims=True)
        chance = np.zeros((len(values), 3, 3))
        for v, kind in product(range(3), range(3)):
            chance[:, v, kind] = weights[:, CELLS[:, v] == kind].sum(1)
        with np.errstate(divide="ignore"):
            return np.log(chance).astype(np.float32)


def frequencies(values: np.ndarray) -> np.ndarray:
    """Share of every cell ``(12,)`` among samples."""
    number = values[:, 0] * 4 + values[:, 1] * 2 + values[:, 2]
    return np.bincount(number, minlength=12) / len(values)


def product_of_marginals() -> np.ndarray:
    chance = np.ones(12)
    for v in range(3):
        chance *= np.array([JOINT[CELLS[:, v] == kind].sum() for kind in range(3)])[CELLS[:, v]]
    return chance


def noise(count: int, numbers: int) -> np.ndarray:
    return np.random.default_rng(0).random((count, numbers), np.float32)


def chi_square(found: np.ndarray, expected: np.ndarray, count: int) -> float:
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
    assert (drawn < SMALL.choices).all()


def without_both(values: np.ndarray, variables: np.ndarray) -> np.ndarray:
    """An edge (0, 1) must not be there once the node is known to be a convolution, nor the other way round."""
    allowed = np.ones((len(values), 3), bool)
    allowed[(values[:, 0] == 0) & (variables == 1), 1] = False
    allowed[(values[:, 1] == 1) & (variables == 0), 0] = False
    return allowed


def test_legal_types_only() -> None:
    drawn = any_order(Variables(SMALL), Exact(), noise(5000, 6), legal=without_both)
    assert not ((drawn[:, 0] == 0) & (drawn[:, 1] == 1)).any()
    assert ((drawn[:, 0] == 0) & (drawn[:, 1] == 0)).any()
    assert (any_order(Variables(SMALL), Exact(), noise(5000, 6))[:, :2] == [0, 1]).all(1).any()


def test_rules_hold_within_one_network_call_too() -> None:
    """Variables of a group are drawn one after the other, each after the rules were asked again."""
    asked = []

    def legal(values: np.ndarray, variables: np.ndarray) -> np.ndarray:
        asked.append(values.copy())
        return without_both(values, variables)

    guidance = Exact()
    drawn = any_order(Variables(SMALL), guidance, noise(5000, 6), steps=1, legal=legal)
    assert (guidance.calls, len(asked)) == (1, 4), "once more to see whether there are rules"
    assert not ((drawn[:, 0] == 0) & (drawn[:, 1] == 1)).any()
    hidden = [(state == SMALL.choices).sum(1) for state in asked[1:]]
    assert [set(count.tolist()) for count in hidden] == [{3}, {2}, {1}]


def test_where_no_type_is_legal_the_sample_is_drawn_to_its_end() -> None:
    drawn = any_order(Variables(SMALL), Exact(), noise(50, 6), legal=lambda values, _: np.zeros((len(values), 3), bool))
    assert (drawn < SMALL.choices).all()


def test_nodes_come_first_where_a_space_wants_it() -> None:
    first = replace(SMALL, nodes_first=True)
    states: list[np.ndarray] = []

    def legal(values: np.ndarray, variables: np.ndarray) -> np.ndarray:
        states.append(values.copy())
        return np.ones((len(values), 3), bool)

    any_order(Variables(first), Exact(), noise(50, 6), legal=legal)
    assert (states[2][:, 0] < 3).all(), "the node is the first to be known"
    assert (states[2][:, 1:] == 2).all()
    guidance = Exact()
    any_order(Variables(first), guidance, noise(50, 6), steps=2, legal=legal)
    assert guidance.calls == 2


def test_ancestral_reproduces_the_joint_distribution() -> None:
    marginals = np.array([np.bincount(CELLS[:, v], JOINT, 3) for v in range(3)], np.float32)
    kernel = Marginal(marginals, 200)
    guidance = Exact(kernel)
    drawn = ancestral(Variables(SMALL), guidance, noise(6000, 3 * 201), kernel)
    assert guidance.calls == 200
    assert 0.5 * float(np.abs(frequencies(drawn) - JOINT).sum()) < 0.03
    few = Exact(kernel)
    quick = ancestral(Variables(SMALL), few, noise(8000, 3 * 9), kernel, steps=8)
    assert few.calls == 8
    # Each variable by itself stays exact however few the steps are.
    for v in range(3):
        found = np.bincount(quick[:, v], minlength=3) / len(quick)
        np.testing.assert_allclose(found, marginals[v], atol=0.02)


def test_iterative_denoising_corrects_itself() -> None:
    marginals = np.array([np.bincount(CELLS[:, v], JOINT, 3) for v in range(3)], np.float32)
    kernel = Marginal(marginals, 100)
    distance = {}
    for steps in (1, 4, 100):
        guidance = Exact(kernel)
        drawn = iterative(Variables(SMALL), guidance, noise(8000, 6 * steps), kernel, steps=steps)
        assert guidance.calls == steps
        distance[steps] = 0.5 * float(np.abs(frequencies(drawn) - JOINT).sum())
        if steps == 1:  # variables drawn together are independent of each other
            assert 0.5 * float(np.abs(frequencies(drawn) - product_of_marginals()).sum()) < 0.03
    # Not exact however many the steps are, as clean types are drawn independently of each other in every one.
    assert distance[1] > 2 * distance[4] > 4 * distance[100]
    assert distance[100] < 0.05
    whole = iterative(Variables(SMALL), Exact(kernel), noise(5, 600), kernel)
    assert np.array_equal(whole, iterative(Variables(SMALL), Exact(kernel), noise(5, 600), kernel, steps=999))


def test_random_numbers_depend_on_seed_and_index_alone() -> None:
    whole = uniforms(7, 0, 20, 30)
    assert whole.shape == (20, 30)
    assert ((whole >= 0) & (whole < 1)).all()
    assert np.array_equal(uniforms(7, 0, 20, 30), whole)
    assert np.array_equal(uniforms(7, 13, 5, 30), whole[13:18])
    assert np.array_equal(uniforms(7, 4, 1, 11)[0], whole[4, :11]), "more numbers continue fewer"
    assert not np.array_equal(uniforms(8, 0, 20, 30), whole)
    assert len({tuple(row) for row in np.concatenate([whole, uniforms(8, 0, 20, 30)]).tolist()}) == 40
    assert whole.dtype == np.float32


@pytest.mark.parametrize("seed", [-1, -(2**70), 2**64, 10**40])
def test_any_number_is_a_seed(seed: int) -> None:
    whole = uniforms(seed, 2**40, 3, 9)
    assert np.array_equal(uniforms(seed, 2**40 + 2, 1, 9)[0], whole[2])
    assert not np.array_equal(uniforms(-seed, 2**40, 3, 9), whole)


def test_random_numbers_are_uniform_and_independent() -> None:
    numbers = uniforms(3, 0, 4000, 24).astype(float)
    # The largest of 24 deviations, in standard errors, and the largest of 276 correlations.
    assert np.abs(numbers.mean(0) - 0.5).max() < 4 * (12 * 4000) ** -0.5
    assert np.abs(np.corrcoef(numbers.T) - np.eye(24)).max() < 4.5 * 4000**-0.5
    assert np.abs(np.bincount((16 * numbers).astype(int).ravel(), minlength=16) / 6000 - 1).max() < 5 * 6000**-0.5


def test_samples_in_the_same_state_share_its_logits() -> None:
    guidance = Exact()
    any_order(Variables(SMALL), guidance, noise(5000, 6))
    assert guidance.rows[0] == 1
    assert guidance.rows[1] <= 3 + 2 + 2
    assert guidance.rows[2] <= 3 * 2 + 3 * 2 + 2 * 2


@pytest.mark.parametrize("marginal", [False, True])
def test_samples_are_the_same_in_any_company(marginal: bool) -> None:
    config, rng = DenoiserConfig(**SIZES, time=marginal), np.random.default_rng(1)
    tensors = {n: rng.normal(0, 0.3, s).astype(np.float32) for n, s in shapes(LAYOUT, (3, 2), config).items()}
    denoiser = Denoiser(LAYOUT, (3, 2), config, tensors)
    allowed = (~denoiser.variables.padding).astype(np.float32)
    kernel = Marginal(allowed / allowed.sum(1, keepdims=True), 9)
    request = Conditions([np.ones((1, 3), np.float32), np.zeros((1, 2), np.float32)], np.array([True, False]))

    def sample(first: int, count: int) -> list[list[int]]:
        guidance = Guidance(denoiser, request, 2.0)
        if marginal:
            return ancestral(denoiser.variables, guidance, uniforms(5, first, count, 70), kernel).tolist()
        return any_order(denoiser.variables, guidance, uniforms(5, first, count, 14)).tolist()

    whole = sample(0, 60)
    assert len({tuple(row) for row in whole}) > 10
    assert [sample(i, 1)[0] for i in (0, 7, 59)] == [whole[0], whole[7], whole[59]]
    for size in (7, 25):
        assert [row for start in range(0, 60, size) for row in sample(start, min(size, 60 - start))] == whole
