"""Experiments as tasks of Ray: they find what this process finds, and go into the same results file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.bench import runner
from dinas_cli.bench.experiments import Options
from dinas_cli.bench.suites.paper import SUITE
from tests.conftest import ROOT, Cli
from tests.support.bundled import needs_weights

pytest.importorskip("ray", reason="needs the extra dinas[ray]")
pytestmark = needs_weights
SPACE = "transnas-macro"
BUDGET = {"labels": 64, "looked_up": 96, "best_label": 50.0, "value": 51.0, "optimum": 52.0}
"""A result of what trains a model with so many labels."""


def test_what_is_missing_is_done_on_a_cluster(
    cli: Cli, bench_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but two quick experiments are in the file already."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    file, path = bench_data / "transnas_bench_101.csv.gz", tmp_path / "r.json"
    experiments = list(SUITE.experiments(Options((SPACE,), 1, tmp_path, (file,))))
    here = {item.key: item.run() for item in experiments if item.key.endswith("/H random search/seed0")}
    left_out = [*here][:2]
    curve = here[left_out[0]]
    done = {item.key: BUDGET if " labels/" in item.key else curve for item in experiments if item.key not in left_out}
    runner.write(runner.Report({"suite": SUITE.name, "checkpoints": {}}, done), path)
    result = cli("bench", "--space", SPACE, "--seeds", 1, "--data", file, "--out", path, "--engine", "ray")
    assert result.code == 0, result.err
    found: dict[str, dict[str, Any]] = runner.read(path).experiments
    assert found.keys() == {item.key for item in experiments}
    for key in left_out:
        assert found[key].pop("seconds") > 0
        assert found[key] == here[key]
