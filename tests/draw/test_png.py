"""PNG: opens, has the colours asked for where they were asked for, is the same every time, and knows its limits."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from dinas_cli.draw import png
from dinas_cli.draw.place import Flow
from dinas_cli.draw.png import PngCanvas
from dinas_cli.errors import DinasError, NotFoundError

image = pytest.importorskip("PIL.Image")


def opened(content: bytes) -> Any:
    picture = image.open(io.BytesIO(content))
    picture.load()
    return picture


def painted() -> bytes:
    canvas = PngCanvas(100, 600, "#0d1117")
    canvas.box(10, 10, 40, 20, 5, "#0072b2", "#ffffff")
    canvas.flow(Flow(((50, 20), (50, 20), (90, 580), (90, 580)), True), "#ff0000")
    canvas.text(50, 300, "conv 3×3 · ok", 14, "#00ff00", "middle")
    return canvas.finish()


def test_shapes_are_where_they_belong() -> None:
    picture = opened(painted())
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (200, 1200))
    assert picture.getpixel((0, 0)) == (0x0D, 0x11, 0x17)
    assert picture.getpixel((60, 40)) == (0x00, 0x72, 0xB2)
    assert picture.getpixel((177, 1160)) == (255, 0, 0)  # the arrow head
    assert picture.crop((0, 560, 200, 620)).getextrema()[1][1] > 200  # the text's green


def test_bands_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = painted()
    assert painted() == whole
    monkeypatch.setattr(png, "_BAND", 100)
    assert opened(painted()).tobytes() == opened(whole).tobytes()


def test_large_pictures_are_coarser_and_huge_ones_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "_LARGEST", 10_000)
    assert opened(PngCanvas(100, 100, "#ffffff").finish()).size == (100, 100)
    with pytest.raises(DinasError, match="too many architectures"):
        PngCanvas(101, 100, "#ffffff")


def test_without_pillow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.setitem(sys.modules, "PIL.ImageDraw", None)
    with pytest.raises(NotFoundError, match="Pillow") as caught:
        PngCanvas(10, 10, "#ffffff")
    assert "dinas[draw]" in str(caught.value.hint)
