"""Ask and tell: limits are kept, nothing is proposed twice, the same answers give the same questions."""

from __future__ import annotations

from typing import Any

import pytest

import dinas_cli
from dinas_cli.errors import UnsatisfiedError, UsageProblem
from tests.support.bundled import needs_weights

pytestmark = needs_weights


def depth(record: dinas_cli.Record) -> float:
    """A made-up metric: convolutions count, pools count against."""
    return record.genotype.count("conv_3x3") - 0.5 * record.genotype.count("pool")


def searched(seed: int = 0, count: int = 16, **limits: Any) -> list[dinas_cli.Record]:
    study = dinas_cli.Study("nasbench201", trials=16, seed=seed, **limits)
    found = []
    for _ in range(count):
        (record,) = study.ask()
        study.tell(record, depth(record))
        found.append(record)
    return found


def test_a_search_keeps_limits_and_repeats_itself() -> None:
    found = searched(latency="3ms", device="fpga")
    assert len({record.id for record in found}) == 16
    assert all(record.metrics["latency/fpga@cifar10"].value <= 3 for record in found)
    assert [record.provenance["proposed"] for record in found[:8]] == ["transfer", "transfer", "random"] * 2 + [
        "transfer",
        "transfer",
    ]
    assert {record.provenance["proposed"] for record in found[8:]} == {"model"}
    assert [record.id for record in searched(latency="3ms", device="fpga")] == [record.id for record in found]
    assert [record.id for record in searched(seed=1, count=3)][:2] != [record.id for record in found][:2]


def test_limits_on_several_devices() -> None:
    limits: dict[str, Any] = {"latency": {"pixel3": "20ms", "fpga": "4ms"}, "limits": {"energy": {"fpga": "20mJ"}}}
    for record in searched(count=3, **limits):
        found = {column: metric.value for column, metric in record.metrics.items()}
        assert found["latency/pixel3@cifar10"] <= 20
        assert found["latency/fpga@cifar10"] <= 4
        assert found["energy/fpga@cifar10"] <= 20


def test_the_model_learns_what_is_told() -> None:
    found = [depth(record) for record in searched(count=24)]
    assert max(found[8:]) == 6
    assert sum(found[8:]) / 16 > sum(found[:8]) / 8


def test_what_is_asked_together_differs_and_is_not_asked_again() -> None:
    study = dinas_cli.Study("transnas-macro", trials=8)
    first = study.ask(6)
    for record in first[:4]:
        study.tell(record, 1.0 + record.genotype.count("1"))
    second = study.ask(4)
    assert len({record.id for record in [*first, *second]}) == 10


def test_failures_and_networks_trained_before_are_told_too() -> None:
    assert dinas_cli.Study().best is None
    study = dinas_cli.Study(trials=4, minimise=True)
    known = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"
    study.tell(known, 0.25)
    (failed,) = study.ask()
    study.tell(failed, None)
    (other,) = study.ask()
    study.tell(other, 0.5)
    assert study.best is not None
    assert study.best[0].genotype == known
    assert study.best[1] == 0.25
    assert len({record.id for record in (failed, other, study.best[0], *study.ask(3))}) == 6
    assert study.enough() == ""


def test_what_cannot_be_told_or_met_is_refused() -> None:
    study = dinas_cli.Study(trials=4)
    with pytest.raises(UsageProblem, match="no finite number"):
        study.tell("301004", float("nan"))
    with pytest.raises(UsageProblem, match="not a number"):
        study.tell("301004", "0.9")  # type: ignore[arg-type]
    with pytest.raises(UsageProblem, match="trials=0"):
        dinas_cli.Study(trials=0)
    with pytest.raises(UnsatisfiedError, match="no architecture"):
        dinas_cli.Study(latency="0.001ms", device="fpga")
