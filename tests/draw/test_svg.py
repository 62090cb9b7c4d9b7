"""SVG: well-formed whatever the texts are, accessible, with generic fonts only."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from dinas_cli.draw.place import Flow
from dinas_cli.draw.svg import SvgCanvas

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script>&amp;\"'\x00\x1b[31m\ud800\ufffe]]> --> \u202e"


def test_hostile_text_stays_text() -> None:
    canvas = SvgCanvas(100, 50, "#ffffff", HOSTILE, HOSTILE)
    canvas.text(1, 2, HOSTILE, 12, "#000000")
    root = ElementTree.fromstring(canvas.finish())
    assert [child.tag for child in root] == [SVG + name for name in ("title", "desc", "rect", "text")]
    for child in root:
        if child.tag != SVG + "rect":
            assert child.text is not None
            assert child.text.startswith("</text><script>alert(1)</script>&amp;\"'")
            assert child.text.isprintable()


def test_titles_are_announced() -> None:
    root = ElementTree.fromstring(SvgCanvas(10.25, 20, "#ffffff", "a title", "what is seen").finish())
    assert root.get("role") == "img"
    names = {child.get("id"): child.text for child in root}
    assert [names[word] for word in str(root.get("aria-labelledby")).split()] == ["a title", "what is seen"]
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("10.2", "20", "0 0 10.2 20")
    assert root.get("font-family") == "sans-serif"


@pytest.mark.parametrize(
    ("points", "arrow", "paths"),
    [
        (((0, 5), (0, 5), (40, 5), (50, 5)), False, ["M0,5H50"]),
        (((0, 5), (0, 5), (40, 5), (50, 5)), True, ["M0,5H42", "M50,5L41,1V9Z"]),
        (((0, 5), (10, 5), (40, 25), (50, 25)), False, ["M0,5H10C25,5 25,25 40,25H50"]),
    ],
)
def test_flows(points: tuple[tuple[float, float], ...], arrow: bool, paths: list[str]) -> None:
    canvas = SvgCanvas(50, 30, "#ffffff", "", "")
    canvas.flow(Flow(points, arrow), "#000000")  # type: ignore[arg-type]  # four of them
    root = ElementTree.fromstring(canvas.finish())
    assert [path.get("d") for path in root.iter(f"{SVG}path")] == paths
