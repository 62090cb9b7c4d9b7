"""Programs as trainers: what they get, what counts as their answer, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import NotFoundError, UsageProblem
from dinas_cli.search.command import template
from dinas_cli.search.command.back_end import CommandTrials
from dinas_cli.search.runs.leases import LeaseLost
from dinas_cli.search.trials import Result, Trial

CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|skip_connect~2|"
TRIAL = Trial(3, Record("", "nasbench201", CELL))
PYTHON = sys.executable


def program(folder: Path, text: str) -> str:
    (folder / "it.py").write_text(text)
    return f"{PYTHON} {folder / 'it.py'} {{source}} {{epochs}}"


def run(folder: Path, text: str, **options: object) -> Result:
    options = {"epochs": 2, **options}
    trial = folder / "trial"
    trial.mkdir()
    return CommandTrials(program(folder, text), **options).run(TRIAL, trial, lambda: None)  # type: ignore[arg-type]


def test_it_gets_the_network_and_the_budget(tmp_path: Path) -> None:
    text = """
import json, runpy, sys
names = runpy.run_path(sys.argv[1])
print("epoch 1", file=sys.stderr)
print(json.dumps({"accuracy": 0.1}))
params = sum(p.numel() for p in names["build"]().parameters())
print("50 %\\r100 %\\r" + json.dumps({"accuracy": 0.5, "params": params}))
print(json.dumps(["no object"]), "{no json}", sys.argv[2])
"""
    result = run(tmp_path, text, sizes={"channels": 8, "classes": 7}, skeleton="cifar")
    assert (result.value, result.metric, result.epochs, result.failed) == (0.5, "accuracy", 2, "")
    assert result.details["params"] < 100_000
    log = (tmp_path / "trial" / "log.txt").read_text()
    assert log.startswith(f"$ {PYTHON} {tmp_path}/it.py {tmp_path}/trial/network.py 2\n")
    assert "epoch 1\n" in log
    assert '["no object"] {no json} 2\n' in log


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import sys; print('{\"accuracy\": 1}'); sys.exit(3)", "its exit status is 3"),
        ("import os; os.kill(os.getpid(), 9)", "its exit status is 137"),
        ("print('accuracy 0.5')", "it printed no line of JSON"),
        ("print('{\"accuracy\": NaN}')", "its accuracy is nan"),
        ('print(\'{"accuracy": "high"}\')', "its accuracy is 'high'"),
        ('print(\'{"acc": 1, "loss": 2}\')', "its last line of JSON has no 'accuracy' (it has 'acc', 'loss')"),
    ],
)
def test_what_counts_as_failed(tmp_path: Path, text: str, words: str) -> None:
    result = run(tmp_path, text)
    assert (result.value, result.failed) == (None, words)


LINGERS = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, file=open(sys.argv[1] + ".pid", "w"), flush=True)
"""


def gone(folder: Path) -> bool:
    """Whether the process that ``LINGERS`` has started is gone, soon."""
    pid = int((folder / "network.py.pid").read_text())
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_time_is_up(tmp_path: Path) -> None:
    result = run(tmp_path, f"{LINGERS}\ntime.sleep(60)", timeout=1.0)
    assert result.failed == "it was not done after 1 s"
    assert result.seconds < 10
    assert gone(tmp_path / "trial")


def test_what_it_leaves_running_ends_with_it(tmp_path: Path) -> None:
    result = run(tmp_path, f"{LINGERS}\nprint('{{\"accuracy\": 1}}')")
    assert result.value == 1
    assert gone(tmp_path / "trial")


def test_it_ends_when_another_worker_has_the_trial(tmp_path: Path) -> None:
    def beat() -> None:
        raise LeaseLost("gone")

    back_end = CommandTrials(program(tmp_path, f"{LINGERS}\nprint('{{}}', flush=True)\ntime.sleep(60)"), epochs=1)
    with pytest.raises(LeaseLost):
        back_end.run(TRIAL, tmp_path, beat)
    assert gone(tmp_path)


def test_it_may_save_when_interrupted(tmp_path: Path) -> None:
    text = """
import os, signal, sys, time
def save(*_):
    open(sys.argv[1] + ".saved", "w").close()
    sys.exit()
signal.signal(signal.SIGTERM, save)
open(sys.argv[1] + ".begun", "w").close()
time.sleep(60)
"""
    threading.Thread(target=_interrupt, args=(tmp_path / "network.py.begun",)).start()
    with pytest.raises(KeyboardInterrupt):
        CommandTrials(program(tmp_path, text), epochs=1).run(TRIAL, tmp_path, lambda: None)
    assert (tmp_path / "network.py.saved").exists()


def _interrupt(begun: Path) -> None:
    while not begun.exists():
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGINT)


def test_it_ends_with_a_worker_that_is_killed(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from dinas_cli.search.command.back_end import CommandTrials
from tests.search.command.test_back_end import TRIAL
CommandTrials({program(tmp_path, LINGERS + "time.sleep(60)")!r}, epochs=1).run(TRIAL, Path({str(tmp_path)!r}), int)
"""
    with subprocess.Popen([PYTHON, "-c", code]) as worker:
        while not (tmp_path / "network.py.pid").exists() or not (tmp_path / "network.py.pid").read_text().strip():
            time.sleep(0.02)
        worker.kill()
    assert gone(tmp_path)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", "--command is empty"),
        ("python 'train.py {source}", "no closing quotation"),
        ("python train.py", "does not say which network"),
        ("python train.py {soruce}", "no place {soruce}"),
    ],
)
def test_commands_that_cannot_be_meant(command: str, words: str) -> None:
    with pytest.raises(UsageProblem, match=words):
        template.check(command)


def test_no_such_program() -> None:
    with pytest.raises(NotFoundError, match="no program 'trian' to run"):
        template.check("trian {id}")


def test_braces_of_others_stay() -> None:
    words = template.parse("""train --cfg '{"lr": {}}' --net={source} {id}""")
    filled = template.fill(words, {"source": "{id}", "id": "a b"})
    assert filled == ["train", "--cfg", '{"lr": {}}', "--net={id}", "a b"]
