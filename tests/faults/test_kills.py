"""kill -9 at random moments: what was there stays whole, and the next run finishes and cleans up.

A few by day; ``DINAS_NIGHTLY=1`` kills fifty times and at other moments every night.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.checkpoints.cleaning import abandoned, clean
from dinas_cli.checkpoints.copies import asset
from dinas_cli.diffusion.generator import Generator
from dinas_cli.files.leftovers import leftovers
from dinas_cli.oracles import devices
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.tables import Table, table_path
from dinas_cli.spaces.shared.protocol import Space
from tests.checkpoints.test_hub import CONTENT, entry_of
from tests.support.hub_server import Hub
from tests.support.nightly import NIGHTLY
from tests.support.terminals import DINAS
from tests.training.test_run import write_csv

CELLS = ("333132", "301004", "222222")


def moments(by_day: int) -> list[float]:
    """Shares of a whole run after which it is killed."""
    draw = random.Random(None if NIGHTLY else 7)
    return [draw.uniform(0.3, 1.05) for _ in range(50 if NIGHTLY else by_day)]


def run(arguments: Sequence[object], **env: str) -> float:
    """Run a command to its end; the seconds that it took."""
    started = time.monotonic()
    command = [*DINAS, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | env, timeout=300)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - started


def kill(arguments: Sequence[object], seconds: float, **env: str) -> None:
    """Start a command and kill it after ``seconds``, if it still runs."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*DINAS, *map(str, arguments)], env=os.environ | env, **quiet) as process:  # type: ignore[call-overload]
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()


def test_tables_import(tmp_path: Path) -> None:
    first, second = write_csv(tmp_path / "one_cifar10.csv", every=1), tmp_path / "two_cifar10.csv"
    text = first.read_text().replace("there_latency", "other_latency").replace("here_latency_ms", "mine_latency_ms")
    second.write_text(text)
    whole = run(["tables", "import", "nasbench201", first])
    path = table_path("nasbench201")
    before, columns = path.read_bytes(), set(Table.open("nasbench201").columns)
    for share in moments(2):
        path.write_bytes(before)
        kill(["tables", "import", "nasbench201", second], share * whole)
        found = Table.open("nasbench201")
        assert set(found.columns) in (columns, columns | {"latency/mine@cifar10", "latency/other@cifar10"})
        for column in found.columns:
            assert np.isfinite(found.column(column)).all()
        assert path.read_bytes() == before or len(found.columns) > len(columns)
    run(["tables", "import", "nasbench201", second])
    assert not list(leftovers(path.parent))
    clean()
    assert abandoned() == []
    assert list(path.parent.iterdir()) == [path]


def test_export(tmp_path: Path) -> None:
    nets = tmp_path / "nets"
    command = ["export", *CELLS, "-s", "nasbench201", "-o", nets, "--force"]
    whole = run(command)
    new = {path: path.read_bytes() for path in nets.iterdir()}
    for share in moments(2):
        for path in new:
            path.write_bytes(b"mine")
        kill(command, share * whole)
        assert all(path.read_bytes() in (b"mine", content) for path, content in new.items())
        assert {path for path in nets.iterdir() if path.name[0] != "."} == set(new)
    run(command)
    assert {path: path.read_bytes() for path in nets.iterdir()} == new


def test_train(stack: Space, tmp_path: Path) -> None:
    """In the example's space, whose networks and table are small."""
    pytest.importorskip("torch_geometric", reason="needs the extra dinas[train]")
    run(["tables", "import", stack.name])
    out = tmp_path / "out"
    command = ["train", "-s", stack.name, "-o", out, "--steps", 40, "--surrogate-steps", 40]
    command += ["--requests", 4, "-q", "--resume"]
    surrogate, generator = out / f"{stack.name}-surrogate.safetensors", out / f"{stack.name}.safetensors"
    whole = run(command)
    expected = generator.read_bytes(), surrogate.read_bytes()
    generator.unlink()
    surrogate.unlink()
    for share in moments(1):
        kill(command, share * whole)
        if surrogate.exists():
            Surrogate.load(surrogate)
        if generator.exists():
            Generator.load(generator)
            generator.unlink()
    run(command)
    assert (generator.read_bytes(), surrogate.read_bytes()) == expected
    assert {path.name for path in out.iterdir()} == {surrogate.name, generator.name, f"{stack.name}.log.jsonl"}


def test_download(hub: Hub, tmp_path: Path) -> None:
    from dinas_cli.checkpoints.checkpoint import to_toml

    hub.files["mine.safetensors"] = CONTENT
    entry = entry_of(repo_id=None, mirrors=(f"{hub.url}/files/",))
    registry = tmp_path / "more.toml"
    registry.write_text(to_toml(entry))
    hub.pace = 0.02
    env = {"DINAS_CHECKPOINTS": str(registry)}
    whole = run(["download", entry.name], **env)
    for share in moments(2):
        asset(entry).unlink(missing_ok=True)
        kill(["download", entry.name], share * whole, **env)
        assert not asset(entry).exists() or asset(entry).read_bytes() == CONTENT
    hub.pace = 0.0
    run(["download", entry.name], **env)
    assert asset(entry).read_bytes() == CONTENT
    assert [path.name for path in asset(entry).parent.iterdir()] == [entry.filename]


def test_devices_measure() -> None:
    command = ["devices", "measure", "box", "-n", 8, "--skeleton", "cifar", "--channels", 4, "--cells", 1, "--force"]
    whole = run(command)
    (known,) = devices.load_all("nasbench201")
    for share in moments(1):
        kill(command, share * whole)
        (found,) = devices.load_all("nasbench201")
        assert [genotype for genotype, _ in found.measurements] == [genotype for genotype, _ in known.measurements]
    run(command)
    clean()
    assert abandoned() == []
    assert [path.name for path in devices.folder().iterdir()] == ["nasbench201-box-latency-cifar10.json"]
