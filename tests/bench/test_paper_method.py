"""The paper's method: classes by percentile, one condition that is dropped as a whole, trainings that go on."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from dinas_cli.bench import paper_method
from dinas_cli.bench.paper_method import CLASSES, ClassRequests, obtain
from dinas_cli.diffusion.encoding import rank_features
from dinas_cli.diffusion.generator import Conditioning, Generator
from dinas_cli.errors import DinasError
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training.generator import TrainingConfig
from dinas_cli.training.smoothing import worth
from tests.support import toy as toys

BRIEF = TrainingConfig(kernel="marginal", steps=6, requests=8)


@pytest.fixture(autouse=True)
def _registered(toy: Space) -> None:
    """All tests here use the toy."""


@pytest.fixture
def table(tmp_path: Path) -> Table:
    data = toys.training_set()
    keys = np.array([toys.SPACE.key(row) for row in data.values.tolist()])
    columns = {name: NewColumn(values, "%", "a") for name, values in data.quality.items()}
    merge("toy", [Part(keys, columns)], {"a": "00"}, path=tmp_path / "table.safetensors")
    return Table.open("toy", tmp_path / "table.safetensors")


def train(work: Path, table: Table, config: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> Generator:
    monkeypatch.setitem(paper_method.METHODS, "marginal", config)
    return obtain("marginal", toys.SPACE, "hard", table, toys.surrogate(), work)


def test_classes_are_percentiles_of_the_labelled() -> None:
    data = toys.training_set()
    asks = ClassRequests(data, toys.surrogate(), "hard")
    assert np.array_equal(asks.rows, np.flatnonzero(data.known))
    accuracy = worth(data, toys.surrogate(), "acc@hard")[asks.rows]
    falling = asks.bounds[np.argsort(-accuracy)]
    assert (np.diff(falling) >= 0).all(), "no class reaches into a better one"
    for bound, (low, high) in zip(CLASSES, pairwise((0.0, *CLASSES)), strict=True):
        assert (falling == bound).sum() == pytest.approx((high - low) / 100 * len(accuracy), abs=1)


def test_a_request_names_the_class_of_its_only_answer() -> None:
    asks = ClassRequests(toys.training_set(), toys.surrogate(), "easy")
    batch = asks.draw(2000, np.random.default_rng(0))
    assert batch.request.tolist() == list(range(2000))
    rows = batch.architecture.numpy()
    assert set(rows.tolist()) <= set(asks.rows.tolist())
    by_row = dict(zip(asks.rows.tolist(), asks.bounds.tolist(), strict=True))
    wanted = rank_features(np.array([by_row[row] for row in rows.tolist()]))
    assert np.array_equal(batch.features[0][:, 0].numpy(), wanted)
    assert batch.present[0].shape == (2000, 1)
    assert (~batch.present[0]).float().mean().item() == pytest.approx(0.1, abs=0.03)


def test_a_large_space_is_learned_from_what_the_surrogate_labels() -> None:
    data = replace(toys.training_set(), drawn=toys.SPACE.draw(300, 5))
    asks = ClassRequests(data, toys.surrogate(), "easy")
    assert len(asks.values) == len(asks.rows) == data.label_budget + 300
    told = toys.surrogate().predict(asks.values, "acc@easy")
    assert told[asks.bounds == 5].min() >= told[asks.bounds > 5].max()


def test_it_learns_what_the_best_look_like(table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = TrainingConfig(kernel="marginal", steps=250, requests=64, decay=0.98)
    model = train(tmp_path, table, config, monkeypatch)
    assert [spec.name for spec in model.specs] == ["acc"]
    assert model.config["label_budget"] == pytest.approx(0.99 * 512, abs=1)
    drawn = model.sample(Conditioning("hard", 5.0), 200, steps=30)
    rows = np.array([toys.SPACE.key(row) for row in drawn.tolist()])
    accuracy = toys.training_set().quality["acc@hard"]
    assert accuracy[rows].mean() > np.quantile(accuracy, 0.85)


def test_what_is_trained_is_read_again(table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train(tmp_path, table, BRIEF, monkeypatch)
    path = tmp_path / "toy-hard-marginal.safetensors"
    before = path.stat().st_mtime_ns
    again = train(tmp_path, table, BRIEF, monkeypatch)
    assert path.stat().st_mtime_ns == before
    assert again.config["method"] == "marginal"
    with pytest.raises(DinasError, match="was trained in another way"):
        train(tmp_path, table, replace(BRIEF, steps=7), monkeypatch)


def test_an_interrupted_training_goes_on(table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(paper_method.METHODS, "marginal", replace(BRIEF, steps=200))

    def interrupt(step: int, _steps: int, _loss: float) -> None:
        if step == 100:
            os.kill(os.getpid(), signal.SIGINT)

    parts = ("marginal", toys.SPACE, "hard", table, toys.surrogate())
    with pytest.raises(KeyboardInterrupt):
        obtain(*parts, tmp_path / "work", interrupt)
    assert (tmp_path / "work" / "toy-hard-marginal.unfinished.safetensors").is_file()
    seen: list[int] = []
    obtain(*parts, tmp_path / "work", lambda step, _steps, _loss: seen.append(step))
    assert seen == [200]
    obtain(*parts, tmp_path / "other")
    one, other = (load_file(tmp_path / folder / "toy-hard-marginal.safetensors") for folder in ("work", "other"))
    assert one.keys() == other.keys()
    for name, tensor in one.items():
        assert torch.equal(other[name], tensor)
