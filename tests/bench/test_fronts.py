"""Columns of experiments as points, and the order from the front backwards."""

from __future__ import annotations

import numpy as np

from dinas_cli.bench.fronts import front, order, pairs


def test_front_leaves_out_what_is_dominated_or_unknown() -> None:
    points = pairs(np.array([3.0, 1.0, 2.0, 2.0, np.nan]), np.array([90.0, 70.0, 80.0, 60.0, 99.0]))
    assert front(points).tolist() == [[1.0, -70.0], [2.0, -80.0], [3.0, -90.0]]
    assert front(points[:0]).shape == (0, 2)


def test_order_goes_from_the_front_backwards() -> None:
    points = np.array([[2.0, 2.0], [1.0, 1.0], [3.0, 3.0], [0.0, 2.0]])
    assert order(points, 4).tolist() == [3, 1, 0, 2]
    assert order(points, 3).tolist() == [3, 1, 0]
    assert order(points[:0], 3).tolist() == []
