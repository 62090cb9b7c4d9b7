"""Folders that cannot be written, homes that are missing, disks that are full, locales that know ASCII alone."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from dinas_cli.oracles.tables import Table, table_path
from tests.checkpoints.test_hub_caches import small_disk
from tests.support.bundled import needs_weights
from tests.support.terminals import DINAS
from tests.training.test_run import write_csv

__all__ = ["small_disk"]
CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|none~0|skip_connect~1|nor_conv_3x3~2|"


def run(
    *arguments: object,
    env: Mapping[str, str] | None = None,
    before: Callable[[], object] | None = None,
    without: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in (os.environ | dict(env or {})).items() if name not in without}
    command = [*DINAS, *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, encoding="utf-8", env=environment, preexec_fn=before, timeout=120
    )


def one_line(done: subprocess.CompletedProcess[str], words: str) -> None:
    """It failed, and said so in a line and perhaps a hint, nothing else."""
    assert done.returncode in (1, 2), done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("reading ")]
    assert words in lines[0]
    assert lines[0].startswith("error: ")
    assert len(lines) <= 2


def test_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """The table that is there stays; of what does not fit nothing is left."""
    csv = write_csv(tmp_path / "data_cifar10.csv", every=1)
    home = {"DINAS_HOME": str(small_disk)}
    one_line(run("tables", "import", "nasbench201", csv, env=home), "no space left on device")
    one_line(
        run("export", CELL, "-s", "nasbench201", "--to", "module", "-o", small_disk / "nets"), "no space left on device"
    )
    assert {path.name for path in small_disk.rglob("*")} <= {"tables"}


def test_files_may_not_grow(tmp_path: Path) -> None:
    """A quota, or ``ulimit -f``: the system refuses, or sends a signal that Python ignores."""
    csv = write_csv(tmp_path / "data_cifar10.csv", every=1)
    assert run("tables", "import", "nasbench201", csv).returncode == 0
    path = table_path("nasbench201")
    before = path.read_bytes()
    csv.write_text(csv.read_text().replace("here_latency_ms", "more_latency_ms"))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # noqa: E731
    one_line(run("tables", "import", "nasbench201", csv, before=limit), "file too large")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    assert Table.open("nasbench201").rows == 15_625


@needs_weights
def test_a_home_that_cannot_be_written(tmp_path: Path, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    home = {"DINAS_HOME": str(small_disk), "HF_HOME": str(small_disk), "HOME": str(small_disk)}
    done = run("generate", "-n", 1, "--latency", "50ms", "--device", "fpga", env=home)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2), done.stderr
    one_line(
        run("tables", "import", "nasbench201", write_csv(tmp_path / "x_cifar10.csv", every=1), env=home),
        "read-only file system",
    )
    pairs = "\n".join(f"{cell}\t{5 + n}" for n, cell in enumerate(run("devices", "anchors", env=home).stdout.split()))
    (tmp_path / "mine.tsv").write_text(pairs)
    one_line(run("devices", "add", "mine", tmp_path / "mine.tsv", env=home), "read-only file system")
    assert "is not writable" in run("doctor", env=home).stdout


@needs_weights
def test_without_a_home(tmp_path: Path) -> None:
    unset = ("HOME", "DINAS_HOME", "HF_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    for arguments in (
        ("generate", "-n", 1),
        ("eval", CELL, "-s", "nasbench201"),
        ("tables", "list"),
        ("devices", "list"),
    ):
        done = run(*arguments, without=unset)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


@needs_weights
@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"}]
)
def test_ascii_alone(tmp_path: Path, locale: dict[str, str]) -> None:
    (tmp_path / "grüße").mkdir()
    commands: list[tuple[object, ...]] = [
        ("generate", "-n", 2, "--acc", "top5", "--latency", "5000us", "--device", "fpga"),
        ("show", CELL, "-s", "nasbench201"),
        ("eval", CELL, "-s", "nasbench201"),
        ("export", CELL, "-s", "nasbench201", "-o", tmp_path / "grüße" / "nets"),
        ("doctor",),
        ("devices", "list"),
        ("eval", "ü", "-s", "nasbench201"),
    ]
    for arguments in commands:
        done = run(*arguments, env=locale)
        assert "Traceback" not in done.stderr
        assert "unexpected" not in done.stderr
        assert done.returncode == (1 if "ü" in arguments else 0) or arguments == ("doctor",), done.stderr
    assert len(list((tmp_path / "grüße" / "nets").iterdir())) == 1
