"""What a generator makes of guidance weights: one scale, nothing sharpened that is no wish, ranks inside the limits."""

from __future__ import annotations

from inspect import signature
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.api import generate as api_generate
from dinas_cli.cli.commands.generate import command, parse_guidance
from dinas_cli.diffusion.generator import Conditioning, Generator, Limit
from dinas_cli.diffusion.guidance import WEIGHT
from dinas_cli.spaces.shared.protocol import Space
from tests.diffusion.test_generator import ASKED, KERNELS
from tests.support import toy as toys
from tests.support.bundled import GENERATOR, guess, needs_weights, quantile


@pytest.fixture
def path(toy: Space, tmp_path: Path) -> Path:
    return toys.generator_file(tmp_path / "toy.safetensors")


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_scale_for_one_weight_and_for_many(toy: Space, tmp_path: Path, kernel: str) -> None:
    model = Generator.load(toys.generator_file(tmp_path / "toy.safetensors", kernel))

    def drawn(guidance: float | dict[str, float]) -> list[list[int]]:
        values: list[list[int]] = model.sample(ASKED, 100, guidance=guidance).tolist()
        return values

    assert drawn({"acc": 3.0, "latency": 3.0}) == drawn(3.0)
    assert drawn({"acc": 0.0, "latency": 0.0}) == drawn(0.0)
    default = model.sample(ASKED, 100).tolist()
    assert drawn({}) == drawn({"acc": 2.0}) == drawn({"latency": 2.0}) == default, "what is not named has the default"
    assert len({str(drawn(w)) for w in (0.0, 2.0, 3.0, {"acc": 9.0, "latency": 2.0}, {"latency": 9.0})}) == 5


def test_the_dataset_is_not_sharpened(path: Path) -> None:
    model, only = Generator.load(path), Conditioning("hard")
    as_it_is = model.sample(only, 200, guidance=0.0)
    assert not np.array_equal(model.sample(Conditioning("easy"), 200, guidance=0.0), as_it_is)
    for guidance in (50.0, {"dataset": 50.0}, {"acc": 50.0}):
        assert np.array_equal(model.sample(only, 200, guidance=guidance), as_it_is)
    within = {"acc": 3.0, "latency": 1.0}
    assert np.array_equal(
        model.sample(ASKED, 200, guidance=within | {"dataset": 50.0}), model.sample(ASKED, 200, guidance=within)
    )


def test_the_rank_is_sharpened_inside_the_limits(path: Path) -> None:
    """A weight of -1 takes away what its condition adds to those before it: the rank nothing but itself."""
    model, limit = Generator.load(path), Conditioning("hard", None, ASKED.budgets)
    without_rank = model.sample(ASKED, 200, guidance={"acc": -1.0, "latency": 3.0})
    assert np.array_equal(without_rank, model.sample(limit, 200, guidance=3.0))
    unlimited = model.sample(ASKED, 200, guidance={"acc": 3.0, "latency": -1.0})
    assert not np.array_equal(unlimited, model.sample(Conditioning("hard", 5.0), 200, guidance=3.0))


def test_the_default_is_the_same_everywhere() -> None:
    defaults = [signature(call).parameters["guidance"].default for call in (command, api_generate, Generator.sample)]
    assert [parse_guidance(str(default)) for default in defaults] == [WEIGHT] * 3


@needs_weights
def test_limits_come_first_and_the_rank_last() -> None:
    model = Generator.load(GENERATOR)
    names = [model.specs[i].name for i in model.order]
    assert names[:5] == ["latency", "energy", "params", "macs", "acc"]
    assert {model.specs[i].kind for i in model.order[5:]} == {"rank"}  # accuracies under attack


@needs_weights
def test_weights_per_condition_keep_to_a_tight_limit() -> None:
    column = "latency/fpga@cifar10"
    oracles, limit = guess(), quantile(column, 0.1)
    assert oracles.surrogate is not None
    request = Conditioning("cifar10", 5.0, {"latency": [Limit(oracles.surrogate.profile(column), limit)]})
    model = Generator.load(GENERATOR)
    for weights in ({"acc": 3.0, "latency": 2.0}, {"acc": 2.0, "latency": 4.0}):
        values = model.sample(request, 128, guidance=weights)
        assert (oracles.metric(values, column)[0] <= limit).mean() > 0.8
