"""Bayesian regression: the same as by brute force, priors of known devices, and ways to count that are told apart."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.oracles import regression
from dinas_cli.oracles.regression import RATIOS, covariances, regress, usual

RNG = np.random.default_rng(0)
SPACE = RNG.normal(size=(400, 6)) @ RNG.normal(size=(6, 6))
ROWS = np.arange(25)


def prior(rank: int, seed: int) -> np.ndarray:
    root = np.random.default_rng(seed).normal(size=(6, rank))
    covariance: np.ndarray = root @ root.T
    return covariance


def by_kernels(features: np.ndarray, costs: np.ndarray, priors: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Predictions for ``at``: means of Gaussian processes over all priors and noises, weighed by their evidence.

    The level has a flat prior, the scale an uninformative one (restricted likelihood), as in textbooks on kriging.
    """
    one = np.ones(len(costs))
    logs, answers = [], []
    for way, covariance in enumerate(priors):
        for ratio in RATIOS:
            inverse = np.linalg.inv(features @ covariance @ features.T + ratio * np.eye(len(costs)))
            level = one @ inverse @ costs / (one @ inverse @ one)
            off = costs - level
            log = 0.5 * np.linalg.slogdet(inverse)[1] - 0.5 * np.log(one @ inverse @ one)
            logs.append(log - 0.5 * (len(costs) - 1) * np.log(off @ inverse @ off) + way * np.log(regression.ODDS))
            answers.append(level + at @ covariance @ features.T @ inverse @ off)
    shares = np.exp(np.array(logs) - max(logs))
    mean: np.ndarray = shares @ np.stack(answers) / shares.sum()
    return mean


@pytest.mark.parametrize("seed", range(4))
def test_the_same_as_by_kernels(seed: int) -> None:
    priors = np.stack([prior(2, seed), prior(6, seed + 10), prior(4, seed + 20)])
    rng = np.random.default_rng(seed)
    costs = 7 + SPACE[ROWS] @ rng.multivariate_normal(np.zeros(6), priors[seed % 3]) + rng.normal(size=len(ROWS))
    costs /= costs.std()
    expected = by_kernels(SPACE[ROWS], costs, priors, SPACE)
    fit = regress(SPACE[ROWS], costs, priors)
    np.testing.assert_allclose(fit.predict(SPACE), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(fit.residual, costs - expected[ROWS], atol=1e-4)


def test_what_is_left_out_was_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regression, "RATIOS", (0.1,))  # the shares of several would change with a row less
    costs = SPACE[ROWS] @ np.arange(6) + np.random.default_rng(1).normal(size=len(ROWS))
    costs /= costs.std()
    fit = regress(SPACE[ROWS], costs, np.eye(6)[None])
    for row in (0, 7, 24):
        others = np.delete(ROWS, row)
        kernel = SPACE[others] @ SPACE[others].T + 0.1 * np.eye(len(others))  # the scale stays that of all rows
        one = np.ones(len(others))
        inverse = np.linalg.inv(kernel)
        level = one @ inverse @ costs[others] / (one @ inverse @ one)
        guess = level + SPACE[row] @ SPACE[others].T @ inverse @ (costs[others] - level)
        assert fit.left_out[row] == pytest.approx(costs[row] - guess, abs=1e-5)


def test_stated_variance_is_that_of_errors() -> None:
    """Of predictions, over many devices drawn from the prior: the weights alone, without the noise of measuring."""
    covariance = prior(6, 3)
    ratios = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = SPACE @ rng.multivariate_normal(np.zeros(6), covariance)
        costs = truth + 0.3 * truth.std() * rng.normal(size=len(truth))
        rows = rng.choice(len(SPACE), 15, replace=False)
        fit = regress(SPACE[rows], costs[rows], covariance[None])
        ratios.append(np.mean((fit.predict(SPACE) - truth) ** 2 / fit.variance(SPACE)))
    assert 0.7 < float(np.median(ratios)) < 1.3


def test_priors_are_those_of_costs_of_variance_one() -> None:
    ways = [SPACE[:, :3], SPACE[:, 3:]]
    basis = (SPACE - SPACE.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(SPACE.T)).T)
    devices = np.random.default_rng(2).normal(size=(5, 6))
    for weights in (devices, devices[:0]):
        priors = usual(basis, ways, weights)
        assert priors.shape == (3, 6, 6)
        for covariance in priors:
            assert np.einsum("bi,ij,bj->b", basis, covariance, basis).mean() == pytest.approx(1)
        np.testing.assert_allclose(priors[2], priors[:2].mean(0))
    # The first way knows nothing of what only the second counts.
    drawn = basis @ np.random.default_rng(3).multivariate_normal(np.zeros(6), usual(basis, ways, devices)[0])
    left = np.linalg.lstsq(np.column_stack([np.ones(len(SPACE)), ways[0]]), drawn, rcond=None)[1]
    assert float(left.sum()) < 1e-6


def test_few_measurements_follow_known_devices() -> None:
    """The same five measurements say more where devices like this one are known."""
    basis = (SPACE - SPACE.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(SPACE.T)).T)
    like = np.array([3.0, 1.0, 0.0, 0.0, 0.0, 0.5])
    known = like + 0.2 * np.random.default_rng(4).normal(size=(10, 6))
    gains = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        rows = rng.choice(len(basis), 5, replace=False)
        costs = basis[rows] @ like + 0.1 * rng.normal(size=5)
        found = [regress(basis[rows], costs, usual(basis, [SPACE], w)).predict(basis) for w in (known, known[:0])]
        gains.append(np.subtract(*(np.corrcoef(costs_, basis @ like)[0, 1] for costs_ in found)))
    assert float(np.median(gains)) > 0.01


def test_a_device_says_which_way_it_counts() -> None:
    rng = np.random.default_rng(5)
    written = rng.integers(0, 6, (600, 3)).astype(float)
    live = written * rng.integers(0, 2, (600, 3))
    raw = np.concatenate([written, live], 1)
    basis = (raw - raw.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(raw.T)).T)
    priors = usual(basis, [written, live], np.empty((0, 6)))
    rows = rng.choice(600, 24, replace=False)
    for counted in (written, live):
        truth = 5 + counted @ np.array([1.0, 3.0, 2.0])
        fit = regress(basis[rows], truth[rows] + 0.3 * rng.normal(size=24), priors)
        assert np.corrcoef(fit.predict(basis), truth)[0, 1] > 0.99


def test_older_files_have_variances() -> None:
    np.testing.assert_array_equal(covariances(np.array([1.0, 2.0])), [[[1, 0], [0, 2]]])
    three = np.stack([np.eye(2)] * 3)
    assert covariances(three) is three
