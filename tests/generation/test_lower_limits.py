"""Metrics whose limits are lower ones, and such with long tails: trained on, judged and generated like any cost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Budget, Request
from dinas_cli.diffusion.generator import Conditioning, Generator, Limit
from dinas_cli.errors import UnsatisfiedError
from dinas_cli.generation.feasibility import check_feasible
from dinas_cli.generation.judge import Judge
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training import data as training_data
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.generator import Trainer, TrainingConfig, condition_specs
from dinas_cli.training.requests import RequestSampler
from tests.support.large_toy import SPACE
from tests.support.trained_toy import labelled, trained_on


@pytest.fixture(autouse=True)
def _registered(large_toy: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_data, "POPULATION", 600)


def reach(values: np.ndarray) -> np.ndarray:
    """More is better; every node of type 2 multiplies it, every edge divides it."""
    found: np.ndarray = 100 * 3.0 ** (values[:, :2] == 2).sum(1) / 1.5 ** values[:, 2:].sum(1)
    return found


def spread(values: np.ndarray) -> np.ndarray:
    """Less is better; over four decades."""
    found: np.ndarray = 10.0 ** ((values[:, :2] == 1).sum(1) + 0.5 * values[:, 2:].sum(1))
    return found


@pytest.fixture
def trained() -> tuple[TrainingSet, Surrogate]:
    return trained_on(written, 200)


def written(folder: Path) -> Table:
    values, keys, loss = labelled()
    noise = np.exp(0.02 * np.random.default_rng(3).normal(size=(2, len(keys))))
    columns = {
        "loss": NewColumn(loss, "", "a"),
        "spread": NewColumn(spread(values) * noise[0], "", "a"),
        "reach": NewColumn(reach(values) * noise[1], "count", "a"),
    }
    merge(SPACE.name, [Part(keys, columns, values)], {"a": "00"}, path=folder / "t.safetensors")
    return Table.open(SPACE.name, folder / "t.safetensors")


def test_they_are_costs_and_predicted_in_their_unit(trained: tuple[TrainingSet, Surrogate]) -> None:
    data, surrogate = trained
    assert set(data.costs) == {"spread", "reach", "params"}
    values = SPACE.draw(60, 3)
    np.testing.assert_allclose(surrogate.predict(values, "reach"), reach(values), rtol=0.1)
    np.testing.assert_allclose(surrogate.predict(values, "spread"), spread(values), rtol=0.1)
    for column in ("reach", "spread"):
        tau = surrogate.kendall_tau(column)
        assert tau is not None
        assert tau > 0.8


def test_probabilities_and_sure_limits_go_to_the_side_that_is_meant(trained: tuple[TrainingSet, Surrogate]) -> None:
    _, surrogate = trained
    reference = SPACE.reference()
    limit = float(np.median(reach(reference)))
    chance = surrogate.probability(None, "reach", limit)
    clear = np.abs(np.log(reach(reference) / limit)) > 0.2
    np.testing.assert_allclose(chance[clear], (reach(reference) > limit)[clear], atol=0.01)
    sure = surrogate.sure_limits("reach", 0.98)
    assert (sure < surrogate.reference("reach")).all()
    np.testing.assert_allclose(
        [surrogate.probability(None, "reach", one)[i] for i, one in enumerate(sure)], 0.98, atol=2e-3
    )


def test_the_judge_takes_a_lower_limit_for_one(trained: tuple[TrainingSet, Surrogate]) -> None:
    oracles = Oracles(SPACE, None, trained[1])
    request = Request(SPACE.name, None, None, None, (Budget("reach", 150.0), Budget("spread", 40.0)))
    met = Judge(oracles, request, 0.98).satisfied(SPACE.reference())
    assert met.any()
    reached, spreading = reach(SPACE.reference()), spread(SPACE.reference())
    assert (reached[met] >= 150).all()
    assert (spreading[met] <= 40).all()
    clear = (reached > 180) & (spreading < 30)
    assert met[clear].all()
    with pytest.raises(UnsatisfiedError, match=r"has reach ≥ 50\.00 k") as caught:
        check_feasible(Judge(oracles, Request(SPACE.name, budgets=(Budget("reach", 50_000.0),)), 0.98))
    hint = str(caught.value.hint)
    assert hint.startswith("feasible from --limit reach=")
    nearest = float(hint.split("=")[1].split(",")[0])
    assert Judge(oracles, Request(SPACE.name, budgets=(Budget("reach", nearest),)), 0.98).reference_satisfied.any()


def test_a_generator_reaches_them(trained: tuple[TrainingSet, Surrogate]) -> None:
    data, surrogate = trained
    sampler = RequestSampler(data, surrogate, condition_specs(data, surrogate), seed=0)
    trainer = Trainer(data, sampler, TrainingConfig(steps=250, requests=32, stages=4))
    trainer.run()
    weights, config = trainer.checkpoint()
    model = Generator(config, weights)
    for column, metric, side in (("reach", reach, 1), ("spread", spread, -1)):
        limit = float(np.quantile(metric(data.values), 0.7 if side > 0 else 0.3))
        conditioning = Conditioning(None, None, {column: [Limit(surrogate.profile(column), limit)]})
        share = float((side * metric(model.sample(conditioning, 200)) >= side * limit).mean())
        assert share > 0.85, (column, share)
