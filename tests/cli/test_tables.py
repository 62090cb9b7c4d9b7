"""Layout of tables: nothing is wider than the screen, nothing is lost but what is said to be left out."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from dinas_cli.cli.screen import Screen, fold
from dinas_cli.cli.tables import Column, lay_out

COLUMNS = [
    Column("name"),
    Column("acc", "accuracy", "%"),
    Column("note"),
    Column("path"),
    Column("size", minor=True),
    Column("owner", minor=True),
]
ROWS: list[dict[str, Any]] = [
    {
        "name": "first",
        "acc": 91.234,
        "note": "some words that are rather long for a column",
        "size": 12,
        "owner": "ada",
    },
    {"name": "数据集", "acc": None, "path": "/a/very/long/path/that/has/no/blank/where/it/could/be/broken", "size": 7},
]


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("width", [20, 33, 60, 80, 120, 200])
def test_no_line_is_wider_and_all_is_there(width: int, wide: bool) -> None:
    sheet = lay_out(COLUMNS, ROWS, Screen(width), wide=wide, under=["genotype-of-the-first", ""])
    assert max(map(cell_len, sheet.lines)) <= width
    text = "".join("".join(line.split()) for line in sheet.lines)
    told = {"size": ("size",), "owner": ("owner", "ada")}
    for title, texts in told.items():
        assert all(part in text for part in texts) == (title not in sheet.left_out)
    assert not (wide and sheet.left_out)
    for part in ("accuracy(%)", "91.23", "first", "数据集", "genotype-of-the-first"):
        assert part in text, part


def test_everything_side_by_side_where_there_is_room() -> None:
    sheet = lay_out(COLUMNS, ROWS, Screen(200))
    assert sheet.left_out == []
    assert [len(sheet.lines), sheet.lines[0].split()] == [
        4,
        ["name", "accuracy", "(%)", "note", "path", "size", "owner"],
    ]


def test_numbers_are_aligned_at_their_ends_and_what_has_no_room_goes_under_its_row() -> None:
    rows = [{"name": "a", "count": 5, "hint": ""}, {"name": "b", "count": 1234, "hint": "do this and that"}]
    sheet = lay_out([Column("name"), Column("count"), Column("hint")], rows, Screen(20))
    assert sheet.lines == [
        "name  count",
        "───────────",
        "a         5",
        "b      1234",
        "  hint: do this and",
        "    that",
    ]


def test_a_screen_of_ascii() -> None:
    sheet = lay_out([Column("a")], [{"a": "90.5 ± 0.4 µs – ×"}], Screen(40, unicode=False))
    assert sheet.lines[2] == "90.5 +- 0.4 us - x"
    assert all(line.isascii() for line in sheet.lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", [""]), ("one two", ["one", "two"]), ("abcdefgh", ["abcde", "fgh"]), ("数据集数据", ["数据", "集数", "据"])],
)
def test_fold(text: str, lines: list[str]) -> None:
    assert [*fold(text, 5)] == lines
