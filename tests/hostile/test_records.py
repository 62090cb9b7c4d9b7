"""Records, tables and lines of every kind: bad ones are named, all others are used, and nothing is forged."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinas_cli.architectures.lines import MOST_LINES
from dinas_cli.architectures.lines import texts as texts_of
from dinas_cli.architectures.records import LineProblem, Record, read_architectures
from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.cli.output import Mode, Sink
from dinas_cli.errors import DinasError
from dinas_cli.generation.evaluate import evaluate
from dinas_cli.generation.summary import Summary
from dinas_cli.oracles.lookup import Selection
from dinas_cli.spaces.registry import get_space
from tests.support.hostile import anything, assert_told, damaged, examples, texts

SPACE = get_space("nasbench201")
GOOD = json.dumps(
    {
        "schema": "dinas/architecture@1",
        "id": "nb201-55a1bda26ce5",
        "space": "nasbench201",
        "genotype": "|none~0|+|skip_connect~0|skip_connect~1|+|nor_conv_3x3~0|none~1|skip_connect~2|",
        "metrics": {"acc@cifar10": {"value": 89.3, "unit": "%", "source": "surrogate", "kendall_tau": 0.92}},
        "networks": {"latency/fpga@cifar10": {"skeleton": "own", "cells": 5, "channels": 16, "batch": 1}},
        "request": {"space": "nasbench201", "dataset": "cifar10", "rank": {"metric": "acc", "top": 5.0}},
        "provenance": {"seed": 0},
    }
)
ROW = "space\tgenotype\tacc@cifar10\tsources\trequest\nnasbench201\t301004\t91.5\tacc@cifar10=table\t{}"
MARK = "301004"
"""A line that stays whole among damaged ones."""


def read(data: bytes, space: str | None) -> tuple[list[Record], list[LineProblem]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        found = list(read_architectures(["-"], space))
    return [x for x in found if isinstance(x, Record)], [x for x in found if isinstance(x, LineProblem)]


def lines() -> st.SearchStrategy[str]:
    words = (
        "{",
        '"schema": "dinas/architecture@1"',
        '"space": "nasbench201"',
        '"genotype": "301004"',
        '"metrics": {',
        "}",
    )
    return st.one_of(damaged(st.sampled_from([GOOD, ROW, MARK])), texts(*words), st.just(GOOD), st.just(ROW))


@examples(250)
@given(st.lists(lines(), max_size=5), st.sampled_from([None, "nasbench201"]))
def test_lines_are_read_or_named(parts: list[str], space: str | None) -> None:
    _, problems = read("\n".join(parts).encode("utf-8", "surrogatepass"), space)
    for problem in problems:
        assert_told(DinasError(problem.message, problem.hint))
        assert problem.hint


@examples(150)
@given(st.lists(st.one_of(texts(), damaged(st.just(GOOD))).filter(lambda text: "\t" not in text), max_size=4))
def test_records_among_bad_lines_are_read(parts: list[str]) -> None:
    """A record starts anew, whatever the line before it leaves open."""
    text = "".join(f"{part}\n{GOOD}\n" for part in parts)
    found, _ = read(text.encode("utf-8", "surrogatepass"), None)
    assert len(found) >= len(parts)


@examples(150)
@given(
    st.binary(max_size=200),
    st.lists(st.sampled_from([b"(", b"[{", b"}]", b")", b"\n", b"a:b: c\n", b"'", b'"']), max_size=40),
)
def test_no_line_is_lost(noise: bytes, brackets: list[bytes]) -> None:
    data = noise + b"\n" + b"".join(brackets)
    numbers = [
        number for line in texts_of(io.BytesIO(data)) for number in range(line.number, max(line.number, line.last) + 1)
    ]
    assert numbers == sorted(set(numbers))
    for number, raw in enumerate(data.split(b"\n"), 1):
        kept = raw.strip() and not raw.startswith(b"#") and raw.decode("utf-8", "replace").strip("\ufeff\r\n ")
        assert number in numbers or not kept or kept.isspace() or kept.startswith("#"), (number, raw)


def test_lines_that_open_brackets_take_bounded_time_and_are_all_named() -> None:
    """Every line looks ahead for what closes it, no further than a text may be long."""
    count = 4 * MOST_LINES
    found = list(texts_of(io.BytesIO(b"((\n" * count)))
    assert [line.number for line in found] == list(range(1, count + 1))


def members() -> st.SearchStrategy[dict[str, Any]]:
    value = st.fixed_dictionaries(
        {"value": st.one_of(st.none(), st.floats(), st.integers(), anything()), "unit": texts("%", "ms", "count")},
        optional={
            "source": st.sampled_from(["table", "surrogate", "x"]),
            "kendall_tau": anything(),
            "bound": anything(),
        },
    )
    keys = st.one_of(
        st.sampled_from(["acc@cifar10", "latency/fpga@cifar10", "params", "x/y@z"]), texts("acc", "@", "/")
    )
    goal = st.one_of(
        anything(), st.fixed_dictionaries({"metric": st.sampled_from(["acc", "latency", "x"]), "top": anything()})
    )
    budget = st.fixed_dictionaries(
        {"metric": st.sampled_from(["acc", "latency", "params"]), "limit": st.one_of(st.floats(), anything())},
        optional={"device": st.one_of(st.just("fpga"), texts())},
    )
    request = st.fixed_dictionaries(
        {"space": st.just("nasbench201")},
        optional={"rank": goal, "floor": goal, "dataset": texts("cifar10"), "budgets": st.lists(budget, max_size=2)},
    )
    network = st.fixed_dictionaries(
        {"skeleton": st.just("own")},
        optional={name: anything() for name in ("cells", "batch", "run", "dataset", "per_input")},
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "id": texts("nb201-"),
            "metrics": st.dictionaries(keys, value, max_size=3),
            "networks": st.dictionaries(keys, st.one_of(network, anything()), max_size=2),
            "request": st.one_of(request, anything()),
            "provenance": st.one_of(st.dictionaries(texts("satisfies"), anything(), max_size=2), anything()),
        },
    )


@examples(150)
@given(st.lists(members(), min_size=1, max_size=3), st.sampled_from(["human", "tsv", "json"]))
def test_what_records_hold_forges_nothing(parts: list[dict[str, Any]], mode: Mode) -> None:
    """One line of output for each record that is used, and no character that a terminal would obey."""
    whole = [json.dumps(json.loads(GOOD) | part) for part in parts]
    found, problems = read("\n".join(whole).encode("utf-8", "surrogatepass"), None)
    assert len(found) + len(problems) == len(parts)
    out, err = io.StringIO(), io.StringIO()
    sink = Sink(mode, stdout=out, stderr=err)
    evaluation = evaluate(found, oracles_at_hand(SPACE), Selection())
    summary = Summary(SPACE)
    summary.note(evaluation)
    if evaluation.records:
        sink.records(evaluation.records)
    said = [*problems, *evaluation.problems, *summary.source_lines(), *summary.network_lines(), *summary.unjudged]
    for words in said:
        sink.say(str(words))
        sink.error(str(words))
    assert err.getvalue().count("\n") == 2 * len(said)
    if mode != "human":
        assert out.getvalue().count("\n") == len(evaluation.records) + (mode == "tsv" and bool(evaluation.records))
    for line in (out.getvalue() + err.getvalue()).split("\n"):
        assert line.replace("\t", "").replace("\x1b[1m", "").replace("\x1b[0m", "").isprintable(), line
