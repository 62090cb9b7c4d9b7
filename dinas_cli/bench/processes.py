"""Whole processes: seconds, CPU seconds and peak memory of a command, and whether it imports torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_LAUNCHER = """
import json, os, sys, time
started = time.perf_counter()
output = os.open(os.devnull, os.O_WRONLY)
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, output, 1)])
_, status, used = os.wait4(pid, 0)
print(json.dumps([time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss]))
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""A small process starts the command and waits for it: Linux counts the memory of who starts a process as its own."""

DINAS = (sys.executable, "-m", "dinas_cli")
TORCH = (sys.executable, "-c", "import torch")
"""What every command is compared with: the import that a tool built on torch cannot do without."""


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    seconds: float
    cpu: float
    """User and system seconds, those of its children included."""
    peak: float
    """Most memory (MiB) that any one process of it held."""


def run(command: Sequence[str], home: Path, stdin: bytes = b"") -> Cost:
    """Run a command with ``home`` as the folder of its data and cache; raises CalledProcessError when it fails."""
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        done = subprocess.run(launcher, stdin=given, capture_output=True, env=_environment(home))
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, stderr=done.stderr)
    seconds, cpu, peak = json.loads(done.stdout)
    return Cost(seconds, cpu, peak * (1 if sys.platform == "darwin" else 1024) / 2**20)


def in_turns(command: Sequence[str], home: Path, runs: int, stdin: bytes = b"") -> dict[str, float]:
    """Medians over ``runs`` of a command in turns with ``import torch``, after one run that is not counted.

    ``clock`` is in seconds; a member ``seconds`` is what the runner of a suite adds: how long the experiment took.
    """
    first = run(command, home, stdin)
    pairs = [(run(command, home, stdin), run(TORCH, home)) for _ in range(runs)]
    ours, theirs = zip(*pairs, strict=True)
    return {
        "first_seconds": first.seconds,
        "clock": median(cost.seconds for cost in ours),
        "cpu": median(cost.cpu for cost in ours),
        "peak_mib": median(cost.peak for cost in ours),
        "torch_seconds": median(cost.seconds for cost in theirs),
        "torch_cpu": median(cost.cpu for cost in theirs),
        "ratio": median(cost.seconds / other.seconds for cost, other in pairs),
        "ratio_cpu": median(cost.cpu / other.cpu for cost, other in pairs),
    }


def imports_torch(command: Sequence[str], home: Path, stdin: bytes = b"") -> bool:
    """Whether any Python process of a command imports torch, by what the interpreter reports of its imports."""
    environment = {**_environment(home), "PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run(command, input=stdin, capture_output=True, env=environment, check=True)
    return any(line.rpartition(b"|")[2].strip() == b"torch" for line in done.stderr.splitlines())


def _environment(home: Path) -> Mapping[str, str]:
    return {**os.environ, "DINAS_HOME": str(home)}
