"""Units: every accepted form, every refused one, and numbers as people read them."""

from __future__ import annotations

import math

import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.units import format_number, format_quantity, format_uncertain, parse_quantity, significant


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2ms", "ms", 2.0),
        ("0.002s", "ms", 2.0),
        ("800us", "ms", 0.8),
        ("800µs", "ms", 0.8),
        (" 2 ms ", "ms", 2.0),
        (".5ms", "ms", 0.5),
        ("2e-3s", "ms", 2.0),
        ("0.5h", "s", 1800.0),
        ("20min", "s", 1200.0),
        ("3s", "s", 3.0),
        ("250ms", "s", 0.25),
        ("5mJ", "mJ", 5.0),
        ("0.005J", "mJ", 5.0),
        ("12uJ", "mJ", 0.012),
        ("600M", "count", 600e6),
        ("1.2k", "count", 1200.0),
        ("1.2K", "count", 1200.0),
        ("1000000", "count", 1e6),
        ("1e6", "count", 1e6),
        ("2G", "count", 2e9),
        ("72", "%", 72.0),
        ("72.5%", "%", 72.5),
        ("100%", "%", 100.0),
    ],
)
def test_accepted(text: str, unit: str, value: float) -> None:
    assert parse_quantity(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("2", "ms", "has no unit"),
        ("2mj", "ms", "unknown unit 'mj'"),
        ("2m", "ms", "unknown unit 'm'"),
        ("2MS", "ms", "unknown unit 'MS'"),
        ("5MJ", "mJ", "unknown unit 'MJ'"),
        ("5", "mJ", "has no unit"),
        ("1MB", "count", "unknown unit 'MB'"),
        ("1m", "count", "unknown unit 'm'"),
        ("2ms", "count", "unknown unit 'ms'"),
        ("0.7ms", "%", "unknown unit 'ms'"),
        ("101", "%", "more than 100 %"),
        ("0ms", "ms", "not positive"),
        ("-2ms", "ms", "not positive"),
        ("1e-900ms", "ms", "not positive"),
        ("1e999s", "ms", "too large"),
        ("1e9999s", "ms", "unknown unit 'e9999s'"),
        ("nan", "count", "not a quantity"),
        ("inf", "ms", "not a quantity"),
        ("", "ms", "not a quantity"),
        ("ms", "ms", "not a quantity"),
        ("1..2ms", "ms", "not a quantity"),
        ("1,5ms", "ms", "unknown unit ',5ms'"),
        ("1_000", "count", "unknown unit '_000'"),
        ("٢ms", "ms", "not a quantity"),
        ("2ms 3ms", "ms", "not a quantity"),
        ("0x10", "count", "unknown unit 'x10'"),
    ],
)
def test_refused(text: str, unit: str, message: str) -> None:
    with pytest.raises(UsageProblem, match=message) as caught:
        parse_quantity(text, unit, name="--limit")
    assert caught.value.message.startswith(f"--limit: {text!r} ")
    assert caught.value.hint is not None
    assert "like" in caught.value.hint


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2.0, "ms", "2.00 ms"),
        (0.0451234, "ms", "0.0451 ms"),
        (123456.789, "ms", "123456.79 ms"),
        (94.3725, "%", "94.37 %"),
        (0.0, "%", "0.00 %"),
        (5.0, "mJ", "5.00 mJ"),
        (1_073_466, "count", "1.07 M"),
        (999_999, "count", "1.00 M"),
        (129_306, "count", "129.31 k"),
        (860, "count", "860"),
        (2.5e9, "count", "2.50 G"),
        (-1.5, "", "-1.50"),
    ],
)
def test_formatted(value: float, unit: str, text: str) -> None:
    assert format_quantity(value, unit) == text


def test_missing_and_infinite_values_are_shown_as_such() -> None:
    assert format_quantity(math.nan, "ms") == "–"
    assert format_number(math.inf, "count") == "∞"


@pytest.mark.parametrize(
    ("value", "deviation", "unit", "text"),
    [
        (90.49872, 0.412, "%", "90.5 ± 0.4"),
        (2.9057, 0.0212, "ms", "2.91 ± 0.02"),
        (2.9, 0.096, "ms", "2.90 ± 0.10"),
        (5.53154, 0.0116, "ms", "5.53 ± 0.01"),
        (6300.0, 120.0, "count", "6.30 ± 0.12 k"),
        (123456.0, 17.0, "ms", "123456 ± 17"),
        (103.2, 2.51, "", "103 ± 3"),
        (0.00321, 0.00004, "mJ", "0.00321 ± 0.00004"),
        (2.90576, 7e-6, "ms", "2.91"),  # less than is shown of any value
        (93.2, math.nan, "%", "93.20"),
        (70.0, 0.0, "%", "70.00"),
        (math.nan, 1.0, "%", "–"),
    ],
)
def test_uncertain_values_have_the_digits_that_they_are_good_for(
    value: float, deviation: float, unit: str, text: str
) -> None:
    assert format_uncertain(value, deviation, unit) == text


def test_significant_digits() -> None:
    assert [significant(each, 3) for each in (123456.0, -0.00123456, 0.0)] == [123000.0, -0.00123, 0.0]
