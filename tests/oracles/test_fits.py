"""Fits: known devices are recovered from few noisy measurements, whatever their unit, and broken ones do not matter."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.oracles.fits import FEW, fill_unmeasurable, fit_profile
from dinas_cli.oracles.profiles import BINS, LEVELS, Profile

WIDTH = 8
WEIGHTS = np.array([3.0, -2.0, 1.0, 0.5, 0.0, 0.3, -0.2, 0.1])
PRIOR, SHAPE = np.eye(WIDTH)[None] / WIDTH, np.ones(BINS)


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
    usual = np.diag(WEIGHTS**2 / (WEIGHTS**2).sum() + 1e-4)[None]
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
    few, even = fit(*measured(48, 0.3), shape=expected), fit(*measured(48, 0.3))
    assert few.noise[-1] / few.noise[0] > 3 > 1.2 > even.noise[-1] / even.noise[0]


def test_a_device_that_charges_everything_alike() -> None:
    profile = Profile("x", "ms", 3.0, np.zeros(WIDTH), np.full(len(LEVELS), 3.0), np.ones(BINS), 9)
    assert profile.scale == 1.0
    assert not profile.descriptor.any()
    constant = fit(np.arange(30), np.full(30, 3.0))
    assert np.isfinite(constant.descriptor).all()
    np.testing.assert_allclose(constant.predict(BASIS), 3.0, atol=1e-9)


@pytest.mark.parametrize(("kind", "sign"), [("log", 1), ("-log", -1)])
def test_logarithms_are_fitted_and_values_shown(kind: str, sign: int) -> None:
    exact = np.exp(sign * (4 + 0.1 * BASIS @ WEIGHTS))
    rows = np.arange(0, 5000, 20)
    profile = fit_profile("reach", "count", BASIS, BASIS[rows], exact[rows], PRIOR, SHAPE, kind)
    np.testing.assert_allclose(profile.values(profile.predict(BASIS)), exact, rtol=1e-2)
    np.testing.assert_allclose(profile.plausible(profile.predict(BASIS)), exact, rtol=1e-2)
    # Half of the space costs no more than the median, and is no worse than it.
    assert profile.quantile(profile.cost(float(np.median(exact)))) == pytest.approx(0.5, abs=0.01)


def test_a_broken_row_neither_bends_the_fit_nor_hides_in_its_noise() -> None:
    rows, costs = measured(48, 0.4)
    clean = fit(rows, costs)
    costs[5] *= 10
    broken = fit(rows, costs)
    assert correlation(broken.predict(BASIS), clean.predict(BASIS)) > 0.998
    # One in 48 that may be right after all: it counts as just believed.
    assert 1.0 < broken.noise.mean() / clean.noise.mean() < 1.6
    assert broken.left_out == (5,)


def test_a_few_that_do_not_run_say_too_little() -> None:
    rows, costs = measured(48, 0.4)
    clean = fit(rows, costs)
    costs[[5, 6]] = np.nan
    few = fit(rows, costs)
    assert correlation(few.predict(BASIS), clean.predict(BASIS)) > 0.999
    assert few.noise.mean() < 1.2 * clean.noise.mean()
    assert few.left_out == (5, 6)


def test_unsure_weights_count_where_costs_are_not_measured() -> None:
    """All measurements are among the cheap: stated noise is larger at the expensive end."""
    truth = 50 + BASIS @ WEIGHTS
    rng = np.random.default_rng(6)
    rows = rng.choice(np.flatnonzero(truth < np.quantile(truth, 0.3)), 14, replace=False)
    profile = fit(rows, truth[rows] + 0.4 * rng.normal(size=14))
    assert profile.noise[-1] > 1.3 * profile.noise[2]


def test_a_table_is_taken_whole() -> None:
    """Of many measurements none is looked at alone: what is far off is what they are like."""
    rows, costs = measured(FEW + 100, 0.4)
    costs[:5] += 30
    assert not fit(rows, costs).left_out
