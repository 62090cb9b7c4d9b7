"""Lists where records and genotypes have none: what is wrong is said, not what Python made of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dinas_cli.architectures.conditions import Request
from dinas_cli.architectures.records import parse_line
from dinas_cli.architectures.schema import SCHEMA, RecordError
from dinas_cli.errors import GenotypeError, UsageProblem
from dinas_cli.spaces.darts.space import SPACE as DARTS
from dinas_cli.spaces.nasbench201.space import SPACE

REQUESTS: dict[str, Any] = {
    "number 2 of 'budgets' is a list, not an object": {"budgets": [{"metric": "macs", "limit": 1}, ["macs", 1]]},
    "number 1 of 'budgets' is a list, not an object": {"budgets": [[{"metric": "macs", "limit": 1}]]},
    "'budgets' is an object, not a list": {"budgets": {"metric": "macs", "limit": 1}},
    "'rank' is a list, not an object": {"rank": ["acc", 5]},
    "'floor' is a number, not an object": {"floor": 90},
    "unknown member 'share'": {"rank": {"metric": "acc", "top": 5, "share": 1}},
}


@pytest.mark.parametrize("message", REQUESTS)
def test_requests(message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        Request.from_dict({"space": SPACE.name, **REQUESTS[message]})
    assert caught.value.message == f"a record's request cannot be read: {message}"


def test_a_list_of_records_is_no_record() -> None:
    record = {"schema": SCHEMA, "space": SPACE.name, "genotype": "301004"}
    for wanted in (None, SPACE, DARTS):
        with pytest.raises(RecordError, match="a record is a JSON object, not a list"):
            parse_line(json.dumps([record, record]), wanted)


def test_pairs_by_node() -> None:
    pairs = [("skip_connect", 0), ("sep_conv_3x3", 1)]
    flat, nested = pairs * 4, [tuple(pairs)] * 4
    text = f"Genotype(normal={flat}, normal_concat=[2, 3, 4, 5], reduce={nested}, reduce_concat=[2, 3, 4, 5])"
    assert DARTS.encode(text) == DARTS.encode(text.replace(str(nested), str(flat)))
    with pytest.raises(GenotypeError, match="node 2 of the reduce cell has 3 inputs"):
        DARTS.encode(text.replace("reduce=[(", "reduce=[(('skip_connect', 0), "))
