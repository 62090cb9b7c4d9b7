"""Pictures as PNG, drawn with Pillow and its own typeface, so that they are the same everywhere."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Any

from dinas_cli.draw.canvas import Anchor
from dinas_cli.draw.place import Flow, curve
from dinas_cli.draw.words import ascii_only
from dinas_cli.errors import DinasError, NotFoundError

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_FINER = 2
"""Pillow's shapes have jagged borders: they are drawn so many times finer than the picture."""
_DENSITY = 2
"""Pixels of the picture per unit of the drawing, for sharp type; fewer where that makes it too large."""
_BAND = 512
"""Rows of the picture that are drawn at a time, so that a large sheet needs little memory."""
_LARGEST = 60_000_000
"""Pixels of a picture."""
_HEAD = (9.0, 4.0)


class PngCanvas:
    """A canvas that becomes a PNG file.

    Raises :class:`NotFoundError` that names the extra when Pillow is not installed, and :class:`DinasError` for a
    picture that is too large for most programs.
    """

    def __init__(self, width: float, height: float, background: str) -> None:
        try:
            import PIL.ImageDraw  # noqa: F401
        except ImportError as error:
            raise NotFoundError(
                "PNG pictures need Pillow", "pip install 'dinas[draw]', or name a .svg file or folder"
            ) from error
        self._density = _DENSITY if width * height * _DENSITY**2 <= _LARGEST else 1
        if width * height > _LARGEST:
            raise DinasError("too many architectures for one PNG picture", "name a folder, or a .svg file")
        self._size = (ceil(width * self._density), ceil(height * self._density))
        self._background = background
        self._steps: list[tuple[float, float, Callable[[_Pen], None]]] = []

    def box(self, x: float, y: float, width: float, height: float, radius: float, fill: str, stroke: str) -> None:
        """A rectangle with round corners."""
        self._steps.append((y, y + height, lambda pen: pen.box(x, y, width, height, radius, fill, stroke)))

    def flow(self, flow: Flow, stroke: str) -> None:
        """A curve of many short lines, and a triangle where it ends in an arrow."""
        heights = [y for _, y in flow.points]
        self._steps.append((min(heights) - 5, max(heights) + 5, lambda pen: pen.flow(flow, stroke)))

    def text(self, x: float, y: float, text: str, size: float, fill: str, anchor: Anchor = "start") -> None:
        """One line of text; the typeface has little beyond ASCII, so the rest is written in it."""
        plain = ascii_only(text, but="·…")
        self._steps.append((y - size, y + size / 2, lambda pen: pen.text(x, y, plain, size, fill, anchor)))

    def finish(self) -> bytes:
        """The file, drawn in bands from top to bottom."""
        from PIL import Image, ImageDraw

        width, height = self._size
        picture = Image.new("RGB", (width, height), self._background)
        scale = self._density * _FINER
        for top in range(0, height, _BAND):
            rows = min(_BAND, height - top)
            band = Image.new("RGB", (width * _FINER, rows * _FINER), self._background)
            pen = _Pen(ImageDraw.Draw(band), scale, top * _FINER)
            for first, last, step in self._steps:
                if last * self._density >= top - 1 and first * self._density <= top + rows + 1:
                    step(pen)
            picture.paste(band.reduce(_FINER), (0, top))
        stream = io.BytesIO()
        picture.save(stream, "PNG", optimize=True)
        return stream.getvalue()


class _Pen:
    """Draws on one band of the enlarged picture."""

    def __init__(self, draw: ImageDraw, scale: int, top: int) -> None:
        self._draw, self._scale, self._top = draw, scale, top

    def _at(self, x: float, y: float) -> tuple[int, int]:
        return round(x * self._scale), round(y * self._scale) - self._top

    def box(self, x: float, y: float, width: float, height: float, radius: float, fill: str, stroke: str) -> None:
        corners = (*self._at(x, y), *self._at(x + width, y + height))
        self._draw.rounded_rectangle(corners, radius * self._scale, fill, stroke or None, self._scale)

    def flow(self, flow: Flow, stroke: str) -> None:
        points = [self._at(*point) for point in curve(flow)]
        x, y = points[-1]
        if flow.arrow:
            back, half = (length * self._scale for length in _HEAD)
            self._draw.polygon([(x, y), (x - back, y - half), (x - back, y + half)], stroke)
            points[-1] = (round(x - back) + self._scale, y)
        self._draw.line(points, stroke, round(1.5 * self._scale), "curve")

    def text(self, x: float, y: float, text: str, size: float, fill: str, anchor: Anchor) -> None:
        place = "ls" if anchor == "start" else "ms"
        self._draw.text(self._at(x, y), text, fill, _font(size * self._scale), anchor=place)


@lru_cache
def _font(size: float) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
