"""Colours by kind that colour-blind people tell apart, in a light and a dark theme, and the room that text takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dinas_cli.spaces.shared.protocol import KINDS

LABEL, TITLE, SMALL = 13, 16, 12
"""Sizes of type in pixels."""

_HUES = {
    "conv": "#0072b2",
    "pool": "#e69f00",
    "skip": "#009e73",
    "linear": "#56b4e9",
    "activation": "#f0e442",
    "gate": "#cc79a7",
    "graph": "#d55e00",
}
"""The palette of Okabe & Ito, 2008."""


@dataclass(frozen=True)
class Theme:
    """Colours of one theme."""

    name: str
    background: str
    card: str
    """Behind each drawing of a sheet."""
    ink: str
    faint: str
    line: str
    """Edges, and the border of every box."""
    fills: dict[str, str]
    """By kind."""


def _theme(name: str, background: str, card: str, ink: str, faint: str, line: str, neutral: tuple[str, ...]) -> Theme:
    ends, total, other = neutral
    fills = {kind: _HUES.get(kind, other) for kind in KINDS} | {"input": ends, "output": ends, "sum": total}
    return Theme(name, background, card, ink, faint, line, fills)


THEMES = {
    theme.name: theme
    for theme in (
        _theme("light", "#ffffff", "#f6f8fa", "#1f2328", "#59636e", "#6e7781", ("#dce1e7", "#ffffff", "#b8c0c8")),
        _theme("dark", "#0d1117", "#161b22", "#e6edf3", "#9ea7b3", "#848d97", ("#30363d", "#161b22", "#57606a")),
    )
}


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours ``#rrggbb``, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(fill: str) -> str:
    """Black or white, whichever reads better on ``fill``."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, fill))


def legend(kinds: Iterable[str]) -> list[str]:
    """The kinds that a legend has to explain, in the order of :data:`KINDS`; what their label says needs none."""
    present = set(kinds)
    return [kind for kind in KINDS if kind in present - {"", "input", "output", "sum"}]


def text_width(text: str, size: float) -> float:
    """Room in pixels for ``text`` in any common sans-serif, a little generous: the wide ones are the measure."""
    return size * sum(_advance(character) for character in text)


def cut(text: str, size: float, width: float) -> str:
    """``text``, or as much of its beginning as there is room for."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text}…"


def _advance(character: str) -> float:
    if character in "ijl.,:;'|! ":
        return 0.33
    if character in "ftrI()[]{}-/·":
        return 0.42
    if character in "mwMW@%+=<>~×≤≥–→":
        return 0.98 if character in "mMW@%" else 0.84
    return 0.72 if character.isupper() else 0.64


def _luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
