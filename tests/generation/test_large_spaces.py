"""Spaces that no table can hold: partial tables, gaps in labels, unlabelled architectures, rules while sampling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.diffusion.generator import Conditioning, Generator, Limit
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.lookup import look_up
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.shared.protocol import Space, enumerable
from dinas_cli.training import data as training_data
from dinas_cli.training.data import TrainingSet, load_training_set
from dinas_cli.training.generator import Trainer, TrainingConfig, condition_specs
from dinas_cli.training.requests import RequestSampler
from dinas_cli.training.run import _stored
from tests.support.large_toy import SPACE
from tests.support.trained_toy import labelled, trained_on


@pytest.fixture(autouse=True)
def _registered(large_toy: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_data, "POPULATION", 600)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return written(tmp_path)


def written(tmp_path: Path) -> Table:
    values, keys, loss = labelled()
    half, box = np.arange(len(keys)) % 2 == 0, np.arange(len(keys)) % 3 == 0
    diverged = values[:, 1] == 3
    latency = 1 + (values[:, :2] == 1).sum(1) + 0.2 * values[:, 2:].sum(1)
    first = {
        "loss": NewColumn(np.where(diverged, np.nan, loss), "", "a"),
        "latency/box": NewColumn(np.where(box, latency, np.nan), "ms", "a"),
    }
    second = {"score": NewColumn(90 - 5 * loss[half], "%", "b")}
    parts = [Part(keys, first, values), Part(keys[half], second, values[half])]
    merge(SPACE.name, parts, {"a": "00"}, path=tmp_path / "t.safetensors")
    return Table.open(SPACE.name, tmp_path / "t.safetensors")


@pytest.fixture
def trained() -> tuple[TrainingSet, Surrogate]:
    return trained_on(written, 400)


def test_tables_keep_architectures_that_keys_do_not_tell(table: Table) -> None:
    assert not enumerable(SPACE)
    assert table.architectures is not None
    assert [SPACE.key(row) for row in table.architectures.tolist()] == table.keys.tolist()
    data = load_training_set(SPACE, table)
    assert np.array_equal(data.values, table.architectures)
    assert data.drawn is not None
    assert data.drawn.shape == (600, 7)


def test_an_altered_architecture_is_noticed(table: Table) -> None:
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    from dinas_cli.errors import CorruptFileError

    with safe_open(table.path, framework="numpy") as file:
        metadata = file.metadata()
    tensors = load_file(table.path)
    tensors["architectures"][5, 0] ^= 1
    save_file(tensors, table.path, metadata)
    with pytest.raises(CorruptFileError, match="its architectures are altered"):
        Table.open(SPACE.name, table.path)


def test_what_diverged_is_the_worst_and_what_was_not_measured_is_unknown(table: Table) -> None:
    data = load_training_set(SPACE, table)
    worst = data.values[:, 1] == 3
    assert not np.isnan(data.quality["loss"]).any()
    assert set(data.quality["loss"][worst]) == {np.nanmax(data.quality["loss"][~worst])}
    assert np.isnan(data.costs["latency/box"]).mean() == pytest.approx(2 / 3, abs=0.02)
    assert "params" in data.costs
    assert "score" in data.quality


def test_a_partial_table_decides_nothing_but_its_values_are_shown(
    table: Table, trained: tuple[TrainingSet, Surrogate]
) -> None:
    _, surrogate = trained
    oracles = Oracles(SPACE, table, surrogate)
    answer = oracles.answer("loss")
    assert answer is not None
    assert answer.source == "surrogate"
    assert oracles.metric(SPACE.reference(), "params")[1] == "computed"
    values, _, loss = labelled()
    known = values[values[:, 1] != 3][:5]
    shown = look_up(oracles, known, ["loss", "params"])
    assert [metric.source for metric in shown["loss"]] == ["table"] * 5
    assert [metric.value for metric in shown["loss"]] == loss[values[:, 1] != 3][:5].tolist()
    assert "kendall_tau" not in shown["loss"][0].extra
    lost = look_up(oracles, values[values[:, 1] == 3][:2], ["loss"])["loss"]
    assert [metric.source for metric in lost] == ["surrogate"] * 2
    assert Oracles(SPACE, table).answer("loss").source == "table"  # type: ignore[union-attr]


def test_costs_that_add_up_need_no_network(trained: tuple[TrainingSet, Surrogate]) -> None:
    _, surrogate = trained
    assert not [name for name in surrogate._tensors if name.startswith("basis.0")]
    values = SPACE.draw(50, 3)
    truth = 1 + (values[:, :2] == 1).sum(1) + 0.2 * values[:, 2:].sum(1)
    np.testing.assert_allclose(surrogate.predict(values, "latency/box"), truth, rtol=1e-3)
    np.testing.assert_allclose(surrogate.predict(values, "params"), SPACE.closed_form("params", values), rtol=1e-3)
    assert surrogate.kendall_tau("loss") is not None
    assert surrogate.kendall_tau("loss") > 0.8  # type: ignore[operator]


def test_a_generator_without_datasets_learns_to_rank_downwards(trained: tuple[TrainingSet, Surrogate]) -> None:
    data, surrogate = trained
    assert [spec.name for spec in condition_specs(data, surrogate)] == ["loss", "latency", "params"]
    sampler = RequestSampler(data, surrogate, condition_specs(data, surrogate), seed=0)
    trainer = Trainer(data, sampler, TrainingConfig(steps=150, requests=32, stages=4))
    assert len(trainer.values) == data.label_budget + 600
    assert trainer.run()
    weights, config = trainer.checkpoint()
    model = Generator(config, weights)
    values = model.sample(Conditioning(None, 10.0), 200, guidance=2.0)
    for row in values.tolist():
        SPACE.canonical_id(row)  # raises where the rule is broken
    assert (values[:, 1] == 0).mean() > 0.7, "the lowest losses have type 0 there"
    profile = surrogate.profile("latency/box")
    limit = float(np.quantile(surrogate.reference("latency/box"), 0.4))
    quick = model.sample(Conditioning(None, None, {"latency": [Limit(profile, limit)]}), 200)
    assert (surrogate.predict(quick, "latency/box") <= limit + 1e-6).mean() > 0.85


def test_half_precision_is_for_networks_alone() -> None:
    assert _stored("quality.0.1.weight", True) is np.float16
    assert _stored("basis.0.bias", True) is np.float16
    assert _stored("quality.0.1.weight", False) is np.float32
    assert _stored("quality.grid", True) is np.float32
    assert _stored("profile.weights", True) is np.float64


def test_the_space_is_one() -> None:
    space: Space = SPACE
    assert space.default_device == "box"
