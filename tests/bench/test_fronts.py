"""Fronts and their hypervolume, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.bench.fronts import front, layers, pairs, share


def test_front_leaves_out_what_is_dominated_or_unknown() -> None:
    points = pairs(np.array([3.0, 1.0, 2.0, 2.0, np.nan]), np.array([90.0, 70.0, 80.0, 60.0, 99.0]))
    assert front(points).tolist() == [[1.0, -70.0], [2.0, -80.0], [3.0, -90.0]]
    assert front(points[:0]).shape == (0, 2)


def test_hypervolume_by_hand() -> None:
    true = np.array([[0.0, -1.0], [1.0, -2.0]])  # extent 1 x 1, reference point (1.1, 0.1) after scaling
    assert share(true, true) == pytest.approx(1.0)
    assert share(true[:0], true) == 0.0
    # The first point spans 1.1 x 0.1, the second 0.1 x 1.1, both overlap in 0.1 x 0.1.
    assert share(true[:1], true) == pytest.approx(0.11 / 0.21)
    beyond = np.array([[5.0, -9.0]])
    assert share(beyond, true) == 0.0, "a point behind the reference does not count"


def test_layers_go_from_the_front_backwards() -> None:
    points = np.array([[2.0, 2.0], [1.0, 1.0], [3.0, 3.0], [0.0, 2.0]])
    order = layers(points).tolist()
    assert set(order[:2]) == {1, 3}
    assert order[2:] == [0, 2]
