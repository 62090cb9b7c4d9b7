"""Pictures as SVG: plain elements, generic fonts, and words for those who do not see them."""

from __future__ import annotations

from html import escape

from dinas_cli.draw.canvas import Anchor
from dinas_cli.draw.place import Flow
from dinas_cli.files.text import visible

_HEAD = (9.0, 4.0)
"""Length and half the width of an arrow head."""


class SvgCanvas:
    """A canvas that becomes an SVG document; every text of unknown origin is escaped."""

    def __init__(self, width: float, height: float, background: str, title: str, description: str) -> None:
        size = f'width="{_number(width)}" height="{_number(height)}" viewBox="0 0 {_number(width)} {_number(height)}"'
        self._parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc" '
            'font-family="sans-serif">',
            f'<title id="title">{_escaped(title)}</title>',
            f'<desc id="desc">{_escaped(description)}</desc>',
            f'<rect width="100%" height="100%" fill="{background}"/>',
        ]

    def box(self, x: float, y: float, width: float, height: float, radius: float, fill: str, stroke: str) -> None:
        """A rectangle with round corners."""
        place = f'x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}"'
        line = f' stroke="{stroke}"' if stroke else ""
        self._parts.append(f'<rect {place} rx="{_number(radius)}" fill="{fill}"{line}/>')

    def flow(self, flow: Flow, stroke: str) -> None:
        """A path, and a triangle where it ends in an arrow."""
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = flow.points
        middle = _number((x1 + x2) / 2)
        path = f"M{_pair(x0, y0)}H{_number(x1)}"
        if y1 == y2:
            path = f"M{_pair(x0, y0)}"
        else:
            path += f"C{middle},{_number(y1)} {middle},{_number(y2)} {_pair(x2, y2)}"
        end = x3 - _HEAD[0] + 1 if flow.arrow else x3
        path += f"H{_number(end)}"
        self._parts.append(f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="1.5"/>')
        if flow.arrow:
            back, half = x3 - _HEAD[0], _HEAD[1]
            corners = f"M{_pair(x3, y3)}L{_pair(back, y3 - half)}V{_number(y3 + half)}Z"
            self._parts.append(f'<path d="{corners}" fill="{stroke}"/>')

    def text(self, x: float, y: float, text: str, size: float, fill: str, anchor: Anchor = "start") -> None:
        """A text element."""
        place = f'x="{_number(x)}" y="{_number(y)}" font-size="{_number(size)}"'
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._parts.append(f'<text {place} fill="{fill}"{where}>{_escaped(text)}</text>')

    def finish(self) -> bytes:
        """The document, UTF-8."""
        return "\n".join([*self._parts, "</svg>", ""]).encode()


def _escaped(text: str) -> str:
    """``text`` as XML can hold it, whatever it is."""
    return escape(visible(text))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _pair(x: float, y: float) -> str:
    return f"{_number(x)},{_number(y)}"
