"""Plots: the same bytes every time, every curve and label in them; panels made of a suite's results."""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib")

from benchmarks.bench_plots import (
    fronts,
    guidance_weight,
    honest_protocol,
    label_budget,
    network_calls,
    paper_protocol,
    value_of,
)
from benchmarks.methods import look
from benchmarks.plots import PLOTS, Panel, Series, mean_band, save, save_both

PANELS = [
    Panel(
        "cifar10",
        "look-ups",
        "accuracy in %",
        (mean_band("dinas", [1, 10, 100], [[90, 92, 94], [91, 93, 94]]), Series("random search", [1, 100], [80, 90])),
        log=True,
        level=("best there is", 94.4),
    ),
    Panel("fpga", "latency in ms", "accuracy in %", (Series("dinas", [1, 2], [3, 4], kind="step"),)),
]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_same_picture_has_the_same_bytes(tmp_path: Path, count: int) -> None:
    panels = (PANELS * 3)[:count]
    content = save(panels, tmp_path / "new" / "one.svg").read_bytes()
    assert save(panels, tmp_path / "two.svg").read_bytes() == content
    assert len(content) < 25_000 * count
    text = " ".join(ET.fromstring(content).itertext())
    for word in ("cifar10", "look-ups", "accuracy in %", "dinas", "random search", "best there is"):
        assert word in text, "text is kept as text"
    assert b"<dc:date>" not in content
    assert content != save(panels[:-1] + [PANELS[1]] * 2, tmp_path / "three.svg").read_bytes()


def test_a_png_can_be_looked_at(tmp_path: Path) -> None:
    assert save(PANELS, tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")


def test_light_and_dark_differ_in_colours_only(tmp_path: Path) -> None:
    save_both(PANELS, "a", tmp_path)
    light, dark = ((tmp_path / f"a-{theme}.svg").read_text() for theme in ("light", "dark"))
    assert look("dinas").light.lower() in light
    assert look("dinas").dark.lower() in dark
    assert look("dinas").light.lower() not in dark
    bare = [re.sub(r"#[0-9a-f]{6}", "", text) for text in (light, dark)]
    assert len(bare[0]) == len(bare[1])


def test_ours_is_drawn_last(tmp_path: Path) -> None:
    """In SVG what comes later lies above."""
    for series in (PANELS[0].series, PANELS[0].series[::-1]):
        text = save([replace(PANELS[0], series=series)], tmp_path / "a.svg").read_text()
        axes = text[text.index('id="axes_1"') : text.index('id="legend_1"')]
        assert axes.rindex(look("dinas").light.lower()) > axes.rindex(look("random search").light.lower())


@pytest.mark.parametrize("path", sorted(PLOTS.glob("*-light.svg")), ids=lambda path: path.stem)
def test_committed_figures(path: Path) -> None:
    """Both themes are there, axes have names, and no two lines of a figure look alike."""
    dark = path.with_name(path.name.replace("-light", "-dark"))
    for text in (path.read_text("utf-8"), dark.read_text("utf-8")):
        words = re.findall(r"<text[^>]*>([^<]*)</text>", text)
        labels = re.findall(r"<text[^>]*>([^<]*)</text>", text[text.index('id="legend_1"') :])
        assert labels
        looks = [(look(label).light, look(label).marker) for label in map(html.unescape, labels)]
        assert len(set(looks)) == len(looks)
        assert sum("(%)" in word or "accuracy" in word for word in words) >= 1


def test_axes_say_the_unit() -> None:
    assert value_of("nasbench201@cifar10") == "validation accuracy (%)"
    assert value_of("transnas-macro@room_layout") == "validation loss, negative"


def test_mean_and_band() -> None:
    band = mean_band("x", [1, 2], [[1, 5], [3, 5]])
    assert band.y == [2, 5]
    assert band.sd == [1, 0]


def test_series_of_the_samplers() -> None:
    experiments = {
        f"nb@c10/{method}/{setting}/seed{seed}": {"calls": calls, "guidance": weight, "top": top + 0.1 * seed}
        for method, setting, calls, weight, top in (
            ("default", "any-order-6", 6, 2, 0.8),
            ("default", "any-order-1", 1, 2, 0.2),
            ("default", "guidance-0", 6, 0, 0.4),
            ("default", "own", 6, 2, 0.8),
            ("paper", "ancestral-5", 5, 2, 0.1),
            ("paper", "iterative-5", 5, 2, 0.1),
            ("paper", "own", 500, 2, 0.9),
            ("absorbing", "own", 6, 2, 0.7),
        )
        for seed in range(2)
    }
    (panel,) = network_calls(experiments)
    ours, posterior, iterative, alone = panel.series
    assert (ours.label, ours.x) == ("ours as shipped", [1, 6])
    assert ours.y == pytest.approx([25, 85])
    assert ours.sd == pytest.approx([5, 5])
    assert (posterior.label, posterior.x) == ("paper's method, posterior", [5, 500])
    assert (iterative.label, iterative.x) == ("paper's method, iterative", [5])
    assert (alone.label, alone.x) == ("our kernel, one-hot targets", [6])
    (panel,) = guidance_weight(experiments)
    assert [(line.label, line.x) for line in panel.series] == [("ours as shipped", [0])]


def test_curves_of_both_protocols() -> None:
    def run(queries: list[int], value: list[float], labels: int = 0) -> dict[str, Any]:
        return {"queries": queries, "value": value, "labels": labels, "optimum": 95}

    experiments: dict[str, dict[str, Any]] = {
        "nasbench201@cifar10/P dinas/seed0": run([1, 3, 10], [50, 60, 70], labels=900),
        "nasbench201@cifar10/P dinas/seed1": run([1, 2, 8], [40, 80, 90], labels=900),
        "nasbench201@cifar10/H random search/seed0": run([1], [10]),
        "nasbench201@cifar10/H dinas/seed0": run([1], [10], labels=64),
        "nasbench201@cifar10/H 64 labels/seed0": {"labels": 64, "best_label": 80, "value": 90, "optimum": 95},
        "nasbench201@cifar10/H 64 labels/seed1": {"labels": 64, "best_label": 82, "value": 94, "optimum": 95},
        "nasbench201@cifar10/H 5% labels/seed0": {"labels": 25, "best_label": 70, "value": 80, "optimum": 95},
        "darts/P random search/seed0": run([1], [10]),
    }
    (panel,) = paper_protocol(experiments)
    assert panel.level is not None
    assert panel.level[1] == 95
    assert [line.label for line in panel.series] == ["dinas", "random search"]
    assert panel.series[0].x == [1, 2, 3, 8]
    assert panel.series[0].y == [45, 65, 70, 75]
    (panel,) = honest_protocol(experiments)
    assert [(line.label, line.y) for line in panel.series] == [("random search", [10]), ("dinas", [10])]
    (panel,) = label_budget(experiments)
    found, labels = panel.series
    assert found.x == [25, 64]
    assert found.y == [80, 92]
    assert labels.y == [70, 81]


def test_fronts_are_sorted_by_latency() -> None:
    experiments = {
        "fpga@c10/true front": {"front": [[1.0, 75.0]]},
        "fpga@c10/ours/seed0": {"front": [[2.0, 80.0], [1.0, 75.0], [0.5, 10.0]]},
        "fpga@c10/ours/seed1": {"front": [[9.0, 9.0]]},
        "eyeriss@c10/ours/seed0": {"front": [[1.0, 1.0]]},
        "fpga@c100/ours/seed0": {"front": [[1.0, 1.0]]},
    }
    panels = fronts(experiments)
    assert [panel.title for panel in panels] == ["fpga@c10", "eyeriss@c10"], "one dataset"
    assert [line.label for line in panels[0].series] == ["true front", "ours"]
    assert panels[0].series[1].x == [1.0, 2.0]
    assert panels[0].series[1].y == [75.0, 80.0], "what is far from the best is left out"
