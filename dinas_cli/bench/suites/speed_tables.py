"""Tables of the suite ``speed``: time per architecture, whole processes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dinas_cli.bench.experiments import Results, Table
from dinas_cli.bench.sampling import RUNS, TOP

BATCHES = (1, 16, 256, 1000)
PAPER_STEPS, TIMED_CALLS = 500, 1
"""Network calls of the paper's sampler, and how many of them are timed: all are alike."""
PROCESS = "process: "
"""How the keys of commands start."""


def tables(results: Results) -> list[Table]:
    """One row per space, then one per process."""
    names = dict.fromkeys(key.partition("/")[0] for key in results if not key.startswith(PROCESS))
    return [*_times([_row(name, results) for name in names]), *_processes(results)]


def _times(rows: list[tuple[str, ...]]) -> list[Table]:
    if not rows:
        return []
    batches = (f"ms at batch {batch:,}" for batch in BATCHES)
    clocks = (f"ms by the clock at {batch:,}" for batch in BATCHES[-2:])
    ratios = (f"× at {batch:,}" for batch in BATCHES)
    paper = ("paper: parameters", "paper: ms")
    header = ("space", "calls", "parameters", *batches, *clocks, *paper, *ratios, "× with our calls")
    note = (
        f"CPU time of one thread per architecture asked for the top {TOP:g} %, guidance 2, checks not included; "
        f"median of {RUNS} runs, in turns with a network of the paper's size ({PAPER_STEPS} steps of its kernel, "
        f"worked out from {TIMED_CALLS}; ms at the largest batch). ×: how many times as long the paper's takes; with "
        "our calls: at the largest batch, if it made no more network calls than ours. "
        "By the clock: ours on all cores."
    )
    return [Table("Time per architecture", header, tuple(rows), note)]


def _row(name: str, results: Results) -> tuple[str, ...]:
    timed = [results.get(f"{name}/batch{batch}") for batch in BATCHES]
    sizes = results.get(f"{name}/parameters")
    return (
        name,
        _text(timed[0], "calls", "d"),
        _text(sizes, "ours", ",d"),
        *(_text(found, "ours_ms", ",.3f") for found in timed),
        *(_text(found, "wall_ms", ",.3f") for found in timed[-2:]),
        _text(sizes, "paper", ",d"),
        _text(timed[-1], "paper_ms", ",.0f"),
        *(_text(found, "ratio", ",.0f") for found in timed),
        "–" if timed[-1] is None else f"{alike(timed[-1]):.1f}",
    )


def alike(timed: Mapping[str, Any]) -> float:
    """How many times as long the paper's configuration takes with as many network calls as ours: like for like."""
    return float(timed["ratio"] * timed["calls"] / PAPER_STEPS)


def _processes(results: Results) -> list[Table]:
    found = {f"dinas generate --space {key.removesuffix('/start')}": key for key in results if key.endswith("/start")}
    found |= {key.removeprefix(PROCESS): key for key in results if key.startswith(PROCESS)}
    rows = tuple(
        (
            f"`{name}`",
            _text(results[key], "clock", ".2f"),
            _text(results[key], "ratio", ".2f"),
            _text(results[key], "cpu", ".2f"),
            _text(results[key], "ratio_cpu", ".2f"),
            _text(results[key], "first_seconds", ".2f"),
            _text(results[key], "peak_mib", ".0f"),
            "yes" if results[key]["imports_torch"] else "no",
        )
        for name, key in found.items()
    )
    if not rows:
        return []
    header = ("command", "s", "× import torch", "CPU s", "× its CPU s", "s at first", "peak MiB", "imports torch")
    note = (
        f"Whole processes, start-up included; medians of {RUNS} runs in turns with `python -c 'import torch'`, ratios "
        "pair by pair. generate: 16 architectures of the top 5 %. At first: in a home without a cache."
    )
    return [Table("Whole processes", header, rows, note)]


def _text(found: Any, name: str, form: str) -> str:
    return "–" if found is None else format(found[name], form)
