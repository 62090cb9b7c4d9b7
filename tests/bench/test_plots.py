"""Plots: the same bytes every time, every curve and label in them; panels made of a suite's results."""

from __future__ import annotations

import xml.etree.ElementTree as ET
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
)
from benchmarks.plots import Panel, Series, mean_band, save

PANELS = [
    Panel(
        "cifar10",
        "look-ups",
        "accuracy in %",
        (mean_band("ours", [1, 10, 100], [[90, 92, 94], [91, 93, 94]]), Series("random", [1, 100], [80, 90])),
        log=True,
        level=("best there is", 94.4),
    ),
    Panel("fpga", "latency in ms", "accuracy in %", (Series("ours", [1, 2], [3, 4], kind="step"),), ylimits=(0, 5)),
]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_same_picture_has_the_same_bytes(tmp_path: Path, count: int) -> None:
    panels = (PANELS * 3)[:count]
    content = save(panels, tmp_path / "new" / "one.svg").read_bytes()
    assert save(panels, tmp_path / "two.svg").read_bytes() == content
    assert len(content) < 25_000 * count
    text = " ".join(ET.fromstring(content).itertext())
    for word in ("cifar10", "look-ups", "accuracy in %", "ours", "random", "best there is"):
        assert word in text, "text is kept as text"
    assert b"<dc:date>" not in content
    assert content != save(panels[:-1] + [PANELS[1]] * 2, tmp_path / "three.svg").read_bytes()


def test_a_png_can_be_looked_at(tmp_path: Path) -> None:
    assert save(PANELS, tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")


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
        "nb@c10/P dinas/seed0": run([1, 3, 10], [50, 60, 70], labels=900),
        "nb@c10/P dinas/seed1": run([1, 2, 8], [40, 80, 90], labels=900),
        "nb@c10/H random search/seed0": run([1], [10]),
        "nb@c10/H dinas/seed0": run([1], [10], labels=64),
        "nb@c10/H 64 labels/seed0": {"labels": 64, "best_label": 80, "value": 90, "optimum": 95},
        "nb@c10/H 64 labels/seed1": {"labels": 64, "best_label": 82, "value": 94, "optimum": 95},
        "nb@c10/H 5% labels/seed0": {"labels": 25, "best_label": 70, "value": 80, "optimum": 95},
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
