"""Orders of data sets: fits that find what they were made of, transfer where it helps, and own up to what is unsure."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.oracles.orders import fit_order, terms
from dinas_cli.training.orders import RESIDUAL, learn_terms, virtual_orders

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(2000, 12)).astype(np.float32) @ RNG.normal(size=(12, 12)).astype(np.float32)
SCORES = np.stack([FEATURES[:, :4].sum(1), FEATURES[:, 2:6].sum(1), FEATURES[:, 6:8].sum(1)], 1)


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    return learn_terms(SCORES, FEATURES)


@pytest.fixture(scope="module")
def space(tensors: dict[str, np.ndarray]) -> np.ndarray:
    return terms(SCORES, FEATURES, tensors)


def test_terms_are_standardised_and_the_residual_is_new(space: np.ndarray) -> None:
    assert space.shape == (2000, 3 + RESIDUAL)
    np.testing.assert_allclose(space.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(space.std(0), 1, atol=1e-3)
    np.testing.assert_allclose(space[:, :3].T @ space[:, 3:] / 2000, 0, atol=1e-3)


def test_a_known_data_set_is_found_again(space: np.ndarray, tensors: dict[str, np.ndarray]) -> None:
    """Its loading is one; level and scale are those of the labels."""
    rows = RNG.choice(2000, 60, replace=False)
    found = fit_order(space[rows], 70 + 5 * space[rows, 1], space, tensors["orders.spread"])
    assert np.corrcoef(found.worth(space), space[:, 1])[0, 1] > 0.995
    assert found.level == pytest.approx(70, abs=0.5)
    assert found.scale == pytest.approx(5, rel=0.1)
    assert found.worth(space).std() == pytest.approx(1)


def test_few_labels_transfer_and_many_show_what_is_new(space: np.ndarray, tensors: dict[str, np.ndarray]) -> None:
    own = space[:, 4] * 2 + space[:, :3].sum(1)
    close = []
    for count in (6, 25, 200):
        rows = np.random.default_rng(count).choice(2000, count, replace=False)
        found = fit_order(space[rows], own[rows], space, tensors["orders.spread"])
        close.append(np.corrcoef(found.worth(space), own)[0, 1])
    assert close[0] < close[1] < close[2]
    assert close[2] > 0.98


def test_new_labels_are_as_far_off_as_is_said(space: np.ndarray, tensors: dict[str, np.ndarray]) -> None:
    """Half of the noise is the labels' own: its deviation, and coverage of two deviations."""
    noise = np.random.default_rng(1).normal(size=2000)
    labels = 3 * space[:, 0] + 1.5 * noise
    found = fit_order(space[:40], labels[:40], space, tensors["orders.spread"])
    wrong = (labels[40:] - found.level) / found.scale - found.worth(space[40:])
    assert 0.9 < float((np.abs(wrong) < 2 * found.sigma(space[40:])).mean()) < 0.995


def test_networks_that_failed_do_not_tip_the_order(space: np.ndarray, tensors: dict[str, np.ndarray]) -> None:
    labels = 60 + 2 * space[:50, 0]
    labels[7] = 10.0
    found = fit_order(space[:50], labels, space, tensors["orders.spread"])
    assert np.corrcoef(found.worth(space), space[:, 0])[0, 1] > 0.97


def test_virtual_data_sets_are_what_their_descriptors_say(space: np.ndarray, tensors: dict[str, np.ndarray]) -> None:
    worth = SCORES.T + RNG.normal(size=(3, 2000))
    found, valued = virtual_orders(worth, space, tensors["orders.spread"], np.random.default_rng(2))
    shared = (worth - worth.mean(1, keepdims=True)) / worth.std(1, keepdims=True)
    exact = np.concatenate([shared.T, space[:, 3:]], 1)
    np.testing.assert_allclose(exact @ found.T, valued.T, atol=1e-4)
    np.testing.assert_allclose(valued.std(1), 1, rtol=1e-3)
    assert all((found[4 * left_out : 4 * left_out + 4, left_out] == 0).all() for left_out in range(3))


def test_labels_that_say_nothing_leave_the_transfer(space: np.ndarray, tensors: dict[str, np.ndarray]) -> None:
    found = fit_order(space[:12], np.full(12, 70.0), space, tensors["orders.spread"])
    assert np.corrcoef(found.worth(space), space[:, :3].mean(1))[0, 1] > 0.999
    assert found.level + found.scale * found.worth(space) == pytest.approx(70, abs=0.01)
