"""``dinas train``: streams, refusals before any work, Ctrl-C that keeps the state and --resume that ends the same."""

from __future__ import annotations

import json
import re
import signal
import sys
from pathlib import Path

import pytest

from dinas_cli.checkpoints.metadata import read_config
from dinas_cli.files.atomic import sha256_file
from dinas_cli.spaces.shared.protocol import Space
from tests.conftest import Cli
from tests.support.bundled import needs_weights
from tests.support.terminals import DINAS, interrupted
from tests.training.test_run import ROWS, write_csv

pytest.importorskip("torch_geometric", reason="needs the extra dinas[train]")
GENERATOR, SURROGATE, STATE, LOG = (
    f"nasbench201{ending}"
    for ending in (".safetensors", "-surrogate.safetensors", ".unfinished.safetensors", ".log.jsonl")
)


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("data") / "made_up_cifar10.csv")


def command(csv: Path, out: Path) -> list[str]:
    """A training that takes no time."""
    small = ["--steps", "3", "--surrogate-steps", "3", "--requests", "2"]
    return ["train", "--data", str(csv), "--out", str(out), *small]


def test_train_then_generate(cli: Cli, csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "run"
    args = [*command(csv, out), "--json"]
    monkeypatch.setattr(sys, "argv", ["dinas", *args])
    result = cli(*args)
    assert result.code == 0
    (line,) = result.out.splitlines()
    outcome = json.loads(line)
    assert (outcome["generator"], outcome["surrogate"]) == (str(out / GENERATOR), str(out / SURROGATE))
    assert (outcome["steps"], 0.8 * ROWS < outcome["label_budget"] < ROWS) == (3, True)
    assert "latency/here@cifar10" in outcome["kendall_tau"]
    assert sorted(path.name for path in out.iterdir()) == sorted((GENERATOR, SURROGATE, LOG))
    *steps, now = result.err.splitlines()
    assert "generator: step 3 of 3, loss " in steps[-2]
    assert re.match(r"the surrogate agrees on \d+ held-out architectures with ", steps[-1])
    assert now == f"now: dinas generate --checkpoint {out / GENERATOR}"
    assert str(csv.parent) not in str(read_config(out / GENERATOR)["command"])
    # The surrogate beside the generator is the one that is used, or else budgets would be refused.
    wish = [
        "--latency",
        "20ms",
        "--device",
        "here",
        "-n",
        "2",
        "--checkpoint",
        str(out / GENERATOR),
        "--confidence",
        "0.5",
    ]
    generated = cli("generate", *wish)
    assert "was trained with another surrogate" not in generated.err
    for again, message, hint in (
        ([], "exists already", "--force"),
        (["--resume"], "is finished already", "--force instead of --resume"),
    ):
        before = {path: sha256_file(path) for path in out.iterdir()}
        refused = cli(*args, *again)
        assert (refused.code, refused.out) == (1, "")
        assert message in refused.err.splitlines()[0]
        assert hint in refused.err.splitlines()[1]
        assert {path: sha256_file(path) for path in out.iterdir()} == before


PROGRAM = """
set -- $(echo "$1" | cksum)
echo "{\\"accuracy\\": $((50 + $1 % 40)).5}"
"""
"""Prints an accuracy that depends on the architecture's id alone."""


@needs_weights
def test_labels_of_a_search(cli: Cli, tmp_path: Path) -> None:
    """From networks that a program has trained to a generator that is used."""
    run, out = tmp_path / "run", tmp_path / "out"
    (tmp_path / "train.sh").write_text(PROGRAM)
    search = ["search", "--command", f"sh {tmp_path / 'train.sh'} {{id}}", "--random", "-o", run, "-q"]
    assert cli(*search, "--trials", 3).code == 0
    train = ["train", "--run", run, "--out", out, "--steps", 3, "--surrogate-steps", 3, "--requests", 2]
    train += ["--holdout", 0.05]
    refused = cli(*train)
    assert (refused.code, refused.out, list(tmp_path.glob("out/*"))) == (2, "", [])
    assert "labels of 'acc' are too few to learn from" in refused.err.splitlines()[0]
    assert cli(*search, "--trials", 55).code == 0
    result = cli(*train, "--json")
    assert result.code == 0, result.err
    outcome = json.loads(result.out)
    assert 50 <= outcome["label_budget"] < 55
    assert "acc@cifar10" in outcome["kendall_tau"]
    few = re.search(r"warning: (\d+) held-out architectures are too few for τ", result.err)
    assert few is not None
    assert int(few[1]) + outcome["label_budget"] == 55
    generated = cli("generate", "--checkpoint", outcome["generator"], "--acc", "top20", "-n", 2, "--json")
    assert generated.code == 0, generated.err
    (first, *_) = (json.loads(line) for line in generated.out.splitlines())
    assert 50 <= first["metrics"]["acc@cifar10"]["value"] <= 90
    other = cli("train", "--run", run, "--out", out, "--space", "darts")
    assert (other.code, other.err.splitlines()) == (
        2,
        [f"error: {run} is a run in nasbench201", "hint: add --space nasbench201"],
    )


def test_quiet_and_forced(cli: Cli, csv: Path, tmp_path: Path) -> None:
    for name in (GENERATOR, SURROGATE):
        (tmp_path / name).write_text("an earlier one")
    result = cli(*command(csv, tmp_path), "--quiet", "--force", "--seed", 1)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("property\tvalue\ngenerator\t")
    assert read_config(tmp_path / SURROGATE)["seed"] == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupt_then_resume(shell: Cli, stack: Space, tmp_path: Path, number: signal.Signals, code: int) -> None:
    """In the example's space, whose networks and table are small."""
    broken, whole = tmp_path / "broken" / "run", tmp_path / "whole" / "run"
    assert shell("tables", "import", stack.name).code == 0
    small = ["train", "-s", stack.name, "--steps", "110", "--surrogate-steps", "3", "--requests", "2", "--out"]
    surrogate, generator, state = (name.replace("nasbench201", stack.name) for name in (SURROGATE, GENERATOR, STATE))
    result = interrupted([*DINAS, *small, str(broken)], r"generator .*100/110.*loss \d", number)
    assert (result.code, result.out) == (code, "")
    assert f"warning: interrupted: what is done is kept in {broken}; repeat the command with --resume" in " ".join(
        result.err.split()
    )
    assert "Traceback" not in result.err
    assert (broken / state).is_file()
    assert (broken / surrogate).is_file()
    assert not (broken / generator).exists()
    if number != signal.SIGINT:
        return
    for out, how in ((broken, ["--resume"]), (whole, [])):
        done = shell(*small, out, *how, "-q")
        assert (done.code, done.err) == (0, "")
    assert not (broken / state).exists()
    assert sha256_file(broken / surrogate) == sha256_file(whole / surrogate)
    assert sha256_file(broken / generator) == sha256_file(whole / generator)


def test_ctrl_c_before_anything_was_worth_keeping(csv: Path, tmp_path: Path) -> None:
    args = [*command(csv, tmp_path), "--surrogate-steps", "1000000"]
    result = interrupted([*DINAS, *args], r"quality 1/2 .*loss \d")
    assert result.code == 130
    assert "warning: interrupted before anything was worth keeping" in " ".join(result.err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        ([], 2, "missing option '--out' / '-o'"),
        (["--out", "{out}"], 3, "no table"),
        (["--out", "{out}", "--data", "nothing.csv"], 3, "nothing.csv"),
        (["--out", "{out}", "--data", "{empty}"], 3, "no benchmark file of nasbench201 in"),
        (["--out", "{file}"], 1, "cannot create folder"),
        (["--out", "{out}", "--space", "nb20"], 2, "unknown space 'nb20'"),
        (["--out", "{out}", "--steps", "0"], 2, "invalid value for '--steps'"),
        (["--out", "{out}", "--holdout", "1"], 2, "invalid value for '--holdout'"),
        (["--out", "{out}", "--kernel", "gaussian"], 2, "invalid value for '--kernel'"),
        (["--out", "{out}", "--size", "huge"], 2, "invalid value for '--size'"),
    ],
)
def test_bad_input(cli: Cli, tmp_path: Path, args: list[str], code: int, message: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "empty").mkdir()
    places = {"{out}": tmp_path / "out", "{file}": tmp_path / "file", "{empty}": tmp_path / "empty"}
    result = cli("train", *(places.get(arg, arg) for arg in args))
    assert (result.code, result.out) == (code, "")
    assert message in result.err.splitlines()[0]
    assert not list((tmp_path / "out").glob("*"))
