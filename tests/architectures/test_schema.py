"""The record format: round trip and strictness."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from dinas_cli.architectures.schema import (
    SCHEMA,
    Metric,
    Record,
    RecordError,
    from_dict,
    from_json,
    to_json_line,
)

RECORD = Record(
    id="nb201-0123456789ab",
    space="nasbench201",
    genotype="301004",
    metrics={
        "acc@cifar10": Metric(91.5, "%", "table", {"dataset": "cifar10"}),
        "latency/fpga": Metric(2.0, "ms", "surrogate", {"kendall_tau": 0.93}),
    },
    request={"space": "nasbench201", "rank": {"metric": "acc", "top": 5.0}},
    provenance={"seed": 0, "index": 3},
)


def test_round_trip() -> None:
    line = to_json_line(RECORD)
    assert "\n" not in line
    assert from_json(line) == RECORD
    data = json.loads(line)
    assert list(data) == ["schema", "id", "space", "genotype", "metrics", "request", "provenance"]
    assert data["metrics"]["latency/fpga"] == {"value": 2.0, "unit": "ms", "source": "surrogate", "kendall_tau": 0.93}


def test_missing_value_is_null_and_reads_as_absent() -> None:
    record = Record("", "nasbench201", "301004", {"acc": Metric(math.nan, "%", "table")})
    assert json.loads(to_json_line(record))["metrics"]["acc"]["value"] is None
    assert from_json(to_json_line(record)).metrics == {}


def test_least_record() -> None:
    assert from_dict({"schema": SCHEMA, "space": "s", "genotype": "g"}) == Record("", "s", "g")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": "dinas/architecture@2"}, "unknown schema 'dinas/architecture@2'"),
        ({"schema": None}, "unknown schema None"),
        ({"space": ""}, "no member 'space'"),
        ({"genotype": 5}, "member 'genotype' is a number"),
        ({"id": []}, "member 'id' is a list"),
        ({"metrics": []}, "member 'metrics' is a list"),
        ({"request": "top5"}, "member 'request' is a text"),
        ({"metrics": {"acc": 5}}, "metric 'acc' is a number, not an object"),
        ({"metrics": {"acc": {"unit": "%", "source": "table"}}}, "no number as its 'value'"),
        ({"metrics": {"acc": {"value": True, "unit": "%", "source": "table"}}}, "no number as its 'value'"),
        ({"metrics": {"acc": {"value": 1, "source": "table"}}}, "has no 'unit'"),
        ({"metrics": {"acc": {"value": 1, "unit": "%", "source": "guess"}}}, "source 'guess', not one of table"),
        ({"metrics": {"acc": {"value": 10**400, "unit": "%", "source": "table"}}}, "out of range"),
    ],
)
def test_refused_members(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RecordError, match=message):
        from_dict({**RECORD.to_dict(), **change})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"schema": ', "not JSON: .* at column"),
        ('{"schema": NaN}', "NaN is not JSON"),
        ("[1]", "a record is a JSON object, not a list"),
        ("null", "not null"),
        ('{"space": "nasbench201"}', "no member 'schema'"),
        ("[" * 100_000, "nested more than 64 levels deep"),
        ("1" * 5000, "not JSON that can be read"),
    ],
)
def test_refused_texts(text: str, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        from_json(text)
