"""Suite ``samplers``: figures of samples worked out by hand, cells that run, tables that fill."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

from dinas_cli.bench import paper_method
from dinas_cli.bench.experiments import Options
from dinas_cli.bench.problems import Problem, open_problem
from dinas_cli.bench.runner import chosen, load_suite
from dinas_cli.bench.sampling import Judge, milliseconds
from dinas_cli.bench.suites import samplers
from dinas_cli.checkpoints.registry import resolve
from dinas_cli.diffusion.threads import cores
from dinas_cli.files.atomic import make_dir
from dinas_cli.oracles.importers import import_files
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import get_space
from dinas_cli.training.generator import TrainingConfig
from tests.support.bundled import needs_weights
from tests.support.nightly import at_night

TINY = TrainingConfig(kernel="marginal", steps=2, requests=4)

pytestmark = needs_weights


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table in which accuracy is the row number and test accuracy falls with it: every figure is known."""
    folder = tmp_path_factory.mktemp("data")
    path = folder / "made_up.csv"
    lines = ["arch_str,c10_val_200,c10_test_200"]
    for number, row in enumerate(SPACE.reference().tolist()):
        lines.append(f"{SPACE.decode(row)},{number / 200:.4f},{90 - number / 200:.4f}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    import_files(SPACE, [path], path=folder / "table.safetensors")
    return folder / "table.safetensors"


@pytest.fixture
def problem(made_up: Path, home: Path) -> Problem:
    """That table, imported."""
    make_dir(home / "tables")
    copyfile(made_up, home / "tables" / "nasbench201.safetensors")
    return open_problem("nasbench201", "cifar10")


def test_figures_of_samples(problem: Problem) -> None:
    judge = Judge(problem)
    assert judge.source == "table"
    assert judge.least == pytest.approx(0.95 * 15_624 / 200, abs=0.01)
    cells = SPACE.reference()
    rows = np.array([15_000, 15_000, 3, 15_600, 15_624, *[7] * 187], np.int64)
    found = judge.figures(cells[rows].astype(np.int64))
    assert (found["samples"], found["valid"]) == (192, 1.0)
    assert found["top"] == pytest.approx(4 / 192)
    assert found["unique"] == len({SPACE.canonical_id(cells[row].tolist()) for row in set(rows.tolist())}) / 192
    assert found["best"] == {k: [pytest.approx(78.12), pytest.approx(11.88)] for k in ("16", "192")}
    assert list(judge.figures(cells[rows[:20]])["best"]) == ["16"], "20 samples are no 192"


def test_invalid_samples_count_as_drawn(problem: Problem) -> None:
    from dinas_cli.oracles.surrogate import Surrogate

    darts = get_space("darts")
    judge = Judge(Problem(darts, None, problem.table, Surrogate.load(resolve(None, "darts", "surrogate")), None))
    assert judge.source == "surrogate"
    broken = np.zeros((16, darts.layout.size), np.int64)  # no node has any input
    nothing = judge.figures(broken)
    assert nothing["valid"] == nothing["top"] == nothing["unique"] == 0
    assert nothing["best"] == {"16": [None, None]}
    good = darts.reference()[:8].astype(np.int64)
    half = judge.figures(np.concatenate([broken[:8], good]))
    assert half["valid"] == half["unique"] == 0.5
    assert half["top"] == (judge.quality(good) >= judge.least).sum() / 16
    assert half["best"] == {"16": [pytest.approx(judge.quality(good).max()), None]}


@pytest.mark.parametrize("before", ["2", None])
def test_pieces_of_work_take_turns(before: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    threads: set[int] = set()

    def task(name: str) -> None:
        order.append(name)
        threads.add(cores())
        if name == "slow":
            np.random.default_rng(0).random(100_000)

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if before:
        monkeypatch.setenv("OMP_NUM_THREADS", before)
    found = milliseconds({name: partial(task, name) for name in ("quick", "slow")}, runs=3)
    assert (threads, os.environ.get("OMP_NUM_THREADS")) == ({1}, before)
    assert order == ["quick", "slow"] * 4
    assert 0 <= found["quick"] < found["slow"]


def test_every_problem_has_experiments_of_its_own(tmp_path: Path) -> None:
    suite = load_suite("samplers")
    keys = [one.key for one in suite.experiments(Options(suite.spaces, 5, tmp_path))]
    assert len(set(keys)) == len(keys)
    assert {key.partition("/")[0] for key in keys} == set(samplers.TRAINED)
    assert sum(key.startswith("nasbench201@cifar10/paper/own/") for key in keys) == samplers.SLOW_SEEDS
    assert sum(key.startswith("nasbench201@cifar10/default/own/") for key in keys) == 5
    assert not list(tmp_path.iterdir()), "nothing is trained before its cell is run"


@at_night
def test_cells_of_samplers(problem: Problem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samplers, "TRAINED", {"nasbench201@cifar10": ("marginal", "absorbing")})
    for method in ("marginal", "absorbing"):
        monkeypatch.setitem(paper_method.METHODS, method, replace(TINY, kernel=method))
    smaller = {"FEW_CALLS": (2,), "WEIGHTS": (0.0, 2.0), "WEIGHED_CALLS": 2, "SAMPLES": 16}
    for name, value in (smaller | {"BATCHES": (2, 3), "TIMED_CALLS": 2}).items():
        monkeypatch.setattr(samplers, name, value)
    suite = load_suite("samplers")
    experiments = list(suite.experiments(Options(("nasbench201",), 2, tmp_path)))
    results = {one.key: one.run() for one in experiments}
    assert len(list(tmp_path.glob("*.safetensors"))) == 2
    name = "nasbench201@cifar10"
    assert results[f"{name}/marginal/own/seed1"]["calls"] == 500
    assert results[f"{name}/marginal/iterative-2/seed0"]["calls"] == 2
    assert results[f"{name}/default/own/seed0"] == results[f"{name}/default/guidance-2/seed0"]
    assert results[f"{name}/default/own/seed0"] != results[f"{name}/default/own/seed1"]
    timed = results[f"{name}/time/batch3"]["ms"]
    assert timed["marginal"] > 10 * timed["default"] > 0, "500 calls instead of six"
    titles = [table.title for table in suite.tables(results)]
    assert titles == [
        f"{name}: methods",
        f"{name}: network calls",
        f"{name}: guidance weight",
        "How the models were trained",
    ]
    for table in suite.tables(results):
        assert all(len(row) == len(table.header) for row in table.rows)
    methods = suite.tables(results)[0]
    assert [row[:3] for row in methods.rows] == [
        ("paper's kernel, our size", "500", "16 × 2"),
        ("our kernel, one-hot targets", "6", "16 × 2"),
        ("ours as shipped", "6", "16 × 2"),
    ]
    assert methods.rows[-1][-1] == "1.0"
    assert suite.tables({}) == []


def test_a_coarse_run_trains_one_model() -> None:
    """The others, and times that compare all of them, take hours."""
    suite = load_suite("samplers")
    options = Options(suite.spaces, suite.seeds, Path("work"), quick=True)
    keys = [experiment.key for experiment in chosen(suite, options)]
    assert {key.split("/")[1] for key in keys} == {"default", "marginal"}
