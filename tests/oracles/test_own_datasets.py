"""Data sets of the user's own: kept as labels, fitted when asked, and told apart from what is no data set."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem
from dinas_cli.oracles import datasets
from dinas_cli.oracles.own_datasets import OwnDataset
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import Space
from tests.support import toy as toys


@pytest.fixture(autouse=True)
def _registered(toy: Space) -> None:
    """All tests here use the toy."""


def labelled(count: int = 40, noise: float = 0.0) -> OwnDataset:
    """A data set much like the hard one, half as accurate."""
    rows = np.random.default_rng(3).choice(512, count, replace=False)
    cells = toys.SPACE.reference()[rows]
    wrong = noise * np.random.default_rng(4).normal(size=count)
    labels = 10 + toys.training_set().quality["acc@hard"][rows] / 2 + wrong
    return OwnDataset(
        "mine", "toy", "hard", tuple((toys.SPACE.decode(cell), float(x)) for cell, x in zip(cells, labels, strict=True))
    )


@pytest.fixture
def surrogate() -> Surrogate:
    whole = toys.surrogate()
    return Surrogate(whole._tensors, whole.config)


def test_a_kept_data_set_answers_like_any_column(surrogate: Surrogate) -> None:
    datasets.save(labelled())
    datasets.attach(surrogate)
    assert surrogate.columns()["acc@mine"] == "%"
    truth = 10 + toys.training_set().quality["acc@hard"] / 2
    found = surrogate.predict(None, "acc@mine")
    assert np.corrcoef(found, truth)[0, 1] > 0.95
    assert np.abs(found - truth).mean() < 0.25 * truth.std()
    some = toys.SPACE.reference()[:7]
    np.testing.assert_allclose(surrogate.predict(some, "acc@mine"), found[:7], rtol=1e-4)
    ranking = surrogate.ranking(None, "acc@mine")
    assert (np.argsort(ranking) == np.argsort(found)).all()
    np.testing.assert_allclose(surrogate.ranking_of(found, "acc@mine"), ranking, rtol=1e-6, atol=1e-9)
    assert (surrogate.kendall_tau("acc@mine") or 0) > 0.7


def test_limits_are_kept_as_surely_as_is_said(surrogate: Surrogate) -> None:
    """By labels with noise that the fit did not see."""
    labelled(60, noise=1.0).attach(surrogate)
    truth = 10 + toys.training_set().quality["acc@hard"] / 2 + np.random.default_rng(5).normal(size=512)
    for confidence in (0.8, 0.95):
        sure = surrogate.sure_limits("acc@mine", confidence)
        assert abs(float((truth >= sure).mean()) - confidence) < 0.07
    limit = float(np.median(truth))
    chance = surrogate.probability(None, "acc@mine", limit)
    assert chance[truth > limit].mean() > 0.65 > 0.35 > chance[truth < limit].mean()


def test_files_survive_and_are_not_overwritten() -> None:
    path = datasets.save(labelled())
    assert datasets.load(path) == labelled()
    assert datasets.likenesses("toy") == {"mine": "hard"}
    with pytest.raises(DinasError, match="known already"):
        datasets.save(labelled())
    datasets.save(labelled(20), force=True)
    assert len(datasets.load(path).labels) == 20
    datasets.remove("mine", "toy")
    assert datasets.load_all("toy") == []
    with pytest.raises(NotFoundError, match="no data set 'mine'"):
        datasets.remove("mine", "toy")
    with pytest.raises(UsageProblem, match="comes with dinas"):
        datasets.remove("easy", "toy")


@pytest.mark.parametrize(
    ("name", "like", "labels", "told"),
    [
        ("a/b", "easy", 9, "cannot name a data set"),
        ("hard", "easy", 9, "knows already"),
        ("mine", "cats", 9, "unknown dataset 'cats'"),
        ("mine", "easy", 3, "3 architectures have labels"),
    ],
)
def test_what_cannot_be_a_data_set(name: str, like: str, labels: int, told: str) -> None:
    with pytest.raises(UsageProblem, match=told):
        datasets.save(OwnDataset(name, "toy", like, labelled(labels).labels))


def test_a_space_with_one_data_set_has_no_others() -> None:
    with pytest.raises(UsageProblem, match="has one data set"):
        datasets.check_name(get_space("darts"), "mine")


@pytest.mark.parametrize("text", ["", "{}", '{"schema": "dinas/device@1"}', '{"schema": "dinas/dataset@1", "name": 3}'])
def test_what_is_no_file_of_a_data_set(text: str, tmp_path: Path) -> None:
    path = tmp_path / "toy-x.json"
    path.write_text(text)
    with pytest.raises(CorruptFileError, match="is not a data set"):
        datasets.load(path)


def test_the_nearest_known_data_set() -> None:
    """By classes and image size: costs are those of its networks."""
    space = get_space("nasbench201")
    assert datasets.nearest(space, 10, 32) == "cifar10"
    assert datasets.nearest(space, 80, 28) == "cifar100"
    assert datasets.nearest(space, 200, 16) == "imagenet16-120"


def test_numbers_are_finite() -> None:
    data = labelled().to_dict()
    data["labels"][0][1] = float("nan")
    path = datasets.folder() / "toy-mine.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(data))
    with pytest.raises(CorruptFileError, match="not a finite number"):
        datasets.load(path)
