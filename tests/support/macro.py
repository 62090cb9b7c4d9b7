"""The smallest complete benchmark at hand, TransNAS-Bench-101's macro space, as a search problem."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dinas_cli.bench.problems import Problem, open_problem


@cache
def macro(folder: Path, task: str = "jigsaw") -> Problem:
    """The problem of a task, from the published table."""
    return open_problem("transnas-macro", task, (folder / "transnas_bench_101.csv.gz",))
