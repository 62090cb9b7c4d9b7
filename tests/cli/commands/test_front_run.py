"""``dinas front RUN``: the front of a search's trials, its page, and the page that follows a search at work."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.cli import front_run
from dinas_cli.cli.front_view import Asked
from dinas_cli.search.runs.folder import Run
from tests.conftest import Cli
from tests.support.terminals import DINAS

TRAIN = "import json, sys; print(json.dumps({'accuracy': (int(sys.argv[1][-4:], 16) % 1000) / 1000}))"


@pytest.fixture
def run(cli: Cli, tmp_path: Path) -> Path:
    """A search whose program answers with a number made of the architecture's id."""
    (tmp_path / "train.py").write_text(TRAIN)
    folder = tmp_path / "mine"
    program = f"{sys.executable} -I {tmp_path / 'train.py'} {{id}}"
    result = cli("search", "--command", program, "--random", "--trials", 8, "-o", folder, "-q")
    assert result.code == 0, result.err
    return folder


def data_of(page: Path) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(), re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_front_and_page_of_a_run(cli: Cli, run: Path, tmp_path: Path) -> None:
    found = cli("front", run, "--of", "accuracy,params", "--json")
    assert found.code == 0, found.err
    records = [json.loads(line) for line in found.out.splitlines()]
    assert all(record["metrics"]["accuracy"]["source"] == "measured" for record in records)
    page = tmp_path / "run.html"
    assert cli("front", run, "-o", page).code == 0
    data = data_of(page)
    assert data["title"] == "Search mine"
    assert len(data["progress"]) == 8
    assert sorted(data["rows"]["labels"]["trial"]) == list(range(8))
    assert data["refresh"] == 0
    for trial in data["progress"]:
        assert data["rows"]["labels"]["trial"][trial["row"]] == trial["trial"]
    assert "Measured or trained here: accuracy" in page.read_text()


def test_limits_are_those_of_the_search(cli: Cli, run: Path) -> None:
    result = cli("front", run, "--params", "1M")
    assert (result.code, result.out) == (2, "")
    assert result.err == f"error: a search has its own limits, which its trials keep\nhint: dinas front {run}\n"


def test_watching_follows_a_search_to_its_end(
    cli: Cli, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front_run, "IDLE", 0.5)
    written: list[int] = []
    render = front_run.page_of_run

    def noted(run: Run, asked: Asked, refresh: int = 0) -> str:
        written.append(refresh)
        return render(run, asked, refresh)

    monkeypatch.setattr(front_run, "page_of_run", noted)
    page = tmp_path / "run.html"
    found = cli("front", run, "-o", page, "--watch")
    assert found.code == 0, found.err
    assert written == [front_run.REFRESH, 0], "nobody is at work: the page stops renewing itself"
    assert data_of(page)["refresh"] == 0


def test_what_is_no_front_of_a_run(cli: Cli, run: Path, tmp_path: Path) -> None:
    found = cli("front", run, "--of", "accuracy,latency")
    assert (found.code, found.out) == (2, "")
    assert "have no latency" in found.err
    found = cli("front", tmp_path)
    assert (found.code, found.out) == (3, "")
    assert "is no run of dinas search" in found.err
    found = cli("front", run, "more.jsonl")
    assert (found.code, found.out) == (2, "")


def test_a_search_without_a_value_has_no_front(tmp_path: Path, cli: Cli) -> None:
    program = f"{sys.executable} -c 'import time; time.sleep(60)' {{id}}"
    line = [*DINAS, "search", "--command", program, "--random", "-q", "-o", str(tmp_path / "run")]
    search = subprocess.Popen(line)
    try:
        while not list((tmp_path / "run").glob("trials/*/trial.json")):
            time.sleep(0.05)
        found = cli("front", tmp_path / "run", "-o", tmp_path / "run.html")
    finally:
        search.terminate()
        search.wait()
    assert (found.code, found.out) == (1, "")
    assert "has a value yet" in found.err
    assert not (tmp_path / "run.html").exists()
