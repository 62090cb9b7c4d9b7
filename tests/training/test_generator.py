"""Training of the generator: it learns, it repeats itself, and it goes on from a saved state as if never stopped."""

from __future__ import annotations

import json
import signal
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file
from torch import Tensor

from dinas_cli.diffusion.generator import SCHEMA, Conditioning, Generator, Limit
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training.generator import Trainer, TrainingConfig, condition_specs
from dinas_cli.training.requests import RequestSampler
from tests.support import toy as toys

BRIEF = TrainingConfig(steps=6, requests=8)


@pytest.fixture(autouse=True)
def _registered(toy: Space) -> None:
    """All tests here use the toy."""


class Interrupted(Trainer):
    """Ctrl-C arrives in the middle of the fourth step."""

    def _train_step(self) -> float:
        if self.step == 3:
            signal.raise_signal(signal.SIGINT)
        return super()._train_step()


def make(config: TrainingConfig = BRIEF, kind: type[Trainer] = Trainer) -> Trainer:
    data, surrogate = toys.training_set(), toys.surrogate()
    return kind(data, RequestSampler(data, surrogate, condition_specs(data, surrogate), config.seed), config)


@lru_cache
def brief_weights(kernel: str) -> dict[str, Tensor]:
    trainer = make(TrainingConfig(steps=6, requests=8, kernel=kernel))
    assert trainer.run()
    return trainer.state()


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    """Whether two states are equal in everything but the time they took."""
    one, other = ({n: t for n, t in state.items() if n != "seconds"} for state in (one, other))
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def load(trainer: Trainer, path: Path) -> Generator:
    tensors, config = trainer.checkpoint()
    save_arrays(tensors, path, {"schema": SCHEMA, "config": json.dumps(config)})
    return Generator.load(path)


def test_a_short_training_learns_what_is_asked_for(tmp_path: Path) -> None:
    trainer = make(TrainingConfig(steps=200, requests=16, decay=0.98))
    seen: list[tuple[int, int, float]] = []
    log = tmp_path / "log.jsonl"
    assert trainer.run(progress=lambda *args: seen.append(args), log=log)
    entries = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert [entry["step"] for entry in entries] == [100, 200] == [step for step, _, _ in seen]
    assert entries[1]["loss"] < 0.92 * entries[0]["loss"]
    model, surrogate, data = load(trainer, tmp_path / "toy.safetensors"), toys.surrogate(), toys.training_set()
    profile = surrogate.profile("latency/b")
    limit = float(profile.edges[30])
    drawn = model.sample(Conditioning("easy", 10.0, {"latency": [Limit(profile, limit)]}), 200)
    rows = np.array([toys.SPACE.key(row) for row in drawn.tolist()])
    cost, accuracy = profile.predict(surrogate.reference_basis), data.quality["acc@easy"]
    assert (cost[rows] <= limit).mean() > 0.7, "thirty in a hundred would be chance"
    assert accuracy[rows].mean() > np.quantile(accuracy[cost <= limit], 0.65)


@pytest.mark.parametrize("kernel", ["absorbing", "marginal"])
def test_resumed_weights_are_bit_identical(tmp_path: Path, kernel: str) -> None:
    config = TrainingConfig(steps=6, requests=8, kernel=kernel)
    stopped = make(config, Interrupted)
    with pytest.raises(KeyboardInterrupt):
        stopped.run()
    assert stopped.step == 4, "the step was finished before the interrupt was heard"
    path = tmp_path / "state.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in stopped.state().items()}, path)
    kept = {name: tensor.clone() for name, tensor in stopped.state().items()}
    torch.manual_seed(99)  # whatever happened in between
    resumed = make(config)
    resumed.restore(load_file(path))
    assert same(resumed.state(), kept), "nothing is lost in the file"
    assert resumed.run()
    assert same(resumed.state(), brief_weights(kernel))


def test_the_seed_decides() -> None:
    again, other = make(), make(TrainingConfig(steps=6, requests=8, seed=1))
    torch.rand(7)
    assert again.run()
    assert same(again.state(), brief_weights("absorbing"))
    other.run()
    assert not same(other.state(), brief_weights("absorbing"))


def test_time_runs_out() -> None:
    trainer = make()
    assert not trainer.run(until=0.0)
    assert trainer.step == 0
    assert trainer.run()
    assert trainer.run(), "nothing is left to do"
    assert trainer.step == 6


def test_the_average_follows_the_weights() -> None:
    trainer = make(TrainingConfig(steps=1, requests=8))
    before = {name: tensor.clone() for name, tensor in trainer.denoiser.state_dict().items()}
    trainer.run()
    for name, tensor in trainer.denoiser.state_dict().items():
        torch.testing.assert_close(trainer.average[name], 0.1 * before[name] + 0.9 * tensor)
    longer = brief_weights("absorbing")
    moved = [n for n in before if not torch.equal(longer[f"average.{n}"], longer[f"weights.{n}"])]
    assert moved


def test_the_learning_rate_warms_up_and_decays() -> None:
    trainer = make(TrainingConfig(steps=100, requests=1))
    rates = []
    for step in (0, 1, 2, 51, 99):
        trainer.step = step
        trainer._train_step()
        rates.append(trainer.optimiser.param_groups[0]["lr"] / trainer.config.peak)
    assert rates == pytest.approx([0.0, 0.5, 1.0, 0.505, 0.01], abs=0.001)


@pytest.mark.parametrize("kernel", ["absorbing", "marginal"])
def test_a_checkpoint_is_a_generator(tmp_path: Path, kernel: str) -> None:
    trainer = make(TrainingConfig(steps=6, requests=8, kernel=kernel))
    trainer.run()
    model = load(trainer, tmp_path / "toy.safetensors")
    assert model.kernel_name == kernel
    assert model.specs == trainer.specs
    assert model.config["label_budget"] == toys.training_set().label_budget
    assert model.config["training"]["finished_steps"] == 6
    weights, _ = trainer.checkpoint()
    for name, tensor in trainer.average.items():
        assert np.array_equal(weights[name], tensor.numpy())
        assert not np.shares_memory(weights[name], tensor.numpy()), "training may go on"
    assert model.sample(Conditioning("hard", 5.0), 5, steps=7).shape == (5, 7)
    if model.kernel is not None:
        known = toys.training_set().values[toys.training_set().known]
        shares = [(known[:, 0] == kind).mean() for kind in range(4)]
        np.testing.assert_allclose(model.kernel.marginals[0], shares, atol=1e-6)
        assert not model.kernel.marginals[model.denoiser.variables.padding].any()


def test_the_marginal_kernel_learns(tmp_path: Path) -> None:
    trainer = make(TrainingConfig(steps=200, requests=32, kernel="marginal"))
    log = tmp_path / "log.jsonl"
    trainer.run(log=log)
    first, last = (json.loads(line)["loss"] for line in log.read_text("utf-8").splitlines())
    assert last < 0.95 * first


def test_one_request_per_step() -> None:
    """Now and then nothing meets the only request of a step; another one is asked then."""
    trainer = make(TrainingConfig(steps=40, requests=1))
    seen: list[float] = []
    assert trainer.run(progress=lambda _step, _steps, loss: seen.append(loss))
    assert np.isfinite(seen).all()
    numbers = [np.random.default_rng((0, step)) for step in range(40)]
    for rng in numbers:
        rng.integers(2**63)  # as a step does for torch
    assert any(not len(trainer.sampler.draw(1, rng).request) for rng in numbers)


def test_a_state_of_another_model() -> None:
    state = brief_weights("absorbing")
    for broken in (
        {name: tensor for name, tensor in state.items() if name != "step"},
        {name: tensor for name, tensor in state.items() if name != "weights.null"},
        state | {"weights.null": state["weights.null"][:1]},
    ):
        with pytest.raises((KeyError, RuntimeError)):
            make().restore(broken)
