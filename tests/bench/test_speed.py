"""Suite ``speed``: time per architecture beside the paper's size, whole processes beside the import of torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from dinas_cli.bench import processes
from dinas_cli.bench.experiments import Options
from dinas_cli.bench.runner import load_suite
from dinas_cli.bench.suites import speed, speed_tables
from dinas_cli.checkpoints.registry import default_checkpoint, resolve
from dinas_cli.diffusion.generator import Generator
from tests.support.bundled import needs_weights

pytestmark = needs_weights


def test_experiments_fill_the_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "RUNS", 1)
    for module in (speed, speed_tables):
        monkeypatch.setattr(module, "BATCHES", (1, 2))
    suite = load_suite("speed")
    every = {one.key: one for one in suite.experiments(Options(("transnas-macro",), 1, tmp_path))}
    parts = [f"transnas-macro/{part}" for part in ("parameters", "batch1", "batch2", "start")]
    assert list(every)[: len(parts)] == parts
    assert all(key.startswith(speed_tables.PROCESS) for key in list(every)[len(parts) :])
    chosen = [*parts, f"{speed_tables.PROCESS}dinas --help"]
    results = {key: every[key].run() for key in chosen}
    assert results["transnas-macro/parameters"]["paper"] > 1e6 > results["transnas-macro/parameters"]["ours"]
    assert results["transnas-macro/batch1"]["ratio"] > 10
    started = results["transnas-macro/start"]
    assert 0 < started["ratio_cpu"] < 20
    assert not started["imports_torch"]
    assert "seconds" not in started, "the runner's own member"
    assert 0 < started["clock"] < 60
    assert 20 < started["peak_mib"] < 1000
    times, commands = suite.tables(results)
    assert times.rows[0][:2] == ("transnas-macro", "6")
    batch = results["transnas-macro/batch2"]
    assert times.rows[0][-1] == f"{batch['ratio'] * 6 / 500:.1f}", "like for like: six calls each"
    assert [row[0] for row in commands.rows] == ["`dinas generate --space transnas-macro`", "`dinas --help`"]
    for table in (times, commands):
        assert all(len(row) == len(table.header) for row in table.rows)
    (partly,) = suite.tables({"nlp/parameters": results["transnas-macro/parameters"]})
    assert partly.rows[0].count("–") == 9, "what has not been measured"
    assert suite.tables({}) == []


def test_spaces_without_weights_are_left_out() -> None:
    named = speed.SUITE.spaces
    assert "nasbench201" in named
    assert all(default_checkpoint(name, "generator") for name in named)


def test_the_pipe_of_commands_runs(tmp_path: Path) -> None:
    command, stdin = next(value for name, value in speed.commands().items() if "export" in name)
    assert processes.run(command, tmp_path, stdin).seconds > 0
    assert not processes.imports_torch(command, tmp_path, stdin)


def test_a_process_that_imports_torch_or_fails(tmp_path: Path) -> None:
    assert processes.imports_torch([sys.executable, "-c", "import torch.nn"], tmp_path)
    with pytest.raises(subprocess.CalledProcessError) as failed:
        processes.run([sys.executable, "-c", "raise SystemExit('no')"], tmp_path)
    assert failed.value.stderr == b"no\n"


def test_memory_is_that_of_the_process(tmp_path: Path) -> None:
    small, large = (
        processes.run([sys.executable, "-c", f"x = bytearray({size})"], tmp_path).peak for size in (1, 200 * 2**20)
    )
    assert 190 < large - small < 230


def test_the_papers_size_asks_the_same() -> None:
    ours = Generator.load(resolve(None, "nasbench201", "generator"))
    before = torch.get_rng_state()
    reference = speed.paper_sized(ours)
    assert reference.specs == ours.specs
    assert reference.calls == 500
    assert reference.denoiser.config.layers == 5
    assert torch.equal(torch.get_rng_state(), before), "the caller's stream is left alone"
