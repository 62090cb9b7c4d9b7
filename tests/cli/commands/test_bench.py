"""``dinas bench`` as users meet it: tables in every mode, resuming, bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dinas_cli.bench import few_labels
from dinas_cli.bench.suites import paper, speed
from tests.conftest import Cli
from tests.support.bundled import needs_weights

pytestmark = needs_weights


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, bench_data: Path) -> list[object]:
    """The suite ``paper`` on one task, with so few look-ups and steps that it takes seconds; its options."""
    for module, name, value in (
        (few_labels, "FIRST", 2),
        (few_labels, "NEXT", 1),
        (paper, "HONEST", 24),
        (paper, "MOST", 16),
        (paper, "LABELS", ("32",)),
        (paper, "DATASETS", 1),
    ):
        monkeypatch.setattr(module, name, value)
    return ["--space", "transnas-macro", "--seeds", 1, "--data", bench_data / "transnas_bench_101.csv.gz"]


def test_tables_then_nothing_left_to_do(cli: Cli, small: list[object], tmp_path: Path) -> None:
    out = tmp_path / "r.json"
    first = cli("bench", *small, "--out", out)
    assert first.code == 0, first.err
    titles = [line for line in first.out.splitlines() if line.startswith("# ")]
    assert len(titles) == 3
    assert "protocol P" in titles[0]
    assert "protocol H" in titles[1]
    assert f"results: {out}" in first.err
    before = out.read_bytes()
    again = cli("bench", *small, "--out", out)
    assert again.out == first.out
    assert json.loads(out.read_bytes())["experiments"] == json.loads(before)["experiments"], "not even times changed"
    rows = [json.loads(line) for line in cli("bench", *small, "--out", out, "--json").out.splitlines()]
    assert {row["table"] for row in rows} == {title.removeprefix("# ") for title in titles}
    assert all("method" in row or "benchmark" in row for row in rows)


def test_all_suites_that_know_a_space_and_a_page(
    cli: Cli, small: list[object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, out = tmp_path / "page.html", tmp_path / "results"
    monkeypatch.setattr(paper.PaperSuite, "quick", r"transnas-macro@class_scene/H (random search|evolution)/seed0")
    monkeypatch.setattr(speed.Speed, "quick", r"transnas-macro/(parameters|batch1)")
    asked = [*small, "--suite", "all", "--quick", "--out", out, "--page", page]
    result = cli("bench", *asked)
    assert result.code == 0, result.err
    assert sorted(path.name for path in out.iterdir()) == ["dinas-paper.json", "dinas-speed.json"]
    about = json.loads((out / "dinas-paper.json").read_text())["about"]
    assert (about["seeds"], set(about["checkpoints"]), len(about["date"])) == (1, {"transnas-macro"}, 10)
    text = page.read_text()
    assert "<title>Measured by dinas bench</title>" in text
    assert all(line.removeprefix("# ")[:40] in text for line in result.out.splitlines() if line.startswith("# "))
    assert cli("bench", *asked).code == 1, "the page exists"


def test_bad_input(cli: Cli, tmp_path: Path) -> None:
    for args, code, text in (
        (["--suite", "papr"], 2, "unknown suite 'papr'"),
        (["--space", "nasbench21"], 2, "unknown space 'nasbench21'"),
        (["--suite", "constraints", "--space", "darts"], 2, "unknown space of suite constraints 'darts'"),
        (["--page", "page.txt"], 2, "--page page.txt is no .html"),
        (["--seeds", "0"], 2, "'--seeds': Input should be greater"),
        (["--space", "nasbench201"], 3, "no table of nasbench201"),
        (["--out", str(tmp_path)], 1, "is a folder"),
    ):
        result = cli("bench", "--out", tmp_path / "r.json", *args) if "--out" not in args else cli("bench", *args)
        assert result.code == code, (args, result)
        assert text in result.err
        assert len(result.err.strip().splitlines()) == 2, result.err


def test_a_missing_extra_is_named(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import util

    find = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "torch_geometric" else find(name))
    result = cli("bench")
    assert (result.code, result.out) == (3, "")
    assert "needs the package torch_geometric" in result.err
    assert "dinas[bench]" in result.err
