"""``dinas_cli.front``: the command's front, in Python."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

import dinas_cli
from tests.conftest import Cli
from tests.support.bundled import needs_weights

pytestmark = needs_weights
COLUMNS = "acc@cifar10", "latency/fpga@cifar10"


def test_it_is_what_the_command_says(cli: Cli) -> None:
    found = dinas_cli.front(of="acc,latency/fpga", params="500k")
    told = cli("front", "--of", "acc,latency/fpga", "--params", "500k", "--json", "-q").out.splitlines()
    assert [record.id for record in found] == [json.loads(line)["id"] for line in told]
    points = [tuple(record.metrics[column].value for column in COLUMNS) for record in found]
    assert all(first[0] < second[0] and first[1] < second[1] for first, second in pairwise(points))
    assert sum(record.provenance["knee"] for record in found) == 1


def test_of_records() -> None:
    records = dinas_cli.generate(device="fpga", n=40, seed=3)
    found = dinas_cli.front(architectures=records, of=["acc", "latency/fpga"])
    assert {record.id for record in found} < {record.id for record in records}
    for record in records:
        acc, cost = (record.metrics[column].value for column in COLUMNS)
        better = [r for r in found if r.metrics[COLUMNS[0]].value >= acc and r.metrics[COLUMNS[1]].value <= cost]
        assert better, "everything is on the front or dominated"


def test_what_makes_no_sense() -> None:
    with pytest.raises(dinas_cli.DinasError, match="accc"):
        dinas_cli.front(of="accc,params")
    with pytest.raises(dinas_cli.DinasError, match="is not a text"):
        dinas_cli.front(of=["acc", 3])  # type: ignore[list-item]
    with pytest.raises(dinas_cli.DinasError, match="n=0 is outside"):
        dinas_cli.front(n=0)
    with pytest.raises(dinas_cli.DinasError, match="of=5 is not a text"):
        dinas_cli.front(of=5)  # type: ignore[arg-type]
    with pytest.raises(dinas_cli.DinasError, match="confidence='x' is not a number"):
        dinas_cli.front(confidence="x")  # type: ignore[arg-type]
    with pytest.raises(dinas_cli.DinasError, match=r"5 \(int\) is no architecture"):
        dinas_cli.front(architectures=5)  # type: ignore[arg-type]
    with pytest.raises(dinas_cli.DinasError, match="n is for the front of a space"):
        dinas_cli.front("nasbench201", architectures=["333132", "333133"], n=3)
