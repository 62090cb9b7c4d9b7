"""The JSON Schema and the reader of records accept and refuse the same."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dinas_cli.architectures.json_schema import record_schema
from dinas_cli.architectures.schema import SCHEMA, SOURCES, RecordError, from_dict
from tests.conftest import Cli

jsonschema = pytest.importorskip("jsonschema")

VALIDATOR = jsonschema.Draft202012Validator(record_schema())
LEAST = {"schema": SCHEMA, "space": "s", "genotype": "g"}
METRIC = {"value": 1.5, "unit": "%", "source": "table"}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def mostly(usual: Any) -> st.SearchStrategy[Any]:
    """What a member should be, or anything."""
    return usual | ANYTHING


METRICS = st.fixed_dictionaries(
    {},
    optional={
        "value": mostly(st.floats(allow_nan=False, allow_infinity=False) | st.none()),
        "unit": mostly(st.just("ms")),
        "source": mostly(st.sampled_from(SOURCES)),
        "bound": ANYTHING,
    },
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "schema": mostly(st.just(SCHEMA)) | st.just(SCHEMA),
        "space": mostly(st.just("s")) | st.just("s"),
        "genotype": mostly(st.just("g")) | st.just("g"),
        "id": mostly(st.just("")),
        "metrics": mostly(st.dictionaries(st.text(max_size=3), METRICS, max_size=2)),
        "networks": mostly(st.just({})),
        "request": mostly(st.just({})),
        "provenance": mostly(st.just({})),
        "other": ANYTHING,
    },
)


def reads(data: Any) -> bool:
    try:
        from_dict(data)
    except RecordError:
        return False
    return True


@given(RECORDS | RECORDS.map(lambda record: LEAST | record) | ANYTHING)
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_both_agree(data: Any) -> None:
    assert reads(data) == VALIDATOR.is_valid(data)


@pytest.mark.parametrize(
    ("change", "fine"),
    [
        ({}, True),
        ({"id": None, "metrics": None, "request": None, "more": [1]}, True),
        ({"metrics": {"acc": METRIC, "ppl": {"value": None}}}, True),
        ({"metrics": {"acc": METRIC | {"value": 7, "bound": "at least", "kendall_tau": 0.9}}}, True),
        ({"metrics": {"acc": METRIC | {"value": True}}}, False),
        ({"metrics": {"acc": METRIC | {"value": math.inf}}}, False),
        ({"metrics": {"acc": METRIC | {"value": 10**400}}}, False),
        ({"metrics": {"acc": METRIC | {"source": "guess"}}}, False),
        ({"metrics": {"acc": {"unit": "%", "source": "table"}}}, False),
        ({"metrics": {"acc": {"value": 1.0, "source": "table"}}}, False),
        ({"metrics": {"acc": 5}}, False),
        ({"space": ""}, False),
        ({"genotype": None}, False),
        ({"schema": "dinas/architecture@2"}, False),
        ({"id": 5}, False),
        ({"networks": []}, False),
    ],
)
def test_cases(change: dict[str, Any], fine: bool) -> None:
    assert (reads(LEAST | change), VALIDATOR.is_valid(LEAST | change)) == (fine, fine)


def test_command(cli: Cli) -> None:
    result = cli("schema")
    assert (result.code, result.err) == (0, "")
    printed = json.loads(result.out)
    jsonschema.Draft202012Validator.check_schema(printed)
    assert printed == record_schema()


def test_what_is_written_is_valid(cli: Cli) -> None:
    result = cli("eval", "301004", "--space", "nasbench201", "--metrics", "params,macs", "--json")
    assert result.code == 0, result.err
    assert VALIDATOR.is_valid(json.loads(result.out))
