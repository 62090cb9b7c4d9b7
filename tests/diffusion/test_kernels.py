"""Noise kernels against their definitions: transition matrices, Bayes' rule by enumeration, frequencies."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from dinas_cli.diffusion.kernels import Absorbing, Marginal, draw

MARGINALS = torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.25, 0.75, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0]])
"""The second variable has two types only, the third one never shows its first type."""
STEPS = 40


def full(*numbers: int) -> Tensor:
    return torch.tensor(numbers)


def chi_square(observed: Tensor, expected: Tensor) -> float:
    """Pearson's statistic of counts over the types that can occur."""
    possible = expected > 0
    assert not observed[~possible].any()
    return float(((observed - expected)[possible] ** 2 / expected[possible]).sum())


def test_absorbing_masks_all_but_the_first_of_the_order() -> None:
    kernel = Absorbing(torch.tensor([5, 5, 3, 2]))
    values = torch.tensor([[0, 1, 2, 1], [4, 3, 0, 0], [1, 1, 1, 1], [2, 2, 2, 0]])
    order = torch.tensor([[2, 0, 3, 1], [0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
    noisy = kernel.corrupt(values, order, torch.tensor([2, 4, 0, 1]))
    assert noisy.tolist() == [[0, 5, 2, 2], [4, 3, 0, 0], [5, 5, 3, 2], [5, 2, 3, 2]]


def test_rows_sum_to_one_and_start_at_the_identity() -> None:
    kernel = Marginal(MARGINALS, STEPS)
    t = torch.arange(STEPS + 1)
    q = kernel.transition(t)
    assert q.shape == (STEPS + 1, 3, 4, 4)
    assert (q >= 0).all()
    torch.testing.assert_close(q.sum(-1), torch.ones(STEPS + 1, 3, 4))
    torch.testing.assert_close(q[0], torch.eye(4).expand(3, -1, -1))
    assert (kernel.kept.diff() < 0).all(), "noise only grows"


@pytest.mark.parametrize("steps", [1, 2, 40, 500])
def test_the_limit_is_the_marginals(steps: int) -> None:
    kernel = Marginal(MARGINALS, steps)
    torch.testing.assert_close(kernel.transition(full(steps))[0], MARGINALS[:, None, :].expand(-1, 4, -1))


def test_the_schedule_is_the_cosine_one() -> None:
    kept = Marginal(MARGINALS).kept
    assert len(kept) == 501
    start = math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    for t in (1, 250, 499):
        assert float(kept[t]) == pytest.approx(math.cos((t / 500 + 0.008) / 1.008 * math.pi / 2) ** 2 / start, rel=1e-5)


def test_transitions_compose() -> None:
    kernel = Marginal(MARGINALS, STEPS)
    for s, t in ((0, 1), (1, 2), (3, 17), (20, 39), (39, 40), (5, 40)):
        composed = kernel.transition(full(s)) @ kernel.transition(full(t), full(s))
        torch.testing.assert_close(composed, kernel.transition(full(t)), rtol=1e-4, atol=1e-6)


def test_posterior_is_bayes_rule() -> None:
    kernel = Marginal(MARGINALS, STEPS)
    generator = torch.Generator().manual_seed(2)
    for s, t in ((0, 1), (4, 5), (10, 30), (39, 40), (0, 40)):
        forward, to_s = kernel.transition(full(t), full(s))[0].double(), kernel.transition(full(s))[0].double()
        for values in ([3, 0, 1], [0, 1, 2]):
            clean = torch.rand(3, 4, generator=generator) * (MARGINALS > 0)
            clean /= clean.sum(-1, keepdim=True)
            found = kernel.posterior(torch.tensor([values]), clean[None], full(t), full(s))[0]
            for v, now in enumerate(values):
                expected = torch.zeros(4, dtype=torch.float64)
                for x0 in range(4):
                    joint = torch.stack([to_s[v, x0, xs] * forward[v, xs, now] for xs in range(4)])
                    if joint.sum() > 0:
                        expected += clean[v, x0] * joint / joint.sum()
                torch.testing.assert_close(found[v].double(), expected / expected.sum(), rtol=1e-4, atol=1e-5)


def test_posterior_at_the_start_is_the_prediction() -> None:
    kernel = Marginal(MARGINALS, STEPS)
    clean = torch.tensor([[[0.4, 0.3, 0.2, 0.1], [0.9, 0.1, 0.0, 0.0], [0.0, 0.2, 0.8, 0.0]]])
    torch.testing.assert_close(kernel.posterior(full(2, 0, 1)[None], clean, full(20), full(0)), clean)


def test_posterior_of_impossible_states_is_finite() -> None:
    kernel = Marginal(MARGINALS, STEPS)
    clean = torch.tensor([[[0.4, 0.3, 0.2, 0.1], [0.5, 0.5, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0]]])
    for t, s in ((40, 39), (20, 10), (1, 0)):
        assert kernel.posterior(full(0, 3, 0)[None], clean, full(t), full(s)).isfinite().all()


@pytest.mark.parametrize("t", [1, 15, 40])
def test_corruption_follows_the_transition(t: int) -> None:
    kernel, count = Marginal(MARGINALS, STEPS), 20_000
    clean = full(3, 0, 1)
    uniforms = torch.rand(count, 3, generator=torch.Generator().manual_seed(t))
    noisy = kernel.corrupt(clean.expand(count, -1), full(t).expand(count), uniforms)
    expected = kernel.transition(full(t))[0]
    for v in range(3):
        counts = torch.bincount(noisy[:, v], minlength=4).double()
        # With three degrees of freedom, 21.1 is exceeded once in ten thousand times.
        assert chi_square(counts, count * expected[v, clean[v]].double()) < 21.1


def test_draw_inverts_the_distribution_function() -> None:
    probabilities = torch.tensor([0.0, 0.25, 0.0, 0.5, 0.25, 0.0])
    uniforms = torch.tensor([0.0, 0.2499, 0.25, 0.7499, 0.75, 1 - 2**-24])
    assert draw(probabilities.expand(6, -1), uniforms).tolist() == [1, 1, 3, 3, 4, 4]
    assert draw(3 * probabilities.expand(6, -1), uniforms).tolist() == [1, 1, 3, 3, 4, 4], "need not be normalised"


def test_draw_never_takes_an_impossible_type() -> None:
    generator = torch.Generator().manual_seed(8)
    probabilities = torch.rand(5000, 7, generator=generator) * (torch.rand(5000, 7, generator=generator) < 0.5)
    probabilities[:, 3] += 1e-3
    for uniforms in (torch.zeros(5000), torch.full((5000,), 1 - 2**-24), torch.rand(5000, generator=generator)):
        drawn = draw(probabilities, uniforms)
        assert (probabilities.gather(1, drawn[:, None]) > 0).all()
