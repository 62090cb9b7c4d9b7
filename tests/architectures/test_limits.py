"""Limits in words: accepted forms, the wrong side of one, and how they are read."""

from __future__ import annotations

import pytest

from dinas_cli.architectures.conditions import Budget, Request, find_metric
from dinas_cli.architectures.limits import bounded, option_for, option_of, parse_ends, parse_limit, split_bound
from dinas_cli.architectures.parsing import parse_request
from dinas_cli.errors import UsageProblem
from dinas_cli.generation.yardstick import Reference
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.registry import get_space

NTK, REGIONS = find_metric(SPACE, "ntk"), find_metric(SPACE, "linear_regions")


def no_median() -> float:
    """Quantities need none."""
    raise AssertionError


def test_sides() -> None:
    assert (NTK.bound, REGIONS.bound) == ("<=", ">=")
    assert find_metric(SPACE, "latency").bound == "<="
    assert find_metric(SPACE, "acc").bound == "", "a rank or a floor, but no limit"
    assert find_metric(get_space("nasbench201"), "index").bound == ""


@pytest.mark.parametrize(("text", "limit"), [("60", 60.0), ("<=60", 60.0), (" ≤ 6e1", 60.0)])
def test_upper_limits(text: str, limit: float) -> None:
    assert parse_limit(NTK, text, no_median) == limit


@pytest.mark.parametrize(("text", "limit"), [("1400", 1400.0), (">=1.4k", 1400.0), ("≥ 1400", 1400.0)])
def test_lower_limits(text: str, limit: float) -> None:
    assert parse_limit(REGIONS, text, no_median) == limit


def test_the_wrong_side_is_refused() -> None:
    with pytest.raises(UsageProblem) as caught:
        parse_limit(REGIONS, "<= 1400", no_median)
    assert caught.value.message == "--linear-regions: linear_regions has a lower limit, for more of it is better"
    assert caught.value.hint == "write --linear-regions '>=1400', or both ends: 1M..1.2M"
    with pytest.raises(UsageProblem) as caught:
        parse_limit(find_metric(SPACE, "train_time"), ">=20min", no_median)
    assert caught.value.message == "--limit train_time: train_time has an upper limit, for less of it is better"
    assert caught.value.hint == "write --limit train_time='<=20min', or both ends: 0.5x..0.8x"


@pytest.mark.parametrize("text", ["0", "-3", "<=0"])
def test_what_has_no_logarithm_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem, match="is not positive"):
        parse_limit(NTK, text, no_median)


@pytest.mark.parametrize("text", ["", ">=", "many", "60ms", "=60", ">60"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(UsageProblem, match="--linear-regions: "):
        parse_limit(REGIONS, text, no_median)


def test_options() -> None:
    assert option_of("linear_regions") == "--linear-regions"
    assert option_for("ntk", "60") == "--ntk 60"
    assert option_for("train_time", "20min") == "--limit train_time=20min"
    assert split_bound("72") == ("", "72")


def test_requests_say_and_keep_them() -> None:
    asked = parse_request(SPACE, acc="top5", ntk="60", linear_regions=">=1400", yardstick=Reference(SPACE))
    assert asked.budgets == (Budget("ntk", 60.0), Budget("linear_regions", 1400.0))
    assert asked.describe(SPACE) == "top 5 % acc with ntk ≤ 60.00 and linear_regions ≥ 1.40 k"
    assert Request.from_dict(asked.to_dict()) == asked
    assert (
        parse_request(SPACE, limits={"linear_regions": "1400"}, yardstick=Reference(SPACE)).budgets == asked.budgets[1:]
    )
    assert bounded(REGIONS, "linear_regions", 200) == "linear_regions ≥ 200"


def test_spaces_without_the_metric_refuse_it_by_name() -> None:
    with pytest.raises(UsageProblem, match="space 'nasbench201' has no metric 'ntk'"):
        parse_request(get_space("nasbench201"), ntk="60", yardstick=Reference(get_space("nasbench201")))


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("50..60", ((60.0, False), (50.0, True))),
        (" .5 .. .75 ", ((0.75, False), (0.5, True))),
        ("60..60", ((60.0, False), (60.0, True))),
        ("60", ((60.0, False),)),
        ("0.5x", ((20.0, False),)),
        ("0.5x..50", ((50.0, False), (20.0, True))),
        ("1X..2 ×", ((80.0, False), (40.0, True))),
    ],
)
def test_ranges_and_multiples_of_the_median(text: str, ends: tuple[tuple[float, bool], ...]) -> None:
    assert parse_ends(NTK, text, lambda: 40.0) == ends


def test_the_lower_end_is_the_usual_one_where_more_is_better() -> None:
    assert parse_ends(REGIONS, "1k..1.4k", no_median) == ((1000.0, False), (1400.0, True))


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("60..50", "'60..50' is upside down: 60.00 above 50.00", "write the lower end first: --ntk 50..60"),
        ("2x..1x", "'2x..1x' is upside down: 80.00 above 40.00", "write the lower end first: --ntk 1x..2x"),
        ("50..", "'50..' lacks an end", "write both: --ntk 0.5x..0.8x"),
        ("..", "'..' lacks an end", "write both: --ntk 0.5x..0.8x"),
        (">=50..60", "'>=50..60' is a range, which takes no sign", "write --ntk 0.5x..0.8x"),
        ("101x", "'101x' is out of range", "more than 0 and at most 100: --ntk 0.6x"),
        ("0x", "'0x' is out of range", "more than 0 and at most 100: --ntk 0.6x"),
        ("50..60..70", "'60..70' is not a quantity", "write a plain number"),
        ("-1x", "'-1x' has an unknown unit 'x'", "write a plain number"),
    ],
)
def test_ranges_that_are_none(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        parse_ends(NTK, text, lambda: 40.0)
    assert caught.value.message == f"--ntk: {message}"
    assert hint in (caught.value.hint or "")


def test_a_median_without_multiples() -> None:
    with pytest.raises(UsageProblem, match=r"--ntk: the median of ntk is -1\.00, which has no multiples"):
        parse_ends(NTK, "0.6x", lambda: -1.0)
