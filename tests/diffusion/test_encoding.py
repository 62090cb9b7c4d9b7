"""Conditions as numbers: widths, ranges, and what must not change them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dinas_cli.diffusion.encoding import (
    ConditionSpec,
    budget_features,
    category_features,
    profile_features,
    rank_features,
)
from dinas_cli.oracles.profiles import BINS, LEVELS, Profile


def profile(unit: float = 1.0) -> Profile:
    """A device with costs in a unit ``unit`` times smaller."""
    rng = np.random.default_rng(0)
    weights, basis = rng.normal(size=8), rng.normal(size=(4000, 8))
    edges = np.quantile(20 + basis @ weights, LEVELS)
    noise = np.linspace(0.02, 0.3, BINS)
    return Profile("latency/x", "ms", 20 * unit, weights * unit, edges * unit, noise * unit, 48)


SPECS = (
    ConditionSpec("dataset", "category", ("easy", "hard", "harder")),
    ConditionSpec("acc", "rank"),
    ConditionSpec("latency", "budget", descriptor=8),
)


def test_widths_are_those_of_the_features() -> None:
    dataset, rank, budget = SPECS
    assert category_features(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert category_features(np.array([2]), 3).shape == (1, dataset.width)
    assert rank_features(np.array([5.0, 50.0])).shape == (2, rank.width)
    assert profile_features(profile(), 20.0).shape == (1, budget.width)
    for found in (category_features(np.array([1]), 3), rank_features(np.ones(1)), profile_features(profile(), 20.0)):
        assert found.dtype == np.float32


def test_specs_survive_a_checkpoint() -> None:
    for spec in SPECS:
        assert ConditionSpec.from_dict(spec.to_dict()) == spec
    with pytest.raises(ValueError, match="budgett"):
        ConditionSpec.from_dict(SPECS[2].to_dict() | {"kind": "budgett"})


def test_ranks_lie_on_a_log_scale() -> None:
    features = rank_features(np.array([100.0, 10.0, 1.0, 0.1]))
    np.testing.assert_allclose(features[:, 0], [0, 1 / 3, 2 / 3, 1], atol=1e-6)
    assert (np.diff(rank_features(np.geomspace(100, 0.1, 200))[:, 0]) > 0).all()
    assert np.array_equal(rank_features(np.array([1e-9, 500.0])), rank_features(np.array([0.1, 100.0])))
    assert (np.abs(features) <= 1).all()
    assert len({tuple(row) for row in features.tolist()}) == 4


def test_budgets_are_told_from_the_fastest_to_the_slowest() -> None:
    device = profile()
    limits = np.linspace(device.edges[5], device.edges[-1], 60)
    rows = np.concatenate([profile_features(device, limit) for limit in limits])
    quantile, standardised, logarithm = rows[:, 0], rows[:, 9 + 8], rows[:, 9 + 8 + 1]
    for column in (quantile, standardised, logarithm):
        assert (np.diff(column) > 0).all()
    np.testing.assert_allclose(rows[:, 9:17], np.tile(device.descriptor, (60, 1)), atol=1e-6)
    np.testing.assert_allclose(standardised, (limits - device.level) / device.scale, atol=1e-5)
    assert np.isfinite(rows).all()


def test_a_unit_does_not_show() -> None:
    for limit in (14.0, 20.0, 27.5):
        once, again = profile_features(profile(), limit), profile_features(profile(1000.0), 1000 * limit)
        np.testing.assert_allclose(once, again, rtol=1e-5, atol=1e-6)


def test_a_profile_is_encoded_as_training_encodes_it() -> None:
    """Training starts from a quantile, a request from a limit; both must mean the same features."""
    device = profile()
    for level in (10, 35, 80):
        limit = device.edges[level]
        noise = np.array([[device.sigma(device.edges)[level], device.sigma(device.edges)[50]]]) / device.scale
        trained = budget_features(
            device.descriptor[None],
            np.array([(limit - device.level) / device.scale]),
            np.array([LEVELS[level]]),
            noise,
        )
        np.testing.assert_allclose(profile_features(device, limit), trained, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("limit", [1e-12, 1e-3, 1e9, 1e300])
def test_limits_far_outside_stay_finite(limit: float) -> None:
    features = profile_features(profile(), limit)
    assert np.isfinite(features).all()
    assert (np.abs(features) <= 5).all()


def test_extreme_noise_stays_finite() -> None:
    features = budget_features(np.zeros((2, 3)), np.zeros(2), np.array([0.0, 2.0]), np.array([[0, 0], [1e9, 1e9]]))
    assert features.shape == (2, 16)
    assert np.isfinite(features).all()
    assert features[:, -2:].tolist() == [[-1.5, -1.5], [0.5, 0.5]]
    assert features[:, 0].tolist() == pytest.approx([0.01, 1.0])


def test_a_lower_limit_is_the_upper_one_on_the_opposite_device() -> None:
    device = profile()
    edges, noise = -device.edges[::-1], device.noise[::-1]
    opposite = replace(device, level=-device.level, weights=-device.weights, edges=edges, noise=noise)
    lower, upper = profile_features(device, 20.0, least=True), profile_features(opposite, -20.0)
    np.testing.assert_allclose(lower[:, :-2], upper[:, :-2], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(lower[:, -2:], upper[:, -2:], atol=0.01)  # parts of the space are halved differently
    assert not np.allclose(profile_features(device, 20.0), profile_features(device, 20.0, least=True))


def test_files_from_before_several_limits_take_one_upper_one() -> None:
    old = {"name": "latency", "kind": "budget", "categories": [], "descriptor": 8}
    spec = ConditionSpec.from_dict(old)
    assert (spec.limits, spec.sides) == (1, 1)
    new = ConditionSpec("latency", "budget", descriptor=8, limits=3, sides=2)
    assert ConditionSpec.from_dict(new.to_dict()) == new
