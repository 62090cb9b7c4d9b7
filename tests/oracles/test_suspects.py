"""Broken rows are found, right ones are kept, and a scattering device is not cut to what suits."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.oracles.suspects import trusted

BASIS = np.random.default_rng(0).normal(size=(2000, 5))
WEIGHTS = np.array([4.0, -2.0, 1.0, 0.5, 0.2])
PRIORS = np.eye(5)[None] / 5


def measured(seed: int, noise: float = 0.4, count: int = 48) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(BASIS), count, replace=False)
    return BASIS[rows], 20 + BASIS[rows] @ WEIGHTS + noise * rng.normal(size=count)


@pytest.mark.parametrize("factor", [10, 3, 1 / 3, 0.1])
@pytest.mark.parametrize("seed", range(3))
def test_any_row_that_is_off_is_found_and_costs_nothing(factor: float, seed: int) -> None:
    features, costs = measured(seed)
    truth = BASIS @ WEIGHTS
    for row in range(0, 48, 5):
        broken = costs.copy()
        broken[row] *= factor
        kept, fit = trusted(features, broken, PRIORS)
        assert np.flatnonzero(~kept).tolist() == [row]
        assert np.corrcoef(fit.predict(BASIS), truth)[0, 1] > 0.99


def test_two_that_hide_each_other() -> None:
    features, costs = measured(1)
    twin = np.argsort(((features - features[0]) ** 2).sum(1))[1]
    costs[[0, twin]] *= 6
    assert set(np.flatnonzero(~trusted(features, costs, PRIORS)[0])) == {0, int(twin)}


def test_right_rows_are_kept() -> None:
    left_out = sum(int((~trusted(*measured(seed), PRIORS)[0]).sum()) for seed in range(20))
    assert left_out <= 1


def test_exact_costs_have_no_suspects() -> None:
    assert trusted(*measured(2, noise=0.0), PRIORS)[0].all()


def test_what_is_mostly_off_is_what_the_device_is_like() -> None:
    features, costs = measured(3)
    costs[::3] *= np.random.default_rng(3).choice([0.2, 5], 16)
    assert (~trusted(features, costs, PRIORS)[0]).sum() <= 6
