"""Texts of a stream: one per line, or as many lines as brackets take; what never closes spoils its own line alone."""

from __future__ import annotations

import io
import json

import pytest

from dinas_cli.architectures.lines import LONGEST, MOST_LINES, texts

RECORD = '{"schema": "dinas/architecture@1", "genotype": "x"}'


def split(text: str) -> list[tuple[str, str]]:
    return [(line.numbers, line.text or line.fault) for line in texts(io.BytesIO(text.encode()))]


def test_a_text_per_line() -> None:
    assert split("a\n\n# remark (\n  b  \r\n(c)") == [("1", "a"), ("4", "  b  "), ("5", "(c)")]


@pytest.mark.parametrize(
    "whole",
    [
        "X = Genotype(\n  normal=[('a', 0),  # step (1\n    ('b', 1)],\n\n)",
        json.dumps({"matrix": [[0, 1], [0, 0]], "ops": ["input", "output"]}, indent=2),
        "[[0 1]\n [0 0]], ['input', 'output']",
        '{\n"text": "a ( in quotes",\n"other": 1\n}',
        "Configuration:\n  space:darts:edge_0, Value: 'max_pool_3x3'\n  space:darts:edge_1, Value: 'x'",
        "space:darts:edge_0: max_pool_3x3\nspace:darts:edge_1: skip_connect",
    ],
)
def test_a_text_over_several_lines(whole: str) -> None:
    count = whole.count("\n") + 1
    assert split(f"before\n{whole}\nafter\n{whole}") == [
        ("1", "before"),
        (f"2-{count + 1}", whole),
        (str(count + 2), "after"),
        (f"{count + 3}-{2 * count + 2}", whole),
    ]


@pytest.mark.parametrize("bad", ["{", "Genotype(normal=[", '{"schema": "dinas/arch', "((", ")", "'(", "]["])
def test_what_is_never_closed_spoils_its_own_line_alone(bad: str) -> None:
    assert split(f"{bad}\n{RECORD}\na\n(b)") == [("1", bad), ("2", RECORD), ("3", "a"), ("4", "(b)")]
    assert split(f"{bad}\n" * 3) == [("1", bad), ("2", bad), ("3", bad)]


def test_a_name_starts_anew() -> None:
    assert split("A = Genotype(normal=[\nB = Genotype(\n)") == [
        ("1", "A = Genotype(normal=["),
        ("2-3", "B = Genotype(\n)"),
    ]


def test_members_that_repeat_are_another_configuration() -> None:
    assert [numbers for numbers, _ in split("a:b: 1\na:c: 2\na:b: 3\nx")] == ["1-2", "3", "4"]


def test_rows_of_a_table_are_lines() -> None:
    assert [numbers for numbers, _ in split("id\tgenotype\n1\t{\n2\t}\n")] == ["1", "2", "3"]


def test_compact_cells_are_lines() -> None:
    assert [numbers for numbers, _ in split("3:111:0\n3:111:1\n0012:gcn,gat,skip,fc\n")] == ["1", "2", "3"]


def test_lengths_are_bounded() -> None:
    numbers = [numbers for numbers, _ in split("(\n" + "a\n" * MOST_LINES + ")")]
    assert numbers == [str(number) for number in range(1, MOST_LINES + 3)]
    large = "x" * (LONGEST // 2)
    assert [numbers for numbers, _ in split(f"(\n{large}\n{large}\n{large}\n)")] == ["1", "2", "3", "4", "5"]
    assert split("x" * (2 * LONGEST) + "\ny") == [("1", f"longer than {LONGEST} bytes"), ("2", "y")]
    assert [line.fault for line in texts(io.BytesIO(b"\xff\n"))] == ["not UTF-8 text"]
