"""Text drawings: golden ones, and random ones whose lines are followed from label to label."""

from __future__ import annotations

import re
from collections import defaultdict

from dinas_cli.draw.text import Style, draw_text, key, wrap
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.protocol import Sketch
from tests.support.sketches import random_sketches

UP, DOWN, LEFT, RIGHT = (0, -1), (0, 1), (-1, 0), (1, 0)
WAYS = {
    "─": {LEFT, RIGHT}, "│": {UP, DOWN}, "┌": {DOWN, RIGHT}, "┐": {DOWN, LEFT}, "└": {UP, RIGHT}, "┘": {UP, LEFT},
    "├": {UP, DOWN, RIGHT}, "┤": {UP, DOWN, LEFT}, "┬": {DOWN, LEFT, RIGHT}, "┴": {UP, LEFT, RIGHT},
    "┼": {UP, DOWN, LEFT, RIGHT}, "▶": {LEFT, RIGHT}, "▼": {UP, DOWN},
}  # fmt: skip


def followed(lines: list[str], turned: bool) -> dict[tuple[int, int], set[tuple[int, int]]]:
    """Which labels the lines lead to from each label, labels named by their place: what a reader sees at most."""
    labels: dict[tuple[int, int], tuple[int, int]] = {}
    for y, line in enumerate(lines):
        for match in re.finditer(r"\[[^]]*\]|\([^)]*\)", line):
            labels |= {(x, y): (match.start(), y) for x in range(match.start(), match.end())}
    forward, back = (DOWN, UP) if turned else (RIGHT, LEFT)
    sideways = (LEFT, RIGHT) if turned else (UP, DOWN)

    def at(place: tuple[int, int]) -> str:
        x, y = place
        return lines[y][x] if 0 <= y < len(lines) and 0 <= x < len(lines[y]) else " "

    found: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    for place, name in labels.items():
        ways = [((place[0] + forward[0], place[1] + forward[1]), forward)]
        seen = set()
        while ways:
            here, way = ways.pop()
            if (here, way) in seen:
                continue
            seen.add((here, way))
            if here in labels:
                if way == forward and labels[here] != name:
                    found[name].add(labels[here])
                continue
            exits = WAYS.get(at(here), set())
            entry = (-way[0], -way[1])
            if entry not in exits:
                # A line that another one crosses goes on behind it.
                if way in (forward,) and exits == set(sideways):
                    ways.append(((here[0] + way[0], here[1] + way[1]), way))
                continue
            for out in exits - {entry, back}:
                if way != forward or out in (forward, *sideways):
                    ways.append(((here[0] + out[0], here[1] + out[1]), out))
    return found


def test_a_cell_from_left_to_right() -> None:
    assert draw_text(SPACE.sketch((3, 3, 3, 1, 3, 2)), Style()) == [
        "[in]─┬──────────────────────(conv 3×3)─┐",
        "     │                                 ├─▶[2]───(conv 1×1)─┐",
        "     │                   ┌──(conv 3×3)─┘                   │",
        "     ├──(conv 3×3)──▶[1]─┤                                 │",
        "     │                   └──────────────────────(conv 3×3)─┼─▶[out]",
        "     │                                                     │",
        "     └────(skip)───────────────────────────────────────────┘",
    ]


def test_a_cell_from_top_to_bottom_where_the_width_is_small() -> None:
    assert draw_text(SPACE.sketch((3, 3, 3, 1, 3, 2)), Style(width=40)) == [
        "               [in]",
        "         ┌───────┼──────────┐",
        "         │       │          │",
        "         │  (conv 3×3)   (skip)",
        "         │       └──────┐   │",
        "         │              ▼   │",
        "         │             [1]  │",
        "     ┌───┘       ┌──────┤   │",
        "     │           │      │   │",
        "(conv 3×3)  (conv 3×3)  │   │",
        "     └────┬──────┘      │   └┐",
        "          ▼             │    │",
        "         [2]            │    │",
        "          │           ┌─┘    │",
        "          │           │      │",
        "     (conv 1×1)  (conv 3×3)  │",
        "          └───────────┼──────┘",
        "                      ▼",
        "                    [out]",
    ]


def test_a_cell_in_ascii() -> None:
    assert draw_text(SPACE.sketch((3, 0, 1, 1, 0, 4)), Style(unicode=False)) == [
        "     +--(conv 3x3)-->[1]---(skip)-->[2]---(avg 3x3)-+->[out]",
        "     |                                              |",
        "[in]-+-------------------------------------(skip)---+",
    ]
    for sketch in random_sketches(10, seed=5):
        assert "\n".join(draw_text([sketch], Style(unicode=False))).isascii()


def test_edges_without_operation_are_not_drawn() -> None:
    assert draw_text(SPACE.sketch((0,) * 6), Style()) == ["       [1]", "[in]         [out]", "       [2]"]


def test_two_cells_side_by_side_where_they_fit() -> None:
    edges = ((0, 1, "skip", "skip"),)
    cells = [Sketch(title, (("in", "input"), ("out", "output")), edges) for title in ("normal cell", "reduction cell")]
    assert draw_text(cells, Style()) == [
        "normal cell              reduction cell",
        "",
        "[in]───(skip)──▶[out]    [in]───(skip)──▶[out]",
    ]
    stacked = draw_text(cells, Style(width=30))
    assert stacked == ["normal cell", "", "[in]───(skip)──▶[out]", "", "reduction cell", "", "[in]───(skip)──▶[out]"]


def test_colours_change_nothing_but_colours() -> None:
    for sketch in random_sketches(5, seed=6):
        plain = draw_text([sketch], Style())
        coloured = draw_text([sketch], Style(colour=True))
        assert [re.sub(r"\x1b\[\d*m", "", line) for line in coloured] == plain
    coloured = draw_text(SPACE.sketch((3, 0, 1, 1, 0, 4)), Style(colour=True))
    assert "\x1b[34m(conv 3×3)\x1b[0m" in coloured[0]


def test_legend_explains_what_is_there() -> None:
    cells = SPACE.sketch((3, 0, 1, 1, 0, 0))
    assert key(cells, Style()) == "[ ] node   ( ) operation on an edge"
    assert key(cells, Style(colour=True)).endswith("\x1b[34m■ conv\x1b[0m   \x1b[32m■ skip\x1b[0m")
    assert key([Sketch("cell", (("in", "input"),), ())], Style()) == "[ ] node"


def test_facts_are_wrapped_between_facts() -> None:
    assert wrap(("one", "two three", "four"), Style(width=15)) == ["one · two three", "four"]
    assert wrap(("one", "3×3"), Style(unicode=False)) == ["one | 3x3"]


def test_common_cells_fit_into_eighty_columns() -> None:
    for sketch in random_sketches(25, seed=7):
        if len(sketch.nodes) <= 10:
            assert max(map(len, draw_text([sketch], Style()))) <= 80


def test_every_edge_can_be_followed() -> None:
    for sketch in random_sketches(15, seed=4):
        for width in (10_000, 1):
            lines = draw_text([sketch], Style(width))
            turned = any("▼" in line for line in lines)
            found = followed(lines, turned)
            labels = {
                (match.start(), y): match[0]
                for y, line in enumerate(lines)
                for match in re.finditer(r"\[[^]]*\]|\([^)]*\)", line)
            }
            assert sorted(labels.values()) == sorted(
                [f"[{label}]" for label, _ in sketch.nodes] + [f"({label})" for _, _, label, _ in sketch.edges if label]
            )
            steps = {(labels[start], labels[end]) for start, ends in found.items() for end in ends}
            for start, end, label, _ in sketch.edges:
                first, last = f"[{sketch.nodes[start][0]}]", f"[{sketch.nodes[end][0]}]"
                if label:
                    assert {(first, f"({label})"), (f"({label})", last)} <= steps
                else:
                    assert (first, last) in steps
