"""Several devices in one request: sampled, checked, written and looked up together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import dinas_cli
from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.generation.generate import generate
from dinas_cli.generation.judge import Judge
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.conftest import Cli
from tests.support.bundled import guess, needs_weights, quantile

pytestmark = needs_weights
COLUMNS = "latency/pixel3@cifar10", "latency/fpga@cifar10"


def test_every_device_has_its_limit_and_its_column(cli: Cli) -> None:
    limits = [quantile(column, 0.5) for column in COLUMNS]
    words = [f"--latency={device}={limit}ms" for device, limit in zip(("pixel3", "fpga"), limits, strict=True)]
    result = cli("generate", "--acc", "top10", *words, "-n", "8", "--json")
    assert result.code == 0
    found = [json.loads(line)["metrics"] for line in result.out.splitlines()]
    assert len(found) == 8
    for metrics in found:
        assert [metrics[column]["value"] <= limit for column, limit in zip(COLUMNS, limits, strict=True)] == [True] * 2
        assert {"energy/fpga@cifar10"} < set(metrics)
    budgets = json.loads(result.out.splitlines()[0])["request"]["budgets"]
    assert [(each["device"], each["limit"]) for each in budgets] == list(zip(("pixel3", "fpga"), limits, strict=True))


def test_python_says_the_same() -> None:
    by_device = dinas_cli.generate(acc="top10", latency={"pixel3": "10ms", "fpga": "4ms"}, n=4)
    options = dinas_cli.generate(acc="top10", latency=["pixel3=10ms", "fpga=4ms"], n=4)
    assert [record.id for record in by_device] == [record.id for record in options]
    assert {"latency/pixel3@cifar10", "latency/fpga@cifar10"} <= set(by_device[0].metrics)
    both = dinas_cli.evaluate(by_device[0], device=["raspi4", "eyeriss"], metrics="latency")[0]
    assert set(both.metrics) == {"latency/raspi4@cifar10", "latency/eyeriss@cifar10"}


def test_sampling_heeds_both() -> None:
    """Of raw samples, more keep both limits than where the generator is told one of them."""
    limits = (
        Budget("latency", quantile(COLUMNS[0], 0.3), "pixel3"),
        Budget("latency", quantile(COLUMNS[1], 0.3), "fpga"),
    )
    both = Judge(guess(), Request(SPACE.name, "cifar10", budgets=limits)).reference_satisfied
    kept = []
    for told in (limits, limits[:1]):
        request = Request(SPACE.name, "cifar10", Rank("acc", 20.0), budgets=told)
        rows = [SPACE.key(record.values or ()) for record in generate(request, 48, confidence=0.5).records]
        kept.append(float(np.mean(both[rows])))
    assert kept[0] == 1.0
    assert kept[1] < 1.0


def test_more_limits_than_the_generator_heeds_are_all_checked(cli: Cli) -> None:
    result = cli("generate", "--acc", "top20", "--device", "all", "--latency", "1.2x", "-n", "4", "--json")
    assert result.code == 0
    assert "21 of the limits on latency, the widest, are checked only" in result.err
    reference = {
        column: float(np.nanmedian(guess().reference(column)))
        for column in guess().columns()
        if column.startswith("latency/") and (column.endswith("@cifar10") or "@" not in column)
    }
    assert len(reference) == 24
    for line in result.out.splitlines():
        metrics = json.loads(line)["metrics"]
        assert all(metrics[column]["value"] <= 1.2 * median for column, median in reference.items())


def test_eval_puts_devices_side_by_side(cli: Cli, tmp_path: Path) -> None:
    result = cli("eval", "301004", "-s", "nasbench201", "-m", "latency,energy", "--device", "all")
    header = result.out.splitlines()[0].split("\t")
    assert sum(name.startswith("latency/") for name in header) == 24
    assert sum(name.startswith("energy/") for name in header) == 3
    two = cli("eval", "301004", "-s", "nasbench201", "-m", "latency", "--device", "fpga", "--device", "raspi4")
    assert [name for name in two.out.split("\n")[0].split("\t") if "/" in name] == [
        "latency/fpga@cifar10",
        "latency/raspi4@cifar10",
    ]


@pytest.mark.parametrize("value", [3, {"pixel3": 3}, ["3ms", 4]])
def test_what_python_does_not_take(value: object) -> None:
    with pytest.raises(dinas_cli.DinasError, match="is not a text"):
        dinas_cli.generate(latency=value)  # type: ignore[arg-type]
