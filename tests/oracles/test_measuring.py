"""Measuring on torch's devices: energy by a counter, and what torch cannot run."""

from __future__ import annotations

import time

import pytest
import torch
from torch import Tensor, nn

from dinas_cli.errors import DinasError, NotFoundError
from dinas_cli.oracles.measuring import energy, latency, setting_here
from dinas_cli.spaces.shared.protocol import Space
from tests.support import toy as toys

CELL = (1,) * 7


@pytest.fixture(autouse=True)
def _registered(toy: Space) -> None:
    """All tests here may use the toy."""


class OneWatt:
    """A machine that takes one watt, whatever it does: energies in mJ are times in ms."""

    name = "a counter"

    def read(self) -> tuple[float, ...]:
        return (1e3 * time.perf_counter(),)

    def since(self, before: tuple[float, ...]) -> float:
        return self.read()[0] - before[0]


class Broken(OneWatt):
    """A counter that stands still, as some virtual machines have."""

    def since(self, before: tuple[float, ...]) -> float:
        return 0.0


def test_energy_is_that_of_a_call() -> None:
    seen = 0

    class Counting(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            nonlocal seen
            seen += 1
            time.sleep(0.002)
            return x

    class Sleepy:
        """The toy, whose networks only wait."""

        def __getattr__(self, name: str) -> object:
            return getattr(toys.SPACE, name)

        def build(self, values: object, dataset: object = None) -> nn.Module:
            return Counting()

    space: Space = Sleepy()  # type: ignore[assignment]
    setting = setting_here(toys.SPACE, "hard", None, 2)
    used = energy(space, CELL, setting, OneWatt(), seconds=0.1)
    assert 2.0 <= used < 20.0, "2 ms and what waking up takes"
    assert seen >= 3
    seen = 0
    energy(space, CELL, setting, OneWatt(), seconds=0.0)
    assert seen == 3, "two calls of warm-up are not counted, one is"


def test_larger_batches_take_more_energy() -> None:
    small, large = (
        energy(toys.SPACE, CELL, setting_here(toys.SPACE, "hard", None, size), OneWatt(), seconds=0.03)
        for size in (1, 512)
    )
    assert 0 < small < large


def test_threads_of_the_caller_stay() -> None:
    before = torch.get_num_threads()
    energy(toys.SPACE, CELL, setting_here(toys.SPACE, "hard", None, 1, 3), OneWatt(), 3, seconds=0.01)
    assert torch.get_num_threads() == before


def test_a_counter_that_stands_still() -> None:
    with pytest.raises(DinasError, match=r"^a counter counted no energy in 0\.01 s$"):
        energy(toys.SPACE, CELL, setting_here(toys.SPACE, "hard"), Broken(), seconds=0.01)


def test_settings_name_gpus_that_are_here_only() -> None:
    if torch.cuda.is_available():
        assert ", on cuda (" in setting_here(toys.SPACE, "hard", device="cuda").run
    else:
        with pytest.raises(NotFoundError, match="torch finds no cuda device here"):
            setting_here(toys.SPACE, "hard", device="cuda")


def test_every_call_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU's work is done later than its call returns; what stands for it here is told what happened when."""
    happened: list[str] = []
    network = type(toys.SPACE.build(CELL, "hard"))
    forward = network.forward

    def run(self: nn.Module, *inputs: Tensor) -> Tensor:
        happened.append("call")
        return forward(self, *inputs)

    monkeypatch.setattr(network, "forward", run)
    monkeypatch.setattr(torch.cpu, "synchronize", lambda: happened.append("wait"))
    latency(toys.SPACE, CELL, setting_here(toys.SPACE, "hard"), seconds=0.01)
    energy(toys.SPACE, CELL, setting_here(toys.SPACE, "hard"), OneWatt(), seconds=0.01)
    assert happened == ["call", "wait"] * (len(happened) // 2)
    assert len(happened) > 4


def test_what_torch_cannot_run_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: nn.Module, *inputs: Tensor) -> Tensor:
        raise RuntimeError("out of memory.\nTried to allocate")

    monkeypatch.setattr(type(toys.SPACE.build(CELL, "hard")), "forward", fail)
    with pytest.raises(DinasError, match=r"^torch cannot run the network on cpu: out of memory\. Tried to allocate$"):
        latency(toys.SPACE, CELL, setting_here(toys.SPACE, "hard"), seconds=0.01)
