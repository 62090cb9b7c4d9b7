"""Fronts of records: their own values, what is looked up, and what takes no part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dinas_cli.architectures.conditions import Request
from dinas_cli.architectures.schema import Metric, Record
from dinas_cli.errors import DinasError, NotFoundError, UnsatisfiedError, UsageProblem
from dinas_cli.generation.arguments import as_record, request_from
from dinas_cli.generation.front_of_records import default_of, front_of_records
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.bundled import needs_weights

ANY = Request("nasbench201", "cifar10")


def made(acc: float, latency: float | None, number: int, source: str = "measured") -> Record:
    values = SPACE.reference()[number].tolist()
    metrics = {"acc@cifar10": Metric(acc, "%", "table")}
    if latency is not None:
        metrics["latency/fpga@cifar10"] = Metric(latency, "ms", source)
    return Record(f"r{number}", "nasbench201", SPACE.decode(values), metrics, values=tuple(values))


RECORDS = [made(90, 3, 1), made(91, 5, 2), made(89, 4, 3), made(80, 1, 4)]


def test_their_own_values_decide() -> None:
    found = front_of_records(RECORDS, ["acc", "latency"], ANY)
    assert [record.id for record in found.records] == ["r4", "r1", "r2"]
    assert [record.id for record in found.dominated] == ["r3"]
    assert found.compared == 4
    assert default_of(SPACE, RECORDS, ()) == ("acc", "latency/fpga@cifar10")


def test_limits_leave_records_out() -> None:
    request = request_from("nasbench201", latency="4ms", device="fpga")
    found = front_of_records(RECORDS, ["acc", "latency/fpga"], request)
    assert [record.id for record in found.records] == ["r4", "r1"]
    assert found.notes == ["1 of 4 records are beyond a limit"]
    with pytest.raises(UnsatisfiedError, match="none of 4 records"):
        front_of_records(RECORDS, ["acc", "latency"], request_from("nasbench201", latency="0.5ms", device="fpga"))
    with pytest.raises(DinasError, match="at least two architectures"):
        front_of_records(RECORDS, ["acc", "latency"], request_from("nasbench201", latency="1ms", device="fpga"))


def test_missing_values_and_mixed_sources_are_said() -> None:
    found = front_of_records([*RECORDS, made(95, None, 5), made(70, 0.5, 6, "surrogate")], ["acc", "latency"], ANY)
    assert "r5" not in {record.id for record in found.records}
    assert found.notes == [
        "1 of 6 records lack a value and take no part (dinas eval - --json looks them up)",
        "values of latency/fpga@cifar10 are of several sources: 4 measured, 1 surrogate",
    ]


@needs_weights
def test_what_no_record_has_is_looked_up() -> None:
    found = front_of_records(RECORDS, ["acc", "params"], ANY)
    assert all(record.metrics["params@cifar10"].source == "computed" for record in found.records)
    two = front_of_records(RECORDS, ["acc", "latency"], ANY, ["fpga", "pixel3"])
    assert [each.column for each in two.objectives][1:] == ["latency/fpga@cifar10", "latency/pixel3@cifar10"]
    assert {record.metrics["latency/fpga@cifar10"].source for record in two.records} == {"measured"}
    assert {record.metrics["latency/pixel3@cifar10"].source for record in two.records} == {"surrogate"}


def test_what_is_no_front() -> None:
    other = replace(as_record("|nor_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|", "nasbench201"), space="darts")
    with pytest.raises(UsageProblem, match="of one space, and these records are 4 of nasbench201, 1 of darts"):
        front_of_records([*RECORDS, other], ["acc", "latency"], ANY)
    with pytest.raises(DinasError, match="no architectures"):
        front_of_records([], ["acc", "latency"], ANY)
    with pytest.raises(DinasError, match="at least two architectures, and here is one"):
        front_of_records(RECORDS[:1], ["acc", "latency"], ANY)
    with pytest.raises(UsageProblem, match="a rank is among a whole space"):
        front_of_records(RECORDS, ["acc", "latency"], request_from("nasbench201", acc="top5"))
    several = [
        replace(record, metrics={**record.metrics, "latency/pixel3@cifar10": Metric(1.0, "ms", "measured")})
        for record in RECORDS
    ]
    with pytest.raises(UsageProblem, match="latency of the records may be latency/fpga@cifar10 or latency/pixel3"):
        front_of_records(several, ["acc", "latency"], ANY)
    alternating = [made(90, 1, 1), made(91, None, 2)]
    alternating[0].metrics.pop("acc@cifar10")
    with pytest.raises(NotFoundError, match="no record has values of all"):
        front_of_records(alternating, ["acc", "latency"], ANY)
