"""Closed standard streams and signals that end a program: the work is done, nothing goes astray, nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.bundled import needs_weights
from tests.support.nightly import by_day
from tests.support.terminals import DINAS

CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|none~0|skip_connect~1|nor_conv_3x3~2|"


def run(command: str, **env: str) -> subprocess.CompletedProcess[str]:
    line = command.replace("dinas ", f"{sys.executable} -m dinas_cli ")
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=os.environ | env, timeout=60)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_files_are_written_whatever_is_closed(tmp_path: Path, closed: str) -> None:
    done = run(f"dinas export '{CELL}' -s nasbench201 -o {tmp_path}/nets {closed}")
    assert (done.returncode, len(list((tmp_path / "nets").iterdir()))) == (0, 1)
    done = run(f"dinas show '{CELL}' -s nasbench201 -o {tmp_path}/a.svg {closed}")
    assert done.returncode == 0
    assert (tmp_path / "a.svg").read_text().rstrip().endswith("</svg>")


def test_words_never_go_where_data_go() -> None:
    done = run(f"dinas eval '{CELL}' oops -s nasbench201 --metric macs 2>&-")
    assert done.returncode != 0
    assert "error" not in done.stdout
    assert run("dinas version --no-such 2>&-").stdout == ""


def test_data_without_a_stream_are_a_failure() -> None:
    done = run(f"dinas convert '{CELL}' -s nasbench201 >&-")
    assert (done.returncode, done.stderr) == (1, "error: cannot write to standard output: it is closed\n")
    assert run(f"dinas convert '{CELL}' -s nasbench201 >&- 2>&-").returncode == 1


def test_a_closed_input_is_empty() -> None:
    done = run("dinas convert - -s nasbench201 <&-")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no architectures in the input\n")


def test_nobody_listening_ends_no_work(tmp_path: Path) -> None:
    """Words into a pipe whose reader has gone."""
    read, write = os.pipe()
    os.close(read)
    command = [*DINAS, "export", CELL, "-s", "nasbench201", "-o", str(tmp_path / "nets")]
    done = subprocess.run(command, stderr=write, stdout=subprocess.PIPE, timeout=60)
    os.close(write)
    assert done.returncode == 0
    assert len(list((tmp_path / "nets").iterdir())) == 1


def test_without_anything_to_keep_the_code_says_which_signal() -> None:
    read, write = os.pipe()
    command = [*DINAS, "convert", "-", "-s", "nasbench201"]
    with subprocess.Popen(command, stdin=read, stderr=subprocess.PIPE) as process:
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 143
    os.close(read)
    os.close(write)


@needs_weights
@pytest.mark.parametrize("number", by_day([signal.SIGTERM, signal.SIGHUP], [signal.SIGTERM]))
def test_signals_end_like_interrupts(tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "found.jsonl"
    command = [*DINAS, "generate", "-n", "900", "--acc", "top99", "-o", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        time.sleep(1.5)
        process.send_signal(number)
        process.send_signal(number)
        said = process.stderr.read()
    # 130 where something was found, and is kept; 0 where all of it was found before the signal came
    assert process.returncode in ((130, 128 + number) if "further one" not in said else (0,)), said
    assert "Traceback" not in said
    assert {path.name for path in tmp_path.iterdir()} <= {out.name}


def test_ignored_signals_stay_ignored(tmp_path: Path) -> None:
    script = "from dinas_cli.cli import streams; import signal; streams.prepare(); signal.raise_signal(signal.SIGHUP)"
    line = f"trap '' HUP; exec {sys.executable} -c '{script}; print(1)'"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.stdout == "1\n"
