"""Folders of networks to measure elsewhere: what is in them, and that their script runs with a runtime alone."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError, UsageProblem
from dinas_cli.exporting import anchors, board
from dinas_cli.exporting.plan import Network, plan
from dinas_cli.oracles.measurements import read_measurements
from dinas_cli.spaces.nasbench201.space import SPACE

CELLS = ("333132", "301004", "222222")
SMALL = {"channels": 2, "cells": 1, "image_size": 8, "in_channels": 1}
TOLD = " --space nasbench201 --dataset cifar10 --skeleton cifar --cells 1 --channels 2 --image-size 8 --in-channels 1"


def networks(skeleton: str | None = "cifar", space: str = SPACE.name, *cells: str) -> list[Network]:
    sizes = SMALL if skeleton else {}
    return [plan(Record("", space, cell), None, skeleton, sizes) for cell in cells or CELLS]


def measure(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a board would, in another folder and without what is installed for development."""
    command = [sys.executable, "-I", str(folder / "measure.py"), "--seconds", "0.01", *args]
    return subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("form", anchors.FORMS)
def test_the_way_to_a_board_and_back(tmp_path: Path, form: str) -> None:
    if form == "onnx":
        pytest.importorskip("onnxruntime")
    made, progress = networks()[: 3 if form == "pytorch" else 1], list[int]()  # tracing takes its time
    anchors.write_anchors(made, form, tmp_path / "nets", progress=progress.append)
    ending = ".py" if form == "pytorch" else ".onnx"
    names = [f"{network.record.id}{ending}" for network in made]
    assert {path.name for path in (tmp_path / "nets").iterdir()} == {*names, "anchors.jsonl", "measure.py"}
    records = [json.loads(line) for line in (tmp_path / "nets" / "anchors.jsonl").read_text().splitlines()]
    assert [record["genotype"] for record in records] == [network.record.genotype for network in made]
    assert progress == [*range(1, len(made) + 1)]

    run = measure(tmp_path / "nets", "--batch", "3")
    assert run.returncode == 0, run.stderr
    assert run.stderr.splitlines()[-1] == f"now: dinas devices add NAME measured.tsv{TOLD} --batch 3"
    found = read_measurements(SPACE, tmp_path / "measured.tsv")
    assert found.stated
    assert [genotype for genotype, _ in found.pairs] == [network.record.genotype for network in made]
    assert all(cost is not None and cost > 0 for _, cost in found.pairs)
    head = (tmp_path / "measured.tsv").read_text().splitlines()[0]
    assert head.startswith("# torch " if form == "pytorch" else "# onnxruntime ")
    assert "1 thread(s), 3 input(s) per call, median of 0.01 s" in head

    again = measure(tmp_path / "nets")
    assert (again.returncode, again.stderr) == (2, "error: measured.tsv exists already; choose another: -o FILE\n")


def test_what_does_not_run_there_has_no_cost(tmp_path: Path) -> None:
    made = networks()
    anchors.write_anchors(made, "pytorch", tmp_path / "nets")
    (tmp_path / "nets" / f"{made[1].record.id}.py").write_text("raise RuntimeError('unsupported')")
    run = measure(tmp_path / "nets", "-o", "some.tsv")
    assert (run.returncode, "does not run: unsupported" in run.stderr) == (0, True)
    costs = dict(read_measurements(SPACE, tmp_path / "some.tsv").pairs)
    assert [cost is None for cost in costs.values()] == [False, True, False]
    for network in made:
        (tmp_path / "nets" / f"{network.record.id}.py").write_text("raise RuntimeError('unsupported')")
    nothing = measure(tmp_path / "nets")
    assert (nothing.returncode, nothing.stderr.splitlines()[-1]) == (1, "error: none of the networks runs")
    assert not (tmp_path / "measured.tsv").exists()


def test_the_script_needs_a_runtime_alone() -> None:
    tree = ast.parse(Path(board.__file__).read_text())
    plain = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    members = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    used = {str(name).partition(".")[0] for name in plain | members}
    assert used - sys.stdlib_module_names == {"torch", "onnxruntime", "numpy"}


def test_all_or_nothing(tmp_path: Path) -> None:
    made = networks()
    (tmp_path / "measure.py").write_text("mine")
    with pytest.raises(DinasError, match=r"measure\.py exists already"):
        anchors.write_anchors(made, "pytorch", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["measure.py"]

    def stop(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        anchors.write_anchors(made, "pytorch", tmp_path, force=True, progress=stop)
    assert (tmp_path / "measure.py").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1
    anchors.write_anchors(made, "pytorch", tmp_path, force=True)
    assert len(list(tmp_path.iterdir())) == 5


def test_networks_of_no_images_are_refused(tmp_path: Path) -> None:
    graph = networks(None, "nasbench-graph", "([0, 0, 1, 3], ['arma', 'cheb', 'gin', 'gat'])")[:1]
    with pytest.raises(UsageProblem, match="take no images"):
        anchors.write_anchors(graph, "pytorch", tmp_path / "nets")
    assert not (tmp_path / "nets").exists()
