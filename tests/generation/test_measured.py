"""Measuring what is evaluated: which network, in which column, and that limits are checked against it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.generation import measured
from dinas_cli.generation.evaluate import Evaluation, evaluate
from dinas_cli.generation.measured import COLUMN, Measuring
from dinas_cli.generation.summary import Summary
from dinas_cli.oracles import devices
from dinas_cli.oracles.device import Device
from dinas_cli.oracles.lookup import Selection
from dinas_cli.oracles.measuring import Latency
from dinas_cli.oracles.torch_devices import device_of
from dinas_cli.spaces.darts.space import SPACE as DARTS
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.protocol import Space, Values
from dinas_cli.spaces.shared.settings import Setting
from dinas_cli.spaces.shared.skeletons import Skeleton
from tests.support.bundled import needs_weights
from tests.support.devices_made_up import device

pytestmark = needs_weights

SMALL = Skeleton("cifar", channels=4, cells=1, classes=10, image_size=16)
RUN = "float32, channels last, 2 CPU threads, torch 2"
CELL = "301004"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Values, Setting, int]]:
    """A clock by which every network takes 4 ms; it keeps what was timed."""
    seen: list[tuple[Values, Setting, int]] = []

    def latency(space: Space, values: Values, setting: Setting, threads: int, device: str) -> Latency:
        assert device == device_of(setting)
        seen.append((values, setting, threads))
        return Latency(4.0, 0.4, 30)

    monkeypatch.setattr(measured, "latency", latency)
    return seen


def own_device(setting: Setting | None) -> Device:
    made = replace(device("box", "cifar10"), setting=setting)
    devices.save(made)
    return made


def asked(limit: float, device: str = "box", rank: Rank | None = None) -> Record:
    request = Request("nasbench201", "cifar10", rank, None, (Budget("latency", limit, device),))
    return Record("", "nasbench201", CELL, request=request.to_dict())


def run(record: Record, measuring: Measuring | None = None, selection: Selection | None = None) -> Evaluation:
    return evaluate([record], oracles_at_hand(SPACE), selection or Selection(), measuring or Measuring())


def test_the_network_of_the_device_that_was_asked_for(clock: list[tuple[Values, Setting, int]]) -> None:
    own_device(Setting(SMALL, "cifar10", 3, run=RUN))
    result = run(asked(3.9))
    (record,) = result.records
    (_, setting, threads) = clock[0]
    assert (setting.network, setting.dataset, setting.batch, threads) == (SMALL, "cifar10", 3, 2)
    names = list(record.metrics)
    assert names[names.index("latency/box@cifar10") + 1] == COLUMN == "latency/this-machine"
    about = {"device": "this-machine", "dataset": "cifar10", "spread": 0.4, "runs": 30}
    assert record.metrics[COLUMN] == Metric(4.0, "ms", "measured", about)
    assert Setting.from_dict(SPACE, record.networks[COLUMN]) == setting
    assert record.metrics["latency/box@cifar10"].source == "surrogate"
    assert record.provenance["satisfies"] is False
    assert result.measured[0].elsewhere is None


@pytest.mark.parametrize(("limit", "kept"), [(3.9, False), (4.0, True), (1e6, True)])
def test_limits_are_checked_against_the_measurement(
    clock: list[tuple[Values, Setting, int]], limit: float, kept: bool
) -> None:
    own_device(Setting(SMALL, "cifar10", run=RUN))
    predicted = evaluate([asked(limit)], oracles_at_hand(SPACE), Selection()).records[0]
    value = predicted.metrics["latency/box@cifar10"].value
    assert predicted.provenance["satisfies"] is (value <= limit)
    result = run(asked(limit))
    assert result.records[0].provenance["satisfies"] is kept
    summary = Summary(SPACE)
    summary.note(result)
    ratio = 4.0 / value
    assert summary.measured_line() == (
        f"as measured here: {int(kept)} of 1 keep their limit; "
        f"measured / predicted: median {ratio:.3g} ({ratio:.3g} to {ratio:.3g})"
    )


def test_the_rest_of_a_request_still_counts(clock: list[tuple[Values, Setting, int]]) -> None:
    own_device(Setting(SMALL, "cifar10", run=RUN))
    best, worst = asked(100.0, rank=Rank("acc", 100.0)), asked(100.0, rank=Rank("acc", 0.5))
    assert run(best).records[0].provenance["satisfies"] is True
    assert run(worst).records[0].provenance["satisfies"] is False
    heavy = replace(best, request=best.request | {"budgets": [{"metric": "params", "limit": 1000.0}]})
    assert run(heavy).records[0].provenance["satisfies"] is False


def test_options_win(clock: list[tuple[Values, Setting, int]]) -> None:
    own_device(Setting(SMALL, "cifar10", 3, run=RUN))
    run(asked(5.0), Measuring(batch=7, threads=1, sizes={"channels": 6}))
    run(asked(5.0), Measuring("own"))
    (_, first, threads), (_, second, _) = clock
    assert (first.network.channels, first.network.cells, first.batch, threads) == (6, 1, 7, 1)
    assert (second.network.name, second.batch) == ("own", 3)


def test_without_a_device_the_benchmarks_own(clock: list[tuple[Values, Setting, int]]) -> None:
    result = run(Record("", "nasbench201", CELL))
    (_, setting, threads) = clock[0]
    assert (setting.network.name, setting.batch, setting.dataset, threads) == ("own", 1, "cifar10", 1)
    assert list(result.records[0].metrics)[-1] == COLUMN
    summary = Summary(SPACE)
    summary.note(result)
    assert summary.measured_line() is None


def test_a_record_brings_the_network_of_a_device_that_is_not_here(clock: list[tuple[Values, Setting, int]]) -> None:
    made = replace(
        asked(5.0),
        networks={"latency/box@cifar10": Setting(SMALL, "cifar10", 2, run=RUN).to_dict()},
        metrics={"latency/box@cifar10": Metric(2.0, "ms", "surrogate")},
    )
    result = run(made)
    assert (clock[0][1].network.channels, clock[0][1].batch, clock[0][2]) == (4, 2, 2)
    assert result.measured[0].predicted == 2.0
    assert result.measured[0].kept
    assert result.unjudged  # the device is not here, so its limit is not known as a whole


def test_other_machines_are_told(clock: list[tuple[Values, Setting, int]]) -> None:
    summary = Summary(SPACE)
    summary.note(run(asked(5.0, "fpga")))
    assert summary.elsewhere == {"fpga"}


def test_the_gpu_of_the_device_that_was_asked_for(clock: list[tuple[Values, Setting, int]]) -> None:
    """On the same device of torch or not at all, unless an option says otherwise: that is another device, and told."""
    own_device(Setting(SMALL, "cifar10", 3, run="float32, channels last, on cuda (H100), 1 CPU thread, torch 2"))
    if not torch.cuda.is_available():
        with pytest.raises(NotFoundError, match="torch finds no cuda device here"):
            run(asked(5.0))
    result = run(asked(5.0), Measuring(torch_device="cpu"))
    assert "cuda" not in clock[-1][1].run
    assert (clock[-1][1].network, result.measured[0].elsewhere) == (SMALL, "box")


def test_costs_of_one_input_and_equal_networks_once(clock: list[tuple[Values, Setting, int]]) -> None:
    """The default device of darts tells milliseconds per image of a batch of 4."""
    genotype = DARTS.decode(DARTS.draw(1, 0)[0].tolist())
    twice = [Record("", "darts", genotype)] * 2
    result = evaluate(twice, oracles_at_hand(DARTS), Selection(), Measuring())
    assert [record.metrics[COLUMN].value for record in result.records] == [1.0, 1.0]
    assert (len(clock), clock[0][1].batch, clock[0][1].per_input) == (1, 4, True)


def test_nothing_is_made_up(clock: list[tuple[Values, Setting, int]]) -> None:
    with pytest.raises(UsageProblem, match="takes no --channels"):
        run(Record("", "nasbench201", CELL), Measuring(sizes={"channels": 8}))
    with pytest.raises(UsageProblem, match="calls its columns"):
        devices.save(device("this-machine"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"chanels": 4}, "'chanels' is not understood"),
        ({"threads": 0}, "threads=0 is outside 1 to 1024"),
        ({"batch": "2"}, "batch='2' is not a whole number"),
        ({"skeleton": 3}, "skeleton=3 is not a text"),
        ({"torch_device": 0}, "torch_device=0 is not a text"),
    ],
)
def test_options_from_python(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        Measuring.of(options)
    made = Measuring.of({"skeleton": "cifar", "cells": 2, "threads": 3, "torch_device": "cpu"})
    assert made == Measuring("cifar", {"cells": 2}, None, 3, "cpu")
