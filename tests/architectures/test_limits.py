"""Limits in words: accepted forms, the wrong side of one, and how they are read."""

from __future__ import annotations

import pytest

from dinas_cli.architectures.conditions import Budget, Request, find_metric
from dinas_cli.architectures.limits import bounded, option_for, option_of, parse_limit, split_bound
from dinas_cli.architectures.parsing import parse_request
from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.registry import get_space

NTK, REGIONS = find_metric(SPACE, "ntk"), find_metric(SPACE, "linear_regions")


def test_sides() -> None:
    assert (NTK.bound, REGIONS.bound) == ("<=", ">=")
    assert find_metric(SPACE, "latency").bound == "<="
    assert find_metric(SPACE, "acc").bound == "", "a rank or a floor, but no limit"
    assert find_metric(get_space("nasbench201"), "index").bound == ""


@pytest.mark.parametrize(("text", "limit"), [("60", 60.0), ("<=60", 60.0), (" ≤ 6e1", 60.0)])
def test_upper_limits(text: str, limit: float) -> None:
    assert parse_limit(NTK, text) == limit


@pytest.mark.parametrize(("text", "limit"), [("1400", 1400.0), (">=1.4k", 1400.0), ("≥ 1400", 1400.0)])
def test_lower_limits(text: str, limit: float) -> None:
    assert parse_limit(REGIONS, text) == limit


def test_the_wrong_side_is_refused() -> None:
    with pytest.raises(UsageProblem) as caught:
        parse_limit(REGIONS, "<= 1400")
    assert caught.value.message == "--linear-regions: linear_regions has a lower limit, for more of it is better"
    assert caught.value.hint == "write --linear-regions '>=1400'"
    with pytest.raises(UsageProblem) as caught:
        parse_limit(find_metric(SPACE, "train_time"), ">=20min")
    assert caught.value.message == "--limit train_time: train_time has an upper limit, for less of it is better"
    assert caught.value.hint == "write --limit train_time='<=20min'"


@pytest.mark.parametrize("text", ["0", "-3", "<=0"])
def test_what_has_no_logarithm_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem, match="is not positive"):
        parse_limit(NTK, text)


@pytest.mark.parametrize("text", ["", ">=", "many", "60ms", "=60", ">60"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(UsageProblem, match="--linear-regions: "):
        parse_limit(REGIONS, text)


def test_options() -> None:
    assert option_of("linear_regions") == "--linear-regions"
    assert option_for("ntk", "60") == "--ntk 60"
    assert option_for("train_time", "20min") == "--limit train_time=20min"
    assert split_bound("72") == ("", "72")


def test_requests_say_and_keep_them() -> None:
    asked = parse_request(SPACE, acc="top5", ntk="60", linear_regions=">=1400")
    assert asked.budgets == (Budget("ntk", 60.0), Budget("linear_regions", 1400.0))
    assert asked.describe(SPACE) == "top 5 % acc with ntk ≤ 60.00 and linear_regions ≥ 1.40 k"
    assert Request.from_dict(asked.to_dict()) == asked
    assert parse_request(SPACE, limits={"linear_regions": "1400"}).budgets == asked.budgets[1:]
    assert bounded(REGIONS, "linear_regions", 200) == "linear_regions ≥ 200"


def test_spaces_without_the_metric_refuse_it_by_name() -> None:
    with pytest.raises(UsageProblem, match="space 'nasbench201' has no metric 'ntk'"):
        parse_request(get_space("nasbench201"), ntk="60")
