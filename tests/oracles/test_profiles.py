"""Cost profiles: quantiles, noise between levels, values and costs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dinas_cli.oracles.profiles import BINS, LEVELS, Profile, from_cost, normal_cdf, to_cost


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


def test_normal_distribution_function() -> None:
    z = np.concatenate([np.linspace(-8, 8, 4001), [-1e6, 1e6, -np.inf, np.inf]])
    exact = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in z])
    found = normal_cdf(z)
    np.testing.assert_allclose(found, exact, atol=1.5e-7)
    assert (found >= 0).all()
    assert (found <= 1).all()
    assert (np.diff(found[:4001]) >= -1e-12).all()


@pytest.mark.parametrize(("kind", "sign"), [("", 1), ("log", 1), ("-log", -1), ("inverse", -1)])
def test_values_become_costs_and_come_back(kind: str, sign: int) -> None:
    values = np.geomspace(0.01, 1e6, 50)
    costs = to_cost(values, kind)
    np.testing.assert_allclose(from_cost(costs, kind), values, rtol=1e-12)
    assert (np.sign(np.diff(costs)) == sign).all(), "of costs less is better"


def test_costs_that_are_too_small_give_no_impossible_throughput() -> None:
    edges = np.linspace(0.1, 0.3, len(LEVELS))
    profile = Profile("throughput/a", "count", 0.2, np.array([0.1]), edges, np.ones(BINS), 9, "inverse")
    np.testing.assert_allclose(profile.plausible(np.array([0.2, 0.0, -1.0])), [5e3, 5e6, 5e6])


def test_predicted_shares_stay_shares() -> None:
    profile = Profile("diverged", "%", 10.0, np.array([30.0]), np.linspace(-50, 80, len(LEVELS)), np.ones(BINS), 9)
    np.testing.assert_array_equal(profile.plausible(np.array([-20.0, 40.0, 130.0])), [0.0, 40.0, 100.0])
