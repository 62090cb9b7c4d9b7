"""``dinas front``: data in all forms, plot, picture and page; records, several devices; what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import Cli
from tests.support.bundled import needs_weights
from tests.support.terminals import on_terminal

pytestmark = needs_weights


def test_records_and_rows(cli: Cli, tmp_path: Path) -> None:
    found = cli("front", "--device", "fpga", "--params", "500k", "--json")
    assert found.code == 0
    records = [json.loads(line) for line in found.out.splitlines()]
    assert [record["provenance"]["layer"] for record in records] == [1] * len(records)
    assert sum(record["provenance"]["knee"] for record in records) == 1
    latencies = [record["metrics"]["latency/fpga@cifar10"]["value"] for record in records]
    accuracies = [record["metrics"]["acc@cifar10"]["value"] for record in records]
    assert latencies == sorted(latencies)
    assert accuracies == sorted(accuracies)
    assert all(record["metrics"]["params@cifar10"]["value"] <= 500e3 for record in records)
    first = found.err.splitlines()[0]
    assert first.startswith(f"front of acc@cifar10 and latency/fpga@cifar10: {len(records)} of ")
    assert "hypervolume 0." in first

    rows = cli("front", "--device", "fpga", "--params", "500k").out.splitlines()
    assert len(rows) == len(records) + 1
    assert {"acc@cifar10", "latency/fpga@cifar10", "knee"} <= set(rows[0].split("\t"))
    assert cli("front", "--device", "fpga", "--params", "500k", "-o", tmp_path / "f.jsonl").code == 0
    assert (tmp_path / "f.jsonl").read_text() == found.out

    again = cli("front", tmp_path / "f.jsonl", "--device", "fpga", "--json", "-q")
    assert [json.loads(line)["id"] for line in again.out.splitlines()] == [record["id"] for record in records]
    assert again.err == ""


def test_devices_side_by_side(cli: Cli) -> None:
    found = cli("front", "--device", "pixel3", "--device", "fpga", "--latency", "pixel3=20ms", "--json")
    assert found.code == 0
    assert found.err.startswith("front of acc@cifar10, latency/pixel3@cifar10 and latency/fpga@cifar10: ")
    for line in found.out.splitlines():
        assert json.loads(line)["metrics"]["latency/pixel3@cifar10"]["value"] <= 20


def test_picture_and_page(cli: Cli, tmp_path: Path) -> None:
    page, svg = tmp_path / "front.html", tmp_path / "front.svg"
    found = cli("front", "--device", "fpga", "-o", page, "--svg", svg)
    assert (found.code, found.out) == (0, "")
    assert f"wrote {page}" in found.err
    space = "{http://www.w3.org/2000/svg}"
    assert len(ElementTree.parse(svg).findall(f"{space}circle[@class='knee']")) == 1
    text = page.read_text()
    assert "<h1>Front of latency/fpga@cifar10 and acc@cifar10</h1>" in text
    assert "Predicted by a small model that learned from the benchmark" in text
    assert str(tmp_path) not in text
    assert cli("front", "--device", "fpga", "-o", page).code == 1, "existing files are kept"
    assert cli("front", "--device", "fpga", "-o", page, "--force").code == 0


@pytest.mark.parametrize(("width", "env"), [(80, {}), (60, {"TERM": "dumb"})])
def test_a_terminal_gets_a_plot(width: int, env: dict[str, str]) -> None:
    found = on_terminal("front", "--device", "fpga", COLUMNS=str(width), **env)
    assert found.code == 0
    plot = found.out.partition("on the front")[0].rpartition("\n\n")[2].splitlines()
    assert max(map(len, plot)) <= width
    marks = "o#" if env else "●◆"
    assert all(mark in "".join(plot) for mark in marks)
    assert plot[0] == "acc@cifar10 (%)"


@pytest.mark.parametrize(
    ("arguments", "code", "problem", "hint"),
    [
        (["--of", "params,macs"], 2, "are no trade-off", "--of acc,params"),
        (["--of", "acc,acc"], 2, "acc@cifar10 is named twice", "--of acc,params"),
        (["--of", "acc"], 2, "two or three metrics, not of 1", "--of acc,params"),
        (["--of", "acc,latncy"], 2, "no metric 'latncy'", "did you mean 'latency'?"),
        (["--of", "acc,latency"], 2, "latency needs a device", "--device"),
        (["--of", "acc,energy/pixel3"], 2, "pixel3", "devices: edgegpu"),
        (["--of", ","], 2, "names no metric", "--of acc"),
        (["--device", "pixel", "--json"], 2, "'pixel'", "pixel3"),
        (["--latency", "pixel3=2ms", "--device", "fpga"], 2, "pixel3", "--device"),
        (["--params", "1"], 5, "no architecture of nasbench201", "feasible from"),
        (["--acc", "best"], 2, "one end of the front", "dinas generate"),
        (["-o", "front.txt"], 2, "neither .html nor .jsonl", "-o front.html"),
        (["--svg", "front.png"], 2, "is no .svg", "--svg front.svg"),
        (["--watch"], 2, "--watch is for the page of a search", "dinas front RUN"),
        (["333132", "-n", "3"], 2, "-n is for the front of a space, not of ARCH", "leave out -n"),
        (["nowhere.jsonl"], 3, "no such file: nowhere.jsonl", "name files"),
    ],
)
def test_what_is_refused(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, problem: str, hint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    found = cli("front", *arguments)
    assert (found.code, found.out) == (code, ""), found.err
    error, said = found.err.splitlines()[-2:]
    assert problem in error
    assert said.startswith("hint: ")
    assert hint in said
    assert list(tmp_path.iterdir()) == []


def test_records_that_make_no_front(cli: Cli, tmp_path: Path) -> None:
    one = cli("generate", "--space", "nasbench201", "-n", "1", "--json", "-q").out
    other = cli("generate", "--space", "transnas-micro", "-n", "1", "--json", "-q").out
    (tmp_path / "one.jsonl").write_text(one)
    found = cli("front", tmp_path / "one.jsonl", "--of", "acc,params")
    assert (found.code, found.out) == (1, "")
    assert found.err.startswith("error: a front needs at least two architectures, and here is one\nhint: ")
    (tmp_path / "both.jsonl").write_text(one + other)
    found = cli("front", tmp_path / "both.jsonl", "--of", "acc,params")
    assert (found.code, found.out) == (2, "")
    assert "of one space, and these records are 1 of nasbench201, 1 of transnas-micro" in found.err
    (tmp_path / "empty.jsonl").write_text("")
    assert cli("front", tmp_path / "empty.jsonl").code == 1


def test_a_folder_that_is_missing_is_made_and_one_that_cannot_be_is_named(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    found = cli("front", "-o", tmp_path / "file" / "front.html")
    assert (found.code, found.out) == (1, "")
    assert str(tmp_path / "file") in found.err
    assert len(found.err.splitlines()) <= 2
    inside = tmp_path / "new" / "front.jsonl"
    found = cli("front", "-o", inside)
    assert found.code in (0, 1)
    assert inside.exists() == (found.code == 0)
