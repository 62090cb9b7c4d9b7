"""Units that cannot be right: seconds and microseconds that were taken for milliseconds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dinas_cli.oracles.device import Device
from dinas_cli.oracles.plausible import likelier_unit
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.settings import setting_of
from tests.support.bundled import SURROGATE, needs_weights
from tests.support.devices_made_up import device


def scaled(factor: float, metric: str = "latency", batch: int | None = None) -> Device:
    one = replace(device(), metric=metric, setting=setting_of(SPACE, None, "cifar10", batch))
    pairs = tuple((genotype, None if cost is None else factor * cost) for genotype, cost in one.measurements)
    return replace(one, measurements=pairs)


@pytest.mark.parametrize("metric", ["latency", "energy"])
def test_a_thousand_times_off_is_noticed(metric: str) -> None:
    small, large = ("us", "s") if metric == "latency" else ("uJ", "J")
    assert likelier_unit(scaled(1, metric)) is None
    assert likelier_unit(scaled(1e-3, metric)) == large
    assert likelier_unit(scaled(1e3, metric)) == small


def test_slow_boards_fast_ones_and_batches_are_plausible() -> None:
    assert likelier_unit(scaled(30)) is None
    assert likelier_unit(scaled(1 / 20)) is None
    assert likelier_unit(scaled(256, batch=256)) is None
    assert likelier_unit(scaled(1, batch=256)) is None
    assert likelier_unit(scaled(256)) is None


@needs_weights
def test_all_shipped_devices_are_plausible() -> None:
    """In their own unit, and not a thousand times smaller."""
    surrogate = Surrogate.load(SURROGATE)
    rows = SPACE.reference()[::300]
    for column in (column for column in surrogate.columns() if column.startswith(("latency/", "energy/"))):
        metric, dataset = column.partition("/")[0], column.partition("@")[2] or "cifar10"
        costs = surrogate.predict(rows, column)
        one = replace(device(), metric=metric, setting=setting_of(SPACE, None, dataset))
        for factor, unit in ((1.0, None), (1e-3, "s" if metric == "latency" else "J")):
            pairs = tuple((SPACE.decode(row), factor * float(cost)) for row, cost in zip(rows, costs, strict=True))
            assert likelier_unit(replace(one, measurements=pairs)) == unit, column


def test_nothing_is_said_where_work_is_not_counted(toy: Space) -> None:
    cells = [toy.decode(row) for row in toy.reference()[:20].tolist()]
    pairs = tuple((cell, 1e-9 * (1 + place)) for place, cell in enumerate(cells))
    assert likelier_unit(Device("mine", "toy", "latency", None, pairs)) is None
