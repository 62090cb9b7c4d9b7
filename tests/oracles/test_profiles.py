"""Cost profiles: known devices are recovered from few noisy measurements, whatever their unit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dinas_cli.oracles.profiles import (
    BINS,
    LEVELS,
    Profile,
    fill_unmeasurable,
    fit_profile,
    from_cost,
    normal_cdf,
    to_cost,
)

WIDTH = 8
WEIGHTS = np.array([3.0, -2.0, 1.0, 0.5, 0.0, 0.3, -0.2, 0.1])
PRIOR, SHAPE = np.ones(WIDTH) / WIDTH, np.ones(BINS)


def whitened(rows: int = 5000) -> np.ndarray:
    """Basis features of zero mean and unit covariance, as a surrogate's are."""
    raw = np.random.default_rng(1).normal(size=(rows, WIDTH))
    raw -= raw.mean(0)
    _, _, axes = np.linalg.svd(raw, full_matrices=False)
    raw = raw @ axes.T
    whole: np.ndarray = raw / raw.std(0)
    return whole


BASIS = whitened()


def measured(count: int, noise: float, seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Rows and costs of some architectures on a device with level 50 and ``WEIGHTS``."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(BASIS), count, replace=False)
    return rows, 50 + BASIS[rows] @ WEIGHTS + noise * rng.normal(size=count)


def fit(rows: np.ndarray, costs: np.ndarray, prior: np.ndarray = PRIOR, shape: np.ndarray = SHAPE) -> Profile:
    return fit_profile("latency/x", "ms", BASIS, BASIS[rows], costs, prior, shape)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


@pytest.mark.parametrize("seed", range(5))
def test_a_linear_device_from_48_noisy_measurements(seed: int) -> None:
    profile = fit(*measured(48, 0.4, seed))
    assert profile.measured == 48
    assert profile.level == pytest.approx(50, abs=0.5)
    assert profile.descriptor @ WEIGHTS / np.linalg.norm(WEIGHTS) > 0.98
    assert correlation(profile.predict(BASIS), 50 + BASIS @ WEIGHTS) > 0.98
    # The noise is of the right size, too: measured deviations in this profile's terms are about normal.
    rows, costs = measured(2000, 0.4, seed + 100)
    predicted = profile.predict(BASIS[rows])
    assert 0.6 < float(((costs - predicted) / profile.sigma(predicted)).std()) < 1.7


def test_noise_is_that_of_unseen_architectures() -> None:
    """With hardly more measurements than weights, what the fit leaves over says too little: leaving out tells more."""
    ratios = []
    for seed in range(30):
        profile = fit(*measured(16, 0.4, seed))
        rows, costs = measured(1000, 0.4, seed + 100)
        predicted = profile.predict(BASIS[rows])
        ratios.append(float(((costs - predicted) / profile.sigma(predicted)).std()))
    assert 0.8 < float(np.median(ratios)) < 1.3


def test_without_noise_the_fit_is_exact() -> None:
    profile = fit(*measured(60, 0.0))
    np.testing.assert_allclose(profile.weights, WEIGHTS, atol=0.01)
    assert (profile.noise > 0).all(), "never a division by zero"
    assert profile.noise.max() < 0.02


def test_fewer_measurements_than_weights_follow_the_prior() -> None:
    usual = WEIGHTS**2 / (WEIGHTS**2).sum() + 1e-4
    rows, costs = measured(6, 0.1)
    assert fit(rows, costs, usual).descriptor @ WEIGHTS / np.linalg.norm(WEIGHTS) > 0.8


def test_the_descriptor_has_unit_length_and_no_unit() -> None:
    rows, costs = measured(48, 0.4)
    one, thousandth = fit(rows, costs), fit(rows, 1000 * costs)
    assert np.linalg.norm(one.descriptor) == pytest.approx(1)
    np.testing.assert_allclose(one.descriptor, thousandth.descriptor, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(1000 * one.edges, thousandth.edges, rtol=1e-9)
    np.testing.assert_allclose(1000 * one.noise, thousandth.noise, rtol=1e-6)
    shifted = fit(rows, costs + 500)
    np.testing.assert_allclose(one.descriptor, shifted.descriptor, rtol=1e-6, atol=1e-9)
    assert shifted.level == pytest.approx(one.level + 500)


def test_what_does_not_run_counts_as_slowest() -> None:
    costs = np.array([1.0, 5.0, np.nan, 3.0, np.nan])
    filled = fill_unmeasurable(costs)
    assert (filled[[2, 4]] > 5.0).all()
    assert np.array_equal(filled[[0, 1, 3]], costs[[0, 1, 3]])
    assert np.array_equal(fill_unmeasurable(costs[:2]), costs[:2])
    rows, costs = measured(60, 0.2)
    slowest = costs > np.quantile(costs, 0.85)
    profile = fit(rows, np.where(slowest, np.nan, costs))
    assert np.isfinite(profile.weights).all()
    predicted = profile.predict(BASIS[rows])
    assert predicted[slowest].min() > np.median(predicted)
    assert correlation(profile.predict(BASIS), BASIS @ WEIGHTS) > 0.95


def test_quantiles_rise_and_are_exact_at_the_edges() -> None:
    profile = fit(*measured(48, 0.4))
    predicted = profile.predict(BASIS)
    found = [profile.quantile(edge) for edge in profile.edges]
    np.testing.assert_allclose(found, LEVELS, atol=1e-12)
    costs = np.linspace(profile.edges[0] - 3, profile.edges[-1] + 3, 400)
    quantiles = [profile.quantile(cost) for cost in costs]
    assert (np.diff(quantiles) >= 0).all()
    assert (quantiles[0], quantiles[-1]) == (0.0, 1.0)
    for cost in (47.0, 50.0, 53.0):
        assert profile.quantile(cost) == pytest.approx(float((predicted <= cost).mean()), abs=0.01)


def test_quantiles_of_tied_costs_count_all_of_them() -> None:
    edges = np.repeat([1.0, 2.0], [51, 50])
    tied = Profile("x", "ms", 1.5, np.ones(1), edges, np.ones(BINS), 9)
    assert [tied.quantile(cost) for cost in (0.9, 1.0, 1.99, 2.0)] == [0, 0.5, pytest.approx(0.51, abs=0.01), 1.0]


def test_noise_is_interpolated_between_the_parts() -> None:
    noise = np.linspace(0.1, 2.0, BINS)
    profile = Profile("x", "ms", 0.0, np.ones(1), np.linspace(0, 100, len(LEVELS)), noise, 9)
    middles = profile.edges[2::5]
    np.testing.assert_allclose(profile.sigma(middles), noise)
    np.testing.assert_allclose(profile.sigma(np.array([-50.0, 1e9])), noise[[0, -1]])
    assert (np.diff(profile.sigma(np.linspace(0, 100, 300))) >= 0).all()


def test_noise_that_grows_with_the_cost_is_found() -> None:
    rng = np.random.default_rng(4)
    rows = np.arange(len(BASIS))
    clean = 50 + BASIS @ WEIGHTS
    growing = 0.05 + 0.4 * clean.argsort().argsort() / len(clean)
    costs = clean + growing * rng.normal(size=len(clean))
    costs[7] += 20  # one broken measurement
    profile = fit(rows, costs)
    expected = 0.05 + 0.4 * (np.arange(BINS) + 0.5) / BINS
    assert np.abs(profile.noise / expected - 1).max() < 0.35
    # With few measurements, the usual shape stands in for what cannot be read.
    few = fit(*measured(48, 0.3), shape=expected)
    assert few.noise[-1] / few.noise[0] == pytest.approx(expected[-1] / expected[0])


def test_a_device_that_charges_everything_alike() -> None:
    profile = Profile("x", "ms", 3.0, np.zeros(WIDTH), np.full(len(LEVELS), 3.0), np.ones(BINS), 9)
    assert profile.scale == 1.0
    assert not profile.descriptor.any()
    constant = fit(np.arange(30), np.full(30, 3.0))
    assert np.isfinite(constant.descriptor).all()
    np.testing.assert_allclose(constant.predict(BASIS), 3.0, atol=1e-9)


def test_normal_distribution_function() -> None:
    z = np.concatenate([np.linspace(-8, 8, 4001), [-1e6, 1e6, -np.inf, np.inf]])
    exact = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in z])
    found = normal_cdf(z)
    np.testing.assert_allclose(found, exact, atol=1.5e-7)
    assert (found >= 0).all()
    assert (found <= 1).all()
    assert (np.diff(found[:4001]) >= -1e-12).all()


@pytest.mark.parametrize(("kind", "sign"), [("", 1), ("log", 1), ("-log", -1)])
def test_values_become_costs_and_come_back(kind: str, sign: int) -> None:
    values = np.geomspace(0.01, 1e6, 50)
    costs = to_cost(values, kind)
    np.testing.assert_allclose(from_cost(costs, kind), values, rtol=1e-12)
    assert (np.sign(np.diff(costs)) == sign).all(), "of costs less is better"


@pytest.mark.parametrize(("kind", "sign"), [("log", 1), ("-log", -1)])
def test_logarithms_are_fitted_and_values_shown(kind: str, sign: int) -> None:
    exact = np.exp(sign * (4 + 0.1 * BASIS @ WEIGHTS))
    rows = np.arange(0, 5000, 20)
    profile = fit_profile("reach", "count", BASIS, BASIS[rows], exact[rows], PRIOR, SHAPE, kind)
    np.testing.assert_allclose(profile.values(profile.predict(BASIS)), exact, rtol=1e-2)
    np.testing.assert_allclose(profile.plausible(profile.predict(BASIS)), exact, rtol=1e-2)
    # Half of the space costs no more than the median, and is no worse than it.
    assert profile.quantile(profile.cost(float(np.median(exact)))) == pytest.approx(0.5, abs=0.01)


def test_predicted_shares_stay_shares() -> None:
    profile = Profile("diverged", "%", 10.0, np.array([30.0]), np.linspace(-50, 80, len(LEVELS)), np.ones(BINS), 9)
    np.testing.assert_array_equal(profile.plausible(np.array([-20.0, 40.0, 130.0])), [0.0, 40.0, 100.0])
