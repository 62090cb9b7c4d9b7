"""Local workers: several at once, one that is killed, and the same folder from several drivers."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dinas_cli.errors import DinasError
from dinas_cli.search.engines import local
from dinas_cli.search.engines.watching import Seen, watched
from dinas_cli.search.runs.folder import Run
from tests.support.nightly import NIGHTLY
from tests.support.trainers import Steps, check_whole, job

DRIVER = """
import sys
from pathlib import Path
from dinas_cli.search.engines import local
from tests.support.trainers import Steps, job
local.run(job(Path(sys.argv[1]), 12, Steps(4, 0.05)), int(sys.argv[2]))
"""


def driver(folder: Path, workers: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", DRIVER, str(folder), str(workers)], start_new_session=True)


def test_several_at_once(tmp_path: Path) -> None:
    seen: list[Seen] = []
    task = job(tmp_path, 8, Steps(2, 0.3))
    with watched(Run(tmp_path), seen.append):
        assert local.run(task, 3).reason == ""
    check_whole(tmp_path, 8, epochs=2, kills=0)
    pids = {line.split()[1] for path in tmp_path.glob("trials/*/epochs.txt") for line in path.read_text().splitlines()}
    assert len(pids) > 1
    assert str(os.getpid()) in pids
    assert [item.ended for item in seen] == list(range(1, 9))
    assert seen[-1].best is not None
    assert seen[-1].best.trial.number == 7


def test_failures_end_all_of_them(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DinasError, match="3 trials in a row failed"):
        local.run(job(tmp_path, 24, Steps(1, 0.2, fails=0)), 2)
    assert len(Run(tmp_path).trials()) < 10
    assert "Traceback" not in capfd.readouterr().err


def test_workers_that_are_killed(tmp_path: Path) -> None:
    """Four workers in one folder, killed at random moments and started anew; every trial has one result."""
    draw, kills = random.Random(None if NIGHTLY else 5), 0
    workers = [driver(tmp_path, 1) for _ in range(4)]
    while kills < (40 if NIGHTLY else 6):
        time.sleep(draw.uniform(0.1, 0.5))
        number = draw.randrange(4)
        if workers[number].poll() is None:
            workers[number].kill()
            kills += 1
        elif all(worker.poll() is not None for worker in workers):
            break
        workers[number].wait()
        workers[number] = driver(tmp_path, 1)
    for worker in workers:
        assert worker.wait(60) == 0
    check_whole(tmp_path, 12, epochs=4, kills=kills)


def test_others_end_with_the_driver(tmp_path: Path) -> None:
    with driver(tmp_path, 3) as first:
        while len(list(tmp_path.glob("trials/*/epochs.txt"))) < 3:
            time.sleep(0.02)
        first.kill()
    for _ in range(200):
        try:
            os.killpg(first.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        os.killpg(first.pid, signal.SIGKILL)
        pytest.fail("workers went on without their driver")
    with driver(tmp_path, 1) as again:
        assert again.wait(60) == 0
    check_whole(tmp_path, 12, epochs=4, kills=3)
