"""Fronts, what is left out of them, knees and hypervolumes: by hand, and as an exact library has them."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.generation.fronts import EPSILON, front, hypervolume, knee, layers, reached, share, useful


@pytest.mark.parametrize("objectives", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_as_an_exact_library_has_them(objectives: int, seed: int) -> None:
    import moocore

    points = np.random.default_rng(seed).random((300, objectives)).round(1 + seed % 2)  # with ties and repetitions
    rows = front(points)
    assert sorted(rows.tolist()) == np.flatnonzero(moocore.is_nondominated(points)).tolist()
    assert (np.diff(points[rows, 0]) >= 0).all()
    corner = np.full(objectives, 0.8)
    assert hypervolume(points, corner) == pytest.approx(float(moocore.hypervolume(points, ref=corner)))


def test_share_by_hand() -> None:
    true = np.array([[0.0, -1.0], [1.0, -2.0]])  # extent 1 x 1, reference point (1.1, 0.1) after scaling
    assert share(true, true) == pytest.approx(1.0)
    assert share(true[:0], true) == 0.0
    # The first point spans 1.1 x 0.1, the second 0.1 x 1.1, both overlap in 0.1 x 0.1.
    assert share(true[:1], true) == pytest.approx(0.11 / 0.21)
    assert share(np.array([[5.0, -9.0]]), true) == 0.0, "a point behind the reference does not count"
    assert reached(true) == pytest.approx(0.21 / 1.21)
    with pytest.raises(ValueError, match="2 or 3 objectives"):
        hypervolume(np.zeros((1, 4)), np.ones(4))


def test_layers_hold_as_many_as_asked_for() -> None:
    points = np.array([[2.0, 2.0], [1.0, 1.0], [3.0, 3.0], [0.0, 2.0]])
    assert [rows.tolist() for rows in layers(points, 9)] == [[3, 1], [0], [2]]
    assert [rows.tolist() for rows in layers(points, 2)] == [[3, 1]]
    assert layers(points[:0], 2) == []


def test_who_hardly_improves_is_left_out() -> None:
    points = np.array([[0.0, 1.0], [0.3, 0.5], [0.3 + EPSILON / 2, 0.5 - EPSILON / 2], [0.31, 0.4], [1.0, 0.0]])
    assert useful(points).tolist() == [0, 1, 3, 4]
    assert useful(points, 0.0).tolist() == [0, 1, 2, 3, 4]
    many = np.random.default_rng(0).random((4000, 3))
    many = many[front(many)]
    kept = useful(many, 0.05)
    size = many.max(0) - many.min(0)
    assert len(kept) < len(many)
    for point in many:
        assert (many[kept] <= point + 0.05 * size + 1e-12).all(1).any()
    assert set(many.argmin(0).tolist()) <= set(kept.tolist()), "the ends stay"


def test_the_knee_is_farthest_below_the_line_through_the_ends() -> None:
    points = np.array([[0.0, 100.0], [1.0, 20.0], [5.0, 10.0], [10.0, 0.0]])
    free = np.full(2, np.inf)
    assert knee(points, free) == 1
    assert knee(points * [1000, 1], free) == 1, "units do not matter"
    assert knee(points[:2], free) is None


def test_what_is_of_no_use_does_not_draw_the_knee() -> None:
    points = np.array([[0.0, 90.0], [1.0, 16.0], [2.0, 12.0], [3.0, 7.0], [9.0, 6.5], [10.0, 6.0]])
    assert knee(points, np.full(2, np.inf)) == 1
    assert knee(points, np.array([np.inf, 13.0])) == 3
    assert knee(points, np.array([np.inf, 6.2])) == 1, "of fewer than three there would be none"
