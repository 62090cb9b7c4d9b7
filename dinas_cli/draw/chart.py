"""Points in two metrics as an SVG document that follows the theme of whoever looks at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from dinas_cli.draw.scatter import Axis
from dinas_cli.draw.theme import THEMES
from dinas_cli.files.text import visible
from dinas_cli.units import format_quantity

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 90, 24, 56, 64
TICKS = 5
FRONT, KNEE = {"light": "#0072b2", "dark": "#56b4e9"}, {"light": "#d55e00", "dark": "#e69f00"}
"""Colours of the palette of Okabe and Ito that stand out from each theme's background."""


def chart(
    points: Mapping[str, Sequence[tuple[float, float, str]]], across: Axis, up: Axis, title: str, words: str
) -> str:
    """An SVG document: ``points`` ``(x, y, name)`` of the kinds ``other``, ``front`` and ``knee``.

    ``words`` say what there is to see, for those who do not. Raises :class:`ValueError` without any point.
    """
    shown = [point for kind in points.values() for point in kind]
    if not shown:
        raise ValueError("a chart of no points")
    low_x, high_x = _ends([x for x, _, _ in shown])
    low_y, high_y = _ends([y for _, y, _ in shown])

    def place(x: float, y: float) -> tuple[str, str]:
        inner_x, inner_y = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return (
            f"{LEFT + (x - low_x) / (high_x - low_x) * inner_x:.1f}",
            f"{TOP + (high_y - y) / (high_y - low_y) * inner_y:.1f}",
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="12">',
        f'<title id="title">{_escaped(title)}</title><desc id="desc">{_escaped(words)}</desc>',
        f"<style>{_style('light')} @media (prefers-color-scheme: dark) {{ {_style('dark')} }}</style>",
        '<rect class="ground" width="100%" height="100%"/>',
        f'<text class="ink" x="{LEFT}" y="28" font-size="15">{_escaped(title)}</text>',
    ]
    for number in range(TICKS):
        x, y = (low + (high - low) * number / (TICKS - 1) for low, high in ((low_x, high_x), (low_y, high_y)))
        (left, _), (_, height) = place(x, low_y), place(low_x, y)
        parts += [
            f'<path class="grid" d="M{left},{TOP}V{HEIGHT - BOTTOM}M{LEFT},{height}H{WIDTH - RIGHT}"/>',
            f'<text class="faint" x="{left}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
            f"{_escaped(format_quantity(x, across.unit))}</text>",
            f'<text class="faint" x="{LEFT - 8}" y="{height}" dy="4" text-anchor="end">'
            f"{_escaped(format_quantity(y, up.unit))}</text>",
        ]
    for kind, radius in (("other", 1.8), ("front", 4.0), ("knee", 6.0)):
        for x, y, name in points.get(kind, ()):
            across_at, up_at = place(x, y)
            tip = f"<title>{_escaped(name)}</title>" if name else ""
            parts.append(f'<circle class="{kind}" cx="{across_at}" cy="{up_at}" r="{radius}">{tip}</circle>')
    for x, y, _ in points.get("knee", ()):
        across_at, up_at = place(x, y)
        parts.append(f'<text class="ink" x="{across_at}" y="{up_at}" dx="9" dy="16">knee</text>')
    parts += [
        f'<text class="ink" x="{WIDTH - RIGHT}" y="{HEIGHT - 16}" text-anchor="end">{_escaped(across.title)}</text>',
        f'<text class="ink" x="{LEFT}" y="{TOP - 10}">{_escaped(up.title)}</text>',
        "</svg>",
        "",
    ]
    return "\n".join(parts)


def _style(theme: str) -> str:
    colours = THEMES[theme]
    return (
        f".ground{{fill:{colours.background}}} .ink{{fill:{colours.ink}}} .faint{{fill:{colours.faint}}} "
        f".grid{{stroke:{colours.fills['input']};stroke-width:1;fill:none}} .other{{fill:{colours.line};opacity:.45}} "
        f".front{{fill:{FRONT[theme]}}} .knee{{fill:{KNEE[theme]}}}"
    )


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _escaped(text: str) -> str:
    return escape(visible(text))
