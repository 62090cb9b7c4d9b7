"""Trials as tasks of Ray on two local nodes: a node and a driver that are killed, and what a cluster cannot do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.errors import DinasError
from dinas_cli.search.engines import on_ray
from dinas_cli.search.engines.cluster import Cluster
from tests.conftest import ROOT
from tests.support.nightly import at_night
from tests.support.trainers import Steps, check_whole, job

pytest.importorskip("ray", reason="needs the extra dinas[ray]")
TRIALS, EPOCHS = 6, 4
DRIVER = f"""
import sys
from pathlib import Path
from dinas_cli.search.engines import on_ray
from dinas_cli.search.engines.cluster import Cluster
from tests.support.trainers import Steps, job
on_ray.run(job(Path(sys.argv[1]), {TRIALS}, Steps({EPOCHS}, 0.2)), Cluster(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def nodes() -> Iterator[Any]:
    """A cluster of two nodes with one CPU each, the first of which is its head."""
    from ray.cluster_utils import Cluster as Nodes

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)  # tasks find the trainers of the tests there
        found = Nodes()
        try:
            patiently(lambda: found.add_node(num_cpus=1, include_dashboard=False))
            patiently(lambda: found.add_node(num_cpus=1))
            yield found
        finally:
            found.shutdown()


def patiently(start: Callable[[], Any]) -> Any:
    """A node, which gives up where a machine is too busy to start it within half a minute."""
    with suppress(Exception):
        return start()
    return start()


def until(folder: Path, begun: int) -> None:
    """Wait for so many epochs."""
    for _ in range(600):
        if sum(len(path.read_text().splitlines()) for path in folder.glob("trials/*/epochs.txt")) >= begun:
            return
        time.sleep(0.05)
    pytest.fail(f"{begun} epochs were not done within half a minute")


@at_night
def test_a_node_and_the_driver_are_killed(nodes: Any, tmp_path: Path) -> None:
    line = [sys.executable, "-c", DRIVER, str(tmp_path), nodes.address]
    with subprocess.Popen(line) as first:
        until(tmp_path, 4)
        (second,) = nodes.worker_nodes
        nodes.remove_node(second, allow_graceful=False)
        until(tmp_path, 10)
        first.kill()
    with subprocess.Popen(line) as again:
        assert again.wait(60) == 0
    check_whole(tmp_path, TRIALS, EPOCHS, kills=2)


def test_failures_end_the_run(nodes: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DinasError, match="3 trials in a row failed, the last one because it is out of tune; its log"):
        on_ray.run(job(tmp_path, 24, Steps(1, fails=0)), Cluster(nodes.address, most=2))
    assert "Traceback" not in capfd.readouterr().err


def test_no_cluster_there(tmp_path: Path) -> None:
    with pytest.raises(DinasError, match=r"no Ray cluster at 127\.0\.0\.1:1: connection refused"):
        on_ray.run(job(tmp_path, 1, Steps()), Cluster("127.0.0.1:1"))
