"""Noise kernels against their definitions: transition matrices, Bayes' rule by enumeration, frequencies."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dinas_cli.diffusion.kernels import Absorbing, Marginal, draw

MARGINALS = np.array([[0.1, 0.2, 0.3, 0.4], [0.25, 0.75, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0]], np.float32)
"""The second variable has two types only, the third one never shows its first type."""
STEPS = 40


def full(*numbers: int) -> np.ndarray:
    return np.array(numbers)


def chi_square(observed: np.ndarray, expected: np.ndarray) -> float:
    """Pearson's statistic of counts over the types that can occur."""
    possible = expected > 0
    assert not observed[~possible].any()
    return float(((observed - expected)[possible] ** 2 / expected[possible]).sum())


def test_absorbing_masks_all_but_the_first_of_the_order() -> None:
    kernel = Absorbing(np.array([5, 5, 3, 2]))
    values = np.array([[0, 1, 2, 1], [4, 3, 0, 0], [1, 1, 1, 1], [2, 2, 2, 0]])
    order = np.array([[2, 0, 3, 1], [0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
    noisy = kernel.corrupt(values, order, np.array([2, 4, 0, 1]))
    assert noisy.tolist() == [[0, 5, 2, 2], [4, 3, 0, 0], [5, 5, 3, 2], [5, 2, 3, 2]]


def test_rows_sum_to_one_and_start_at_the_identity() -> None:
    kernel = Marginal(MARGINALS, STEPS)
    t = np.arange(STEPS + 1)
    q = kernel.transition(t)
    assert q.shape == (STEPS + 1, 3, 4, 4)
    assert (q >= 0).all()
    np.testing.assert_allclose(q.sum(-1), 1, rtol=1e-5)
    np.testing.assert_allclose(q[0], np.tile(np.eye(4), (3, 1, 1)), atol=1e-6)
    assert (np.diff(kernel.kept) < 0).all(), "noise only grows"


@pytest.mark.parametrize("steps", [1, 2, 40, 500])
def test_the_limit_is_the_marginals(steps: int) -> None:
    kernel = Marginal(MARGINALS, steps)
    np.testing.assert_allclose(kernel.transition(full(steps))[0], np.tile(MARGINALS[:, None], (1, 4, 1)), atol=1e-6)


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
        np.testing.assert_allclose(composed, kernel.transition(full(t)), rtol=1e-4, atol=1e-6)


def test_posterior_is_bayes_rule() -> None:
    kernel = Marginal(MARGINALS, STEPS)
    rng = np.random.default_rng(2)
    for s, t in ((0, 1), (4, 5), (10, 30), (39, 40), (0, 40)):
        forward, to_s = kernel.transition(full(t), full(s))[0], kernel.transition(full(s))[0]
        for values in ([3, 0, 1], [0, 1, 2]):
            clean = rng.random((3, 4)) * (MARGINALS > 0)
            clean /= clean.sum(-1, keepdims=True)
            found = kernel.posterior(np.array([values]), clean[None], full(t), full(s))[0]
            for v, now in enumerate(values):
                expected = np.zeros(4)
                for x0 in range(4):
                    joint = np.array([to_s[v, x0, xs] * forward[v, xs, now] for xs in range(4)], float)
                    if joint.sum() > 0:
                        expected += clean[v, x0] * joint / joint.sum()
                np.testing.assert_allclose(found[v], expected / expected.sum(), rtol=1e-4, atol=1e-5)


def test_posterior_at_the_start_is_the_prediction() -> None:
    kernel = Marginal(MARGINALS, STEPS)
    clean = np.array([[[0.4, 0.3, 0.2, 0.1], [0.9, 0.1, 0.0, 0.0], [0.0, 0.2, 0.8, 0.0]]])
    np.testing.assert_allclose(kernel.posterior(full(2, 0, 1)[None], clean, full(20), full(0)), clean, atol=1e-6)


def test_posterior_of_impossible_states_is_finite() -> None:
    kernel = Marginal(MARGINALS, STEPS)
    clean = np.array([[[0.4, 0.3, 0.2, 0.1], [0.5, 0.5, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0]]])
    for t, s in ((40, 39), (20, 10), (1, 0)):
        assert np.isfinite(kernel.posterior(full(0, 3, 0)[None], clean, full(t), full(s))).all()


@pytest.mark.parametrize("t", [1, 15, 40])
def test_corruption_follows_the_transition(t: int) -> None:
    kernel, count = Marginal(MARGINALS, STEPS), 20_000
    clean = full(3, 0, 1)
    uniforms = np.random.default_rng(t).random((count, 3), np.float32)
    noisy = kernel.corrupt(np.tile(clean, (count, 1)), np.full(count, t), uniforms)
    expected = kernel.transition(full(t))[0]
    for v in range(3):
        counts = np.bincount(noisy[:, v], minlength=4)
        # With three degrees of freedom, 21.1 is exceeded once in ten thousand times.
        assert chi_square(counts, count * expected[v, clean[v]]) < 21.1


def test_draw_inverts_the_distribution_function() -> None:
    probabilities = np.array([0.0, 0.25, 0.0, 0.5, 0.25, 0.0])
    uniforms = np.array([0.0, 0.2499, 0.25, 0.7499, 0.75, 1 - 2**-24], np.float32)
    assert draw(np.tile(probabilities, (6, 1)), uniforms).tolist() == [1, 1, 3, 3, 4, 4]
    assert draw(3 * np.tile(probabilities, (6, 1)), uniforms).tolist() == [1, 1, 3, 3, 4, 4], "need not be normalised"


def test_draw_never_takes_an_impossible_type() -> None:
    rng = np.random.default_rng(8)
    probabilities = rng.random((5000, 7), np.float32) * (rng.random((5000, 7)) < 0.5)
    probabilities[:, 3] += 1e-3
    for uniforms in (np.zeros(5000), np.full(5000, 1 - 2**-24), rng.random(5000)):
        drawn = draw(probabilities, uniforms.astype(np.float32))
        assert (np.take_along_axis(probabilities, drawn[:, None], 1) > 0).all()
