"""``dinas search``: from a command line to a run's folder, and what it says when that is not possible."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.support.bundled import needs_weights
from tests.support.terminals import DINAS

TRAIN = """
import json, sys
text = open(sys.argv[1]).read()
print(json.dumps({"accuracy": text.count("nor_conv_3x3") / 10, "loss": 1.0}))
"""
pytestmark = needs_weights


@pytest.fixture
def train(tmp_path: Path) -> str:
    (tmp_path / "train.py").write_text(TRAIN)
    return f"{sys.executable} {tmp_path / 'train.py'} {{source}}"


def test_search(cli: Cli, train: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = ["search", "--command", train, "--random", "--params", "500k", "--trials", 4, "-o", run]
    result = cli(*command, "--json")
    assert result.code == 0, result.err
    records = [json.loads(line) for line in result.out.splitlines()]
    values = [record["metrics"]["accuracy"]["value"] for record in records]
    assert (len(values), values) == (4, sorted(values, reverse=True))
    assert all(record["metrics"]["params@cifar10"]["value"] <= 500_000 for record in records)
    lines = result.err.splitlines()
    assert lines[0].startswith("1 of 4, trial 0: accuracy ")
    assert lines[-3:-1] == [
        f"{run}: 4 trials",
        f"best: trial {records[0]['provenance']['trial']}, accuracy {values[0]:.3g}; its record: {run / 'best.json'}",
    ]
    again = cli(*command, "--json")
    assert (again.code, again.out) == (0, result.out)
    assert "1 of" not in again.err
    shown = cli("search", "-o", run, "--json")
    assert (shown.code, shown.out) == (0, result.out)
    exported = cli("export", run / "best.json", "-o", tmp_path / "best.py")
    assert exported.code == 0, exported.err
    other = cli(*[*command[:-1], run], "--seed", 1)
    assert (other.code, other.out) == (1, "")
    assert other.err.startswith(f"error: {run} is a run with seed 0, not 1\nhint: choose another folder with -o")


@pytest.mark.parametrize("more", [[], ["--random"]])
def test_limits_that_nothing_meets(cli: Cli, train: str, tmp_path: Path, more: list[str]) -> None:
    command = ["search", "--command", train, *more, "-o", tmp_path / "run"]
    result = cli(*command, "--latency", "0.1ms", "--device", "fpga")
    assert (result.code, result.out) == (5, "")
    assert "feasible from --latency" in result.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "nothing to train with"),
        (["--command", "python train.py"], 2, "does not say which network"),
        (["--command", "no-such-program {id}"], 3, "no program 'no-such-program' to run"),
        (["--command", "true {id} {epochs}"], 2, "--command has {epochs}, but nothing says how many"),
        (["--command", "true {id}", "--timeout", "5"], 2, "--timeout: '5'"),
        (["--command", "true {id}", "--gpus", "1"], 2, "--address, --cpus and --gpus are for Ray"),
        (["--command", "true {id}", "--skeleton", "none"], 2, "has no skeleton 'none'"),
        (["--command", "true {id}", "--space", "none"], 2, "unknown space"),
    ],
)
def test_what_is_refused(cli: Cli, tmp_path: Path, arguments: list[str], code: int, words: str) -> None:
    result = cli("search", *arguments, "-o", tmp_path / "run")
    assert (result.code, result.out) == (code, "")
    assert words in result.err
    assert not (tmp_path / "run").exists()


def test_a_program_that_fails(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import sys\nsys.exit('no such layer')")
    command = f"{sys.executable} {tmp_path / 'train.py'} {{source}}"
    result = cli("search", "--command", command, "--random", "-o", tmp_path / "run")
    assert (result.code, result.out) == (1, "")
    assert "error: 3 trials in a row failed, the last one because its exit status is 1; its log ends: " in result.err
    assert "no such layer" in result.err


@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        ("import time; print('begun', flush=True); time.sleep(60)", ["--timeout", "1s"], "it was not done after 1 s"),
        ("print('accuracy 0.5')", [], "it printed no line of JSON"),
        ("print('{\"accuracy\": NaN}')", [], "its accuracy is nan"),
    ],
)
def test_a_program_without_an_answer(cli: Cli, tmp_path: Path, text: str, more: list[str], reason: str) -> None:
    (tmp_path / "train.py").write_text(text)
    run = tmp_path / "run"
    command = f"{sys.executable} -I {tmp_path / 'train.py'} {{source}}"
    result = cli("search", "--command", command, "--random", *more, "-o", run)
    assert (result.code, result.out) == (1, "")
    message, hint = result.err.splitlines()[-2:]
    assert message.startswith(f"error: 3 trials in a row failed, the last one because {reason}; its log ends: ")
    assert hint == f"hint: see {run}/trials/0002; once it is mended the same command goes on"


def test_some_failures_do_not_end_a_run(cli: Cli, tmp_path: Path) -> None:
    fails = "import sys; sys.exit(3) if '/0001/' in sys.argv[1] else print('{\"accuracy\": 1}')"
    (tmp_path / "train.py").write_text(fails)
    command = f"{sys.executable} -I {tmp_path / 'train.py'} {{source}}"
    result = cli("search", "--command", command, "--random", "--trials", 3, "-o", tmp_path / "run")
    assert result.code == 0
    assert f"warning: trial 1 failed: its exit status is 3 (see {tmp_path}/run/trials/0001)" in result.err.splitlines()
    assert f"{tmp_path}/run: 2 trials, 1 failed" in result.err.splitlines()


def test_two_drivers_in_one_folder(train: str, tmp_path: Path) -> None:
    """They share the trials; another command is refused meanwhile."""
    run = tmp_path / "run"
    line = [*DINAS, "search", "--command", train, "--random", "--trials", "6", "-q", "--json", "-o", str(run)]
    drivers = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    while not list(run.glob("trials/*/trial.json")):
        time.sleep(0.05)
    other = subprocess.run([*line, "--seed", "1"], capture_output=True, text=True, check=False)
    assert (other.returncode, other.stdout) == (1, "")
    assert other.stderr.startswith(f"error: {run} is a run with seed 0, not 1\nhint: choose another folder with -o")
    outputs = [driver.communicate(timeout=120)[0] for driver in drivers]
    assert [driver.returncode for driver in drivers] == [0, 0]
    assert outputs[0] == outputs[1]
    assert len(outputs[0].splitlines()) == 6
    assert [path.read_text().count("$ ") for path in run.glob("trials/*/log.txt")] == [1] * 6


def test_interrupted(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import time; time.sleep(60)")
    command = f"{sys.executable} {tmp_path / 'train.py'} {{source}}"
    run = tmp_path / "run"
    line = [*DINAS, "search", "--command", command, "--random", "--workers", "2", "-o", str(run)]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        while len(list(run.glob("trials/*/log.txt"))) < 2:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (
        130,
        f"warning: interrupted: what is done is kept in {run}; the same command goes on\n",
    )
    assert not list(run.glob("trials/*/lease.json"))
    assert len(list(run.glob("trials/*/trial.json"))) == 2
