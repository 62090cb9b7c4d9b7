"""The chart as SVG: well-formed, in both themes, with words, whatever names hold."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from dinas_cli.draw.chart import FRONT, KNEE, chart
from dinas_cli.draw.scatter import Axis
from dinas_cli.draw.theme import THEMES, contrast

AXES = Axis("latency <b>", "ms"), Axis("acc", "%")
POINTS = {"front": [(1.0, 80.0, "</title><script>alert(1)</script>"), (3.0, 90.0, "b")], "knee": [(2.0, 89.0, "c")]}


def test_it_is_well_formed_and_says_what_it_shows() -> None:
    text = chart(POINTS, *AXES, "A front & more", "Three architectures.")
    root = ElementTree.fromstring(text)
    assert root.attrib["role"] == "img"
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == "A front & more"
    assert root.findtext(f"{space}desc") == "Three architectures."
    circles = root.findall(f"{space}circle")
    assert [circle.attrib["class"] for circle in circles] == ["front", "front", "knee"]
    assert not root.findall(f".//{space}script")
    left, middle, right = (float(circles[place].attrib["cx"]) for place in (0, 2, 1))
    assert middle == pytest.approx((left + right) / 2, abs=0.1)
    assert float(circles[1].attrib["cy"]) < float(circles[0].attrib["cy"]), "more is higher"
    assert len(re.findall("prefers-color-scheme: dark", text)) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_stand_out(theme: str) -> None:
    for colour in (FRONT[theme], KNEE[theme]):
        assert contrast(colour, THEMES[theme].background) >= 3


def test_no_points() -> None:
    with pytest.raises(ValueError, match="no points"):
        chart({}, *AXES, "", "")
