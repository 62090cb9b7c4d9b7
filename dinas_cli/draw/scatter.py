"""Points in two metrics as lines of text, for terminals: axes with units, marks by kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dinas_cli.draw.text import Style
from dinas_cli.units import format_quantity

NARROWEST, WIDEST, HEIGHT = 40, 100, 16
"""Columns below which nothing can be told apart, most columns, and lines between the axes' ends."""

MARKS: Mapping[str, tuple[str, str]] = {"other": ("·", "."), "front": ("●", "o"), "knee": ("◆", "#")}
"""By kind, with and without lines; what comes later is drawn over what comes before."""
_AXES = {True: ("┤", "│", "└", "─", "┬"), False: ("+", "|", "+", "-", "+")}


@dataclass(frozen=True)
class Axis:
    """One metric."""

    title: str
    unit: str


def scatter(points: Mapping[str, Sequence[tuple[float, float]]], across: Axis, up: Axis, style: Style) -> list[str]:
    """Lines no wider than the style's width: ``points`` ``(x, y)`` by kind, in the order of :data:`MARKS`.

    Nothing where there is nothing to draw, or no room for it.
    """
    shown = [point for kind in MARKS for point in points.get(kind, ())]
    if not shown or style.width < NARROWEST:
        return []
    low_x, high_x = _ends([x for x, _ in shown])
    low_y, high_y = _ends([y for _, y in shown])
    ticks = {0: high_y, HEIGHT // 2: (low_y + high_y) / 2, HEIGHT - 1: low_y}
    labels = {line: format_quantity(value, up.unit) for line, value in ticks.items()}
    margin = max(map(len, labels.values()))
    width = min(style.width, WIDEST) - margin - 2
    grid = [[" "] * width for _ in range(HEIGHT)]
    for kind, marks in MARKS.items():
        for x, y in points.get(kind, ()):
            column = round((x - low_x) / (high_x - low_x) * (width - 1))
            line = round((high_y - y) / (high_y - low_y) * (HEIGHT - 1))
            grid[line][column] = marks[0 if style.unicode else 1]
    tick, side, corner, flat, down = _AXES[style.unicode]
    lines = [up.title]
    for number, cells in enumerate(grid):
        edge = tick if number in labels else side
        lines.append(f"{labels.get(number, ''):>{margin}} {edge}{''.join(cells)}".rstrip())
    middle = width // 2
    bottom = "".join(down if place in (0, middle, width - 1) else flat for place in range(width))
    lines.append(f"{'':>{margin}} {corner}{bottom}")
    left, between, right = (format_quantity(x, across.unit) for x in (low_x, (low_x + high_x) / 2, high_x))
    scale = left.ljust(middle - len(between) // 2) + between
    lines.append(f"{'':>{margin}}  {scale}{right:>{max(width - len(scale), len(right) + 1)}}")
    return [*lines, f"{'':>{margin}}  {across.title:>{width}}"]


def legend(kinds: Mapping[str, str], style: Style) -> str:
    """What the marks of these kinds mean, in one line."""
    return "   ".join(f"{MARKS[kind][0 if style.unicode else 1]} {words}" for kind, words in kinds.items())


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
