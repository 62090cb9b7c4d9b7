"""A whole training, from a table to two weight files: interrupted, resumed, refused, repeated."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from safetensors.numpy import load_file

from dinas_cli import __version__
from dinas_cli.diffusion.generator import Conditioning, Generator, Limit
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError
from dinas_cli.files.atomic import sha256_file
from dinas_cli.files.locks import locked
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.training import generator
from dinas_cli.training.generator import Trainer, TrainingConfig
from dinas_cli.training.run import Outcome, train
from dinas_cli.training.tables import open_table

CONFIG = TrainingConfig(steps=4, requests=4)
NAMES = ("nasbench201-surrogate.safetensors", "nasbench201.safetensors", "nasbench201.log.jsonl")
EVERY = 31
"""One cell in so many is in a table: a training on all of them takes half a minute."""
ROWS = len(range(0, 15_625, EVERY))
STATE = "nasbench201.unfinished.safetensors"


def write_csv(path: Path, every: int = EVERY) -> Path:
    """A benchmark file with made-up numbers of some cells: accuracy of two datasets and the latency of two devices."""
    values = SPACE.reference()[::every]
    charge = np.random.default_rng(0).uniform(0.1, 1, (4, 6, 5))
    sums = charge[:, np.arange(6), values].sum(-1)
    lines = ["arch_str,c10_val_200,c100_val_200,here_latency_ms,there_latency_ms"]
    for row, numbers in zip(values.tolist(), sums.T.tolist(), strict=True):
        acc, harder, here, there = numbers
        lines.append(f"{SPACE.decode(row)},{60 + 5 * acc:.4f},{30 + 4 * harder:.4f},{here:.4f},{there:.4f}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("data") / "made_up_cifar10.csv")


def run(
    out: Path, csv: Path, *, config: TrainingConfig = CONFIG, resume: bool = False, holdout: float = 0.1
) -> Outcome:
    return train(
        SPACE, out, config, files=[csv], surrogate_steps=3, command="dinas train", resume=resume, holdout=holdout
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, csv: Path) -> Path:
    """The folder of a training that nothing disturbed."""
    out = tmp_path_factory.mktemp("runs") / "deep" / "folder"
    outcome = run(out, csv)
    assert (outcome.surrogate, outcome.generator) == (out / NAMES[0], out / NAMES[1])
    assert outcome.steps == 4
    assert {"acc@cifar10", "latency/there@cifar10", "macs@cifar100"} <= set(outcome.kendall_tau)
    return out


def contents(folder: Path) -> dict[str, str]:
    return {path.name: sha256_file(path) for path in folder.iterdir()}


def test_a_training_leaves_weights_and_a_log(finished: Path) -> None:
    assert sorted(contents(finished)) == sorted(NAMES)
    surrogate, model = Surrogate.load(finished / NAMES[0]), Generator.load(finished / NAMES[1])
    assert surrogate.devices("latency") == ("here", "there")
    assert [spec.name for spec in model.specs] == ["dataset", "acc", "latency", "params", "macs"]
    assert model.specs[0].categories == ("cifar10", "cifar100")
    for config in (surrogate.config, model.config):
        assert (config["version"], config["command"]) == (__version__, "dinas train")
        assert config["label_budget"] == pytest.approx(0.9 * ROWS, abs=20)
        assert list(config["sources"]) == ["made_up_cifar10.csv"]
    assert model.config["surrogate_sha256"] == sha256_file(finished / NAMES[0])
    profile = surrogate.profile("latency/here@cifar10")
    drawn = model.sample(Conditioning("cifar10", 5.0, {"latency": [Limit(profile, profile.level)]}), 3)
    assert drawn.shape == (3, 6)
    log = [json.loads(line) for line in (finished / NAMES[2]).read_text("utf-8").splitlines()]
    assert [entry["step"] for entry in log] == [4]
    assert np.isfinite(log[0]["loss"])


def test_two_trainings_into_one_folder_are_refused(tmp_path: Path, csv: Path) -> None:
    with locked(tmp_path / NAMES[1]), pytest.raises(DinasError, match="is being written by another process"):
        run(tmp_path, csv)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_kept_without_force(finished: Path, csv: Path, tmp_path: Path) -> None:
    before = contents(finished)
    with pytest.raises(DinasError, match="exists already") as caught:
        run(finished, csv)
    assert "--force" in str(caught.value.hint)
    with pytest.raises(DinasError, match="finished already"):
        run(finished, csv, resume=True)
    assert contents(finished) == before
    for name in NAMES[:2]:
        (tmp_path / name).write_text("mine")
        with pytest.raises(DinasError, match=f"{name} exists already"):
            run(tmp_path, csv)
        assert (tmp_path / name).read_text() == "mine"
        (tmp_path / name).unlink()
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DinasError, match="cannot create folder"):
        run(tmp_path / "file" / "out", csv)


class Interrupted(Trainer):
    """Ctrl-C arrives in the middle of the second step."""

    def _train_step(self) -> float:
        if self.step == 1:
            signal.raise_signal(signal.SIGINT)
        return super()._train_step()


@pytest.fixture(scope="module")
def unfinished(tmp_path_factory: pytest.TempPathFactory, csv: Path) -> Path:
    """The folder of a training that was interrupted."""
    out = tmp_path_factory.mktemp("unfinished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generator, "Trainer", Interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(out, csv)
    return out


def test_an_interrupted_training_is_taken_up_to_the_same_weights(
    finished: Path, unfinished: Path, csv: Path, tmp_path: Path
) -> None:
    copytree(unfinished, tmp_path, dirs_exist_ok=True)
    assert sorted(contents(tmp_path)) == [NAMES[0], STATE]
    before = contents(tmp_path)
    with pytest.raises(DinasError, match=f"{NAMES[0]} exists already"):
        run(tmp_path, csv)
    with pytest.raises(DinasError, match=r"with other settings: requests$") as caught:
        run(tmp_path, csv, config=TrainingConfig(steps=4, requests=5), resume=True)
    assert "--force" in str(caught.value.hint)
    with pytest.raises(DinasError, match="was trained on other data"):
        run(tmp_path, csv, resume=True, holdout=0.3)
    assert contents(tmp_path) == before
    state = (tmp_path / STATE).read_bytes()
    (tmp_path / STATE).write_bytes(state[:-9])
    with pytest.raises(CorruptFileError, match="cannot be resumed"):
        run(tmp_path, csv, resume=True)
    (tmp_path / STATE).write_bytes(state)
    run(tmp_path, csv, resume=True)
    assert sorted(contents(tmp_path)) == sorted(NAMES)
    for name in NAMES[:2]:
        resumed, straight = load_file(tmp_path / name), load_file(finished / name)
        assert all(np.array_equal(resumed[key], straight[key]) for key in straight)
        assert (tmp_path / name).read_bytes() == (finished / name).read_bytes(), "its hash is the same, too"


def test_starting_anew_forgets_the_unfinished_training(unfinished: Path, csv: Path, tmp_path: Path) -> None:
    copytree(unfinished, tmp_path, dirs_exist_ok=True)
    other = TrainingConfig(steps=1, requests=4)
    train(SPACE, tmp_path, other, files=[csv], surrogate_steps=3, force=True)
    assert sorted(contents(tmp_path)) == sorted(NAMES)
    assert Generator.load(tmp_path / NAMES[1]).config["training"]["finished_steps"] == 1


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary tables go; nothing may stay behind."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert os.listdir(folder) == []


def test_tables_to_train_from(csv: Path, tmp_path: Path, temporary: Path, home: Path) -> None:
    with pytest.raises(NotFoundError, match="no table of nasbench201") as caught:
        open_table(SPACE, [])
    assert "dinas tables import" in str(caught.value.hint)
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "README.md").write_text("# Not a benchmark\n")
    (folder / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(NotFoundError, match="no benchmark file of nasbench201 in"):
        open_table(SPACE, [folder])
    with pytest.raises(DinasError):
        open_table(SPACE, [folder / "other.csv"])
    os.link(csv, folder / csv.name)
    table, kept = open_table(SPACE, [folder])
    assert {"acc@cifar10", "acc@cifar100", "latency/here@cifar10", "latency/there@cifar10"} <= set(table.columns)
    assert table.rows == ROWS
    kept.cleanup()
    assert not (home / "tables").exists(), "the user's own table is left alone"
