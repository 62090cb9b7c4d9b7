"""Doubt grows with the distance from the labels; ranks, probabilities and records say so; old files have none."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.oracles.quality import KAPPA
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.uncertainty import Surroundings, amounts, edges, reach
from dinas_cli.spaces.darts.cells import SKIP
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space
from tests.support import toy as toys


def skips(count: int) -> np.ndarray:
    """A darts architecture ``(1, 28)`` whose normal cell has the first ``count`` of its inputs skipped."""
    cell = get_space("darts").draw(1, 0)
    there = np.flatnonzero(cell[0, :14])
    cell[0, there] = np.where(np.arange(len(there)) < count, SKIP, 4)
    return cell


@pytest.fixture
def doubtful(toy: Space) -> Surrogate:
    """The toy's surrogate, in great doubt about cells with more than one convolution."""
    tensors, config = toys.surrogate_parts()
    numbers = tensors["labels.edges"].shape[1]
    edge = np.stack([np.zeros(numbers), np.where(np.arange(numbers) == 1, 1, 9)])
    growth = np.zeros((2, numbers))
    growth[:, 1] = 5
    changed = {"labels.edges": edge, "labels.growth": growth, "labels.far": np.full(2, 4.0)}
    return Surrogate(tensors | changed, config)


def test_numbers_of_operations() -> None:
    space = get_space("darts")
    counted = amounts(space, np.concatenate([skips(0), skips(5)]))
    assert counted.shape == (2, 8 + 56)
    assert counted[1, SKIP] - counted[0, SKIP] == 5
    assert (counted[:, :8].sum(1) == 28).all()


def test_types_are_counted_whatever_values_stand_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toys.ToySpace, "layout", toys.OWN)
    counted = amounts(toys.SPACE, np.array([[1, 0, 2, 1, 0], [0, 1, 2, 1, 1]]))
    assert counted[:, :6].tolist() == [[0, 2, 1, 0, 0, 0], [1, 0, 2, 0, 0, 0]]
    assert counted[:, 6:8].tolist() == [[1, 1], [0, 2]]


def test_doubt_grows_in_proportion_beyond_the_labels() -> None:
    space = get_space("darts")
    labelled = space.draw(2000, 1)
    numbers = amounts(space, labelled)
    tensors = {"labels.edges": edges(numbers), "labels.growth": np.full((1, numbers.shape[1]), 0.1), "labels.far": [1]}
    surroundings = Surroundings(space, {name: np.array(t) for name, t in tensors.items()}, 1)
    usual = surroundings.doubts(labelled)[:, 0]
    far = [float(surroundings.doubts(skips(count))[0, 0]) for count in range(4, 9)]
    assert (np.diff(far)[1:] > 0.1).all()
    assert far[-1] > 3 * np.quantile(usual, 0.9)
    one = reach(amounts(space, skips(6)), edges(numbers)) - reach(amounts(space, skips(5)), edges(numbers))
    assert float(one[0, SKIP]) == 1


def test_ranks_go_by_the_lower_bound_and_chances_by_all_noise(doubtful: Surrogate) -> None:
    usual, cells = toys.surrogate(), toys.SPACE.reference()
    far = (cells[:, :2] == 1).sum(1) == 2
    less = usual.ranking(cells, "acc@easy") - doubtful.ranking(cells, "acc@easy")
    np.testing.assert_allclose(less[far], 5 * KAPPA, atol=0.3)
    assert np.abs(less[~far]).max() < 0.3
    np.testing.assert_allclose(doubtful.ranking(None, "acc@easy"), doubtful.ranking(cells, "acc@easy"), rtol=1e-5)
    np.testing.assert_allclose(doubtful.predict(cells, "acc@easy"), usual.predict(cells, "acc@easy"))
    assert (doubtful.quality.sigma(*doubtful.scored(cells, "acc@easy"))[far] > 4.9).all()
    limit = float(np.quantile(usual.reference("acc@easy"), 0.5))
    sure = np.abs(usual.probability(cells, "acc@easy", limit) - 0.5)
    assert (np.abs(doubtful.probability(cells, "acc@easy", limit) - 0.5)[far] < sure[far] + 1e-3).all()
    assert (doubtful.outside(cells, "acc@easy") == far).all()
    assert not doubtful.outside(cells, "params@easy").any()


def test_files_from_before_have_no_doubts(toy: Space) -> None:
    tensors, config = toys.surrogate_parts()
    old = Surrogate({name: t for name, t in tensors.items() if not name.startswith("labels.")}, config)
    old._check()
    cells = toys.SPACE.reference()
    np.testing.assert_allclose(old.ranking(cells, "acc@easy"), old.scores(cells)[:, 0])
    assert not old.outside(cells, "acc@easy").any()
