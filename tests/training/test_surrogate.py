"""Training of the surrogate: what it learns, what it must not see, and that it repeats itself."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dinas_cli.oracles.profiles import BINS
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training.costs import BASIS
from dinas_cli.training.surrogate import MEMBERS, train_surrogate
from tests.support import toy as toys


@pytest.fixture(autouse=True)
def _registered(toy: Space) -> None:
    """All tests here use the toy."""


def test_what_is_kept() -> None:
    tensors, config = toys.surrogate_parts()
    data = toys.training_set()
    assert config["quality"] == list(data.quality)
    assert [entry[0] for entry in config["profiles"]] == list(data.costs)
    assert [entry[1] for entry in config["profiles"]] == [data.units[column] for column in data.costs]
    assert {entry[2] for entry in config["profiles"]} == {data.label_budget} == {config["label_budget"]}
    assert set(config["kendall_tau"]) == set(data.units)
    assert config["sources"] == data.sources
    assert config["members"] == MEMBERS
    assert tensors["profile.weights"].shape == (len(data.costs), BASIS)
    assert tensors["profile.noise_shape"].shape == (BINS,)
    assert all(np.isfinite(tensor).all() for tensor in tensors.values())
    assert json.loads(json.dumps(config)) == config


def test_knots_and_grids_rise() -> None:
    tensors = toys.surrogate_parts()[0]
    assert (np.diff(tensors["quality.knots"]) > 0).all()
    assert (np.diff(tensors["quality.grid"], axis=1) > 0).all()
    assert (np.diff(tensors["quality.noise_at"]) > 0).all()
    assert (tensors["quality.noise"] > 0).all()


def test_the_same_seed_gives_the_same_weights() -> None:
    one, config = train_surrogate(toys.training_set(), seed=5, steps=6)
    again, same = train_surrogate(toys.training_set(), seed=5, steps=6)
    other, _ = train_surrogate(toys.training_set(), seed=6, steps=6)
    assert config == same
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert not np.array_equal(one["basis.0.weight"], other["basis.0.weight"])


def test_held_out_labels_are_never_seen() -> None:
    """With other labels on the held-out architectures, nothing changes but the figures taken on them."""
    data = toys.training_set()
    hidden = ~data.known

    def shuffled(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {name: np.where(hidden, labels[::-1], labels) for name, labels in columns.items()}

    costs = {name: labels for name, labels in data.costs.items() if not np.isnan(labels).any()}
    one, about = train_surrogate(replace(data, costs=costs), steps=6)
    other, changed = train_surrogate(replace(data, costs=shuffled(costs), quality=shuffled(data.quality)), steps=6)
    for name in one:
        if name not in ("quality.noise", "quality.noise_at"):
            assert np.array_equal(one[name], other[name]), name
    assert about["kendall_tau"] != changed["kendall_tau"]


def test_more_steps_fit_better() -> None:
    data = toys.training_set()
    losses: dict[str, list[float]] = {}
    tensors, config = train_surrogate(
        data, steps=200, progress=lambda phase, step, steps, loss: losses.setdefault(phase, []).append(loss)
    )
    assert list(losses) == ["quality 1/2", "quality 2/2", "near labels only", "costs"]
    assert [len(found) for found in losses.values()] == [2, 2, 1, 2]
    assert all(found[-1] < found[0] for found in losses.values() if len(found) > 1)
    surrogate, early = Surrogate(tensors, config), Surrogate(*train_surrogate(data, steps=6))
    for column in ("acc@easy", "latency/a@easy"):
        tau, before = surrogate.kendall_tau(column), early.kendall_tau(column)
        assert tau is not None
        assert before is not None
        assert tau > max(before, 0.7)


def test_noise_of_the_scores_is_that_of_the_held_out() -> None:
    tensors, _ = toys.surrogate_parts()
    data, surrogate = toys.training_set(), toys.surrogate()
    hidden = ~data.known
    for i, column in enumerate(data.quality):
        wanted = np.interp(data.quality[column], tensors["quality.grid"][i], tensors["quality.knots"])
        scores = surrogate.scores(data.values[hidden])[:, i]
        ratio = (wanted[hidden] - scores) / surrogate.quality.sigma(*surrogate.scored(data.values[hidden], column))
        assert 0.6 < float(np.sqrt((ratio**2).mean())) < 1.6


def test_everything_known_and_columns_with_gaps() -> None:
    data = replace(toys.training_set(), known=np.ones(512, bool))
    _, config = train_surrogate(data, steps=6)
    assert config["label_budget"] == 512
    assert all(-1 <= tau <= 1 for tau in config["kendall_tau"].values())


def test_doubt_is_learnt_where_a_trend_breaks_beyond_the_near_labels() -> None:
    """Labels rise with the edges of a cell up to three and go on to rise, or fall: the latter is to be doubted."""
    data = toys.training_set()
    count = data.values[:, 2:].sum(1)
    growth = {}
    for name, labels in (("goes on", count), ("breaks", np.where(count <= 3, count, 6 - count))):
        quality = {"acc@easy": labels + 0.3 * (data.values[:, 0] == 1)}
        tensors, _ = train_surrogate(replace(data, quality=quality), steps=240)
        growth[name] = tensors["labels.growth"][0]
    assert growth["breaks"].shape == (6,)
    assert growth["breaks"][4:].max() > max(growth["breaks"][:4].max(), 2 * growth["goes on"][4:].max())


def test_another_metric_stands_in_for_unknown_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    from dinas_cli.training.surrogate import _stood_in

    data = toys.training_set()
    twin = replace(toys.SPACE.metrics[0], name="noisy", stands_in="acc")
    monkeypatch.setattr(toys.ToySpace, "metrics", (*toys.SPACE.metrics, twin))
    columns = {"acc@easy": data.quality["acc@easy"], "noisy@easy": data.quality["acc@easy"], "noisy@hard": labels_of(2)}
    scores = np.array([[np.nan, 1.0, 5.0], [2.0, 3.0, 5.0], [np.nan, np.nan, 5.0]])
    told = _stood_in(replace(data, quality=columns), scores)
    np.testing.assert_array_equal(told, [[1.0, 1.0, 5.0], [2.0, 3.0, 5.0], [np.nan, np.nan, 5.0]])


def labels_of(value: float) -> np.ndarray:
    return np.full(512, value)
