"""Units, goals, limits, guidance and confidence: quantities that make sense, or one line that says what would."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dinas_cli
from dinas_cli.architectures.arguments import RANGES, check_ranges
from dinas_cli.architectures.conditions import Request
from dinas_cli.architectures.parsing import parse_request
from dinas_cli.cli.commands.eval import split
from dinas_cli.cli.commands.generate import parse_guidance
from dinas_cli.cli.options import parse_limits
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.files.text import as_number, brief, one_line, visible
from dinas_cli.spaces.registry import BUILT_IN, get_space
from dinas_cli.units import format_quantity, parse_quantity
from tests.support.hostile import anything, assert_told, examples, texts

UNITS = ("ms", "s", "mJ", "count", "%", "")
WORDS = (
    "2",
    "top5",
    "best",
    ">=",
    "<=",
    "ms",
    "us",
    "mJ",
    "M",
    "k",
    "%",
    "e9",
    "acc=3",
    "latency",
    "params=",
    "@cifar10",
)
OPTIONS = ("acc", "latency", "energy", "params", "macs", "ntk", "linear_regions")


@pytest.mark.parametrize("unit", UNITS)
@examples(50)
@given(text=texts(*WORDS))
def test_quantities(unit: str, text: str) -> None:
    try:
        value = parse_quantity(text, unit, name="--limit")
    except UsageProblem as problem:
        assert_told(problem, hint=True)
        return
    assert math.isfinite(value)
    assert format_quantity(value, unit).isprintable()


class Middle:
    """Medians that need no weights."""

    def median(self, metric: str, device: str | None, dataset: str | None) -> float:
        return 10.0

    def reached(self, request: Request, metric: str, top: float) -> float:
        return 40.0


@pytest.mark.parametrize("space", tuple(BUILT_IN))
@examples(30)
@given(data=st.data())
def test_goals_and_limits(space: str, data: st.DataObject) -> None:
    options = {name: data.draw(texts(*WORDS)) for name in data.draw(st.lists(st.sampled_from(OPTIONS), max_size=2))}
    limits = data.draw(st.dictionaries(texts("train_time", "params"), texts(*WORDS), max_size=1))
    try:
        request = parse_request(
            get_space(space),
            **options,  # type: ignore[arg-type]
            limits=limits,
            devices=("fpga",),
            yardstick=Middle(),
        )
    except UsageProblem as problem:
        assert_told(problem)
        return
    assert Request.from_dict(request.to_dict()) == request
    assert all(math.isfinite(budget.limit) for budget in request.budgets)


@examples(200)
@given(
    st.one_of(
        st.dictionaries(
            st.sampled_from(["space", "dataset", "rank", "floor", "best", "budgets", "x"]), anything(), max_size=4
        ),
        st.fixed_dictionaries(
            {"space": st.just("nasbench201")},
            optional={
                "rank": st.fixed_dictionaries({"metric": st.just("acc"), "top": anything()}),
                "floor": st.fixed_dictionaries({"metric": st.just("acc"), "value": anything()}),
                "budgets": st.lists(
                    st.fixed_dictionaries({"metric": st.just("params"), "limit": anything()}), max_size=2
                ),
            },
        ),
    )
)
def test_requests_of_records(data: dict[str, Any]) -> None:
    try:
        request = Request.from_dict(data)
    except UsageProblem as problem:
        assert_told(problem)
        return
    assert Request.from_dict(request.to_dict()) == request


@examples(120)
@given(texts(*WORDS), st.sampled_from([parse_guidance, split, lambda text: parse_limits([text, text[:3]])]))
def test_other_options(text: str, parse: Any) -> None:
    try:
        found = parse(text)
    except UsageProblem as problem:
        assert_told(problem)
        return
    weights = found.values() if isinstance(found, dict) else [found]
    assert all(0 <= weight <= 100 for weight in weights if isinstance(weight, float))


@examples(120)
@given(st.sampled_from(sorted(RANGES)), st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, -(10**400)])))
def test_ranges(name: str, value: float) -> None:
    least, most = RANGES[name]
    try:
        check_ranges(**{name: value})
    except UsageProblem as problem:
        assert_told(problem)
    else:
        assert least <= value <= most


@examples(60)
@given(
    st.sampled_from(["acc", "latency", "params", "limits", "guidance", "steps", "confidence", "n", "seed", "device"]),
    anything(),
)
def test_arguments_from_python(name: str, value: Any) -> None:
    """Whatever an argument is, either it is refused or it is none of those that must not be drawn with."""
    if value is None or (name in ("n", "seed", "steps", "guidance", "confidence") and isinstance(value, int | float)):
        return  # drawn with, or refused by the ranges above
    with pytest.raises(DinasError) as caught:
        dinas_cli.generate("nasbench201", checkpoint="no such", **{name: value})
    assert_told(caught.value)


@examples(150)
@given(texts())
def test_words_for_a_terminal(text: str) -> None:
    assert visible(text).isprintable()
    assert one_line(text * 500).isprintable()
    assert len(one_line(text * 500)) <= 2000
    assert brief(text * 500).isprintable()
    with suppress(ValueError):
        assert math.isfinite(as_number(text))
