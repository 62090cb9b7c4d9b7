"""Rows laid out for people: never wider than the screen; what has no room goes under its row, or is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dinas_cli.cli.screen import Screen, fold
from dinas_cli.cli.values import human_cell, plain
from dinas_cli.files.text import visible

LEAST = 20
"""Columns that text keeps when it is folded; shorter text is not folded at all."""
_GAP = "  "
_NOTHING = ("", "–", "-")


@dataclass(frozen=True)
class Column:
    """A column of a table: ``key`` heads it in TSV, ``title`` (and the unit) on a terminal."""

    key: str
    title: str = ""
    unit: str = ""
    right: bool = False
    """Whether its texts are aligned at their ends, as numbers always are."""
    minor: bool = False
    """Whether it is left out where there is no room; what others have goes under the row then."""

    @property
    def head(self) -> str:
        """What people read above it."""
        unit = f" ({self.unit})" if self.unit not in ("", "count") else ""
        return visible((self.title or self.key) + unit)


@dataclass
class Sheet:
    """Lines for people, and the titles of the columns that they leave out."""

    lines: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def lay_out(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    screen: Screen,
    *,
    wide: bool = False,
    under: Sequence[str] = (),
) -> Sheet:
    """The lines of a table, none wider than the screen.

    Columns are taken in their order as long as they fit, short ones before long text, which is folded; the others go
    under each row, or are left out if they are minor ones and the table is not to be ``wide``. ``under`` has, by row, a
    text that gets lines of its own.
    """
    from rich.cells import cell_len

    kept = [*rows]
    cells = [[screen.spell(human_cell(row.get(column.key), column.unit)) for column in columns] for row in kept]
    heads = [screen.spell(column.head) for column in columns]
    natural = [max(map(cell_len, texts)) for texts in zip(heads, *cells, strict=True)]
    right = [_numbers(column, kept) for column in columns]
    shown = _chosen(columns, natural, right, screen.width)
    order = [place for place in range(len(columns)) if place in shown]
    others = [place for place in range(len(columns)) if place not in shown]
    stacked = [place for place in others if wide or not columns[place].minor]

    def line(texts: Sequence[Sequence[str]]) -> list[str]:
        """The lines of one row, whose cells are folded ``texts``."""
        found = []
        for level in range(max(map(len, texts), default=0)):
            parts = []
            for place, lines in zip(order, texts, strict=True):
                text = lines[level] if level < len(lines) else ""
                blanks = " " * (shown[place] - cell_len(text))
                parts.append(blanks + text if right[place] else text + blanks)
            found.append(_GAP.join(parts).rstrip())
        return found

    sheet = Sheet(left_out=[columns[place].title or columns[place].key for place in others if place not in stacked])
    if order:
        sheet.lines += [screen.paint(text, "bold") for text in line([[*fold(heads[p], shown[p])] for p in order])]
        sheet.lines.append(screen.spell("─") * (sum(shown.values()) + len(_GAP) * (len(order) - 1)))
    for number, texts in enumerate(cells):
        sheet.lines += line([[*fold(texts[place], shown[place])] for place in order])
        if number < len(under) and under[number]:
            sheet.lines += [f"  {part}" for part in fold(screen.spell(under[number]), screen.width - 2)]
        facts = "; ".join(f"{heads[place]}: {texts[place]}" for place in stacked if texts[place] not in _NOTHING)
        if facts:
            first, *more = fold(facts, screen.width - 2, screen.width - 4)
            sheet.lines += [f"  {first}", *(f"    {part}" for part in more)]
    return sheet


def _chosen(columns: Sequence[Column], natural: Sequence[int], right: Sequence[bool], room: int) -> dict[int, int]:
    """The columns that get a place side by side in ``room``, and how wide each of them is."""
    widths = {0: min(natural[0], max(LEAST, room // 2), room)} if columns else {}

    def left() -> int:
        return room - sum(widths.values()) - len(_GAP) * len(widths)

    places = range(1, len(columns))  # the first one names the row
    long = [place for place in places if natural[place] > LEAST and not right[place]]
    for place in places:
        if not columns[place].minor and place not in long and natural[place] <= left():
            widths[place] = natural[place]
    for place in long:
        if not columns[place].minor and left() >= min(natural[place], LEAST):
            widths[place] = min(natural[place], left())
    for place in places:
        if columns[place].minor and natural[place] <= left():
            widths[place] = natural[place]
    return widths


def _numbers(column: Column, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a column is aligned at its end: it says so, or holds numbers alone."""
    known = [value for row in rows if (value := plain(row.get(column.key))) is not None]
    return column.right or (bool(known) and all(type(value) in (int, float) for value in known))
