"""Points as text: on a grid with axes, in lines or in ASCII, never wider than the terminal."""

from __future__ import annotations

import pytest

from dinas_cli.draw.scatter import HEIGHT, NARROWEST, Axis, legend, scatter
from dinas_cli.draw.text import Style

POINTS = {
    "front": [(1.0, 80.0), (3.0, 90.0)],
    "knee": [(2.0, 89.0)],
    "other": [(3.0, 70.0), (2.0, 89.0)],
}
AXES = Axis("latency/fpga (ms)", "ms"), Axis("acc (%)", "%")


@pytest.mark.parametrize("width", [NARROWEST, 60, 80, 120, 200])
@pytest.mark.parametrize("lines", [True, False])
def test_it_fits(width: int, lines: bool) -> None:
    shown = scatter(POINTS, *AXES, Style(width, lines))
    assert max(map(len, shown)) <= min(width, 100)
    assert len(shown) == HEIGHT + 4
    assert all(line.isascii() for line in shown) != lines
    text = "\n".join(shown)
    front, knee, other = "●◆·" if lines else "o#."
    assert (text.count(front), text.count(knee)) == (2, 1), "the knee is drawn over the other point there"
    assert f" {other}" in shown[HEIGHT], "the lowest is at the bottom"


def test_places_and_labels() -> None:
    shown = scatter(POINTS, *AXES, Style(60))
    assert shown[0] == "acc (%)"
    assert shown[1].startswith("90.00 % ┤")
    assert shown[1].endswith("●")
    assert shown[HEIGHT].startswith("70.00 % ┤")
    assert "1.00 ms" in shown[-2]
    assert shown[-2].rstrip().endswith("3.00 ms")
    assert shown[-1].strip() == "latency/fpga (ms)"


def test_nothing_to_draw() -> None:
    assert scatter({}, *AXES, Style(80)) == []
    assert scatter(POINTS, *AXES, Style(NARROWEST - 1)) == []
    same = scatter({"front": [(1.0, 2.0), (1.0, 2.0)]}, *AXES, Style(60))
    assert "\n".join(same).count("●") == 1


def test_legend() -> None:
    assert legend({"front": "on the front", "knee": "knee"}, Style(80)) == "● on the front   ◆ knee"
    assert legend({"front": "on the front"}, Style(80, False)) == "o on the front"
