"""Published figures: each is what the report makes of a committed result, of the weights in the package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib", reason="needs the extra dev")
from benchmarks import plots, report
from benchmarks.common import RESULTS
from benchmarks.pages import PAGES
from benchmarks.report_readme import headline
from benchmarks.stale import bundled, stale, stale_files
from dinas_cli.checkpoints.registry import default_checkpoint

HINT = "run python -m benchmarks.report, and change results, not pages"


@pytest.fixture(autouse=True)
def no_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plots are drawn by the report; here their captions are enough."""
    monkeypatch.setattr(plots, "save", lambda *_: None)


def whole(lines: list[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_are_what_the_results_say(page: Any) -> None:
    assert (report.TARGET / f"{page.name}.md").read_text("utf-8") == whole(report.written(page)), HINT


def test_the_index_and_the_readme_too() -> None:
    assert (report.TARGET / "index.md").read_text("utf-8") == whole(report.index()), HINT
    figures = report.README.read_text("utf-8").partition(report.MARKS[0])[2].partition(report.MARKS[1])[0]
    assert figures.strip() == "\n".join(headline()).strip(), HINT


def test_figures_of_earlier_weights_are_noticed(tmp_path: Path) -> None:
    now = default_checkpoint("nasbench201", "generator").sha256
    assert now[:12] in bundled()
    facts = {"command": "python -m benchmarks.spaces", "checkpoint_sha256": now, "surrogate_sha256": "0" * 64}
    assert stale(facts) == ["surrogate"]
    assert stale(facts | {"command": "python -m benchmarks.unseen --checkpoint other.safetensors"}) == []
    assert stale({"checkpoints": {"darts": {"generator": now[:12], "surrogate": "f" * 12}}}) == ["darts surrogate"]
    (tmp_path / "one.json").write_text(json.dumps({"about": facts}))
    (tmp_path / "two.json").write_text(json.dumps({"darts": {"about": facts}, "nlp": {"about": {"command": ""}}}))
    assert stale_files(tmp_path) == {"one": ["all"], "two": ["darts"]}


def test_every_result_is_of_the_weights_in_the_package() -> None:
    found = stale_files(RESULTS)
    assert not found, f"weights were trained anew since {found} were measured: the command in each measures it again"


def test_every_result_says_by_which_command_where_and_when_it_was_measured() -> None:
    for path in RESULTS.glob("*.json"):
        assert json.loads(path.read_text())["about"].keys() >= {"command", "machine", "date", "dinas"}, path.name
