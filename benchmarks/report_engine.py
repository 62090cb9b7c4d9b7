"""The part of docs/results about sampling without torch: what each step gave, and how many network calls pay."""

from __future__ import annotations

from typing import Any

from benchmarks.markdown import Section, command, parts, sections, table
from dinas_cli.spaces.registry import get_space


def engine() -> list[str]:
    """Both sections."""
    return ["## Sampling without torch", "", *sections(SECTIONS, command)]


def steps(data: dict[str, Any]) -> list[str]:
    """Milliseconds per architecture after every step."""
    names = list(next(part for _, part in parts(data))["steps"])
    rows = []
    for space, part in parts(data):
        before, after = part["steps"][names[0]]["ms"], part["steps"][names[-1]]["ms"]
        times = [f"{part['steps'][name]['ms']:.3f}" for name in names]
        calls = " → ".join(dict.fromkeys((str(part["calls_before"]), str(part["calls"]))))
        rows.append([space, str(part["batch"]), calls, *times, f"{before / after:.1f}"])
    return [
        "Milliseconds per architecture by the clock, guidance on, rules included; medians of 5 runs in turns in one",
        "process. *torch*: the network as a torch module on one thread, every row of the batch; then, each on top of",
        "the one before: the same on numpy, samples in the same partly masked state evaluated once, parts of the batch",
        "on two threads, and the number of network calls that the space draws in by default now.",
        "",
        *table(["space", "batch", "calls", *names, "torch / now"], rows),
    ]


def calls(data: dict[str, Any]) -> list[str]:
    """Quality against network calls."""
    rows = []
    for space, part in parts(data):
        layout = get_space(space).layout
        for found in part["calls"]:
            chosen = " (default)" if found["calls"] == (layout.calls or layout.size) else ""
            tops = [f"{found[limit]['top']['mean']:.3f}" if limit in found else "–" for limit in ("all", "20%", "5%")]
            unique = f"{found['all']['unique']['mean']:.2f}"
            rows.append([space, part["limited"] or "–", f"{found['calls']}{chosen}", *tops, unique])
    return [
        "Of 500 samples as drawn, asked for the top 5 % with guidance 2, the share that is: without a limit, and under",
        "a limit that 20 % and 5 % of the space keep to (and keeps to it). Judged by the surrogate, on which the",
        "weights were trained: this compares numbers of calls, and says nothing about accuracy. The default is the",
        "fewest calls after which more give nothing that shows; where every call pays, each variable has its own.",
        "",
        *table(["space", "limited", "calls", "no limit", "20 % limit", "5 % limit", "unique"], rows),
    ]


SECTIONS: dict[str, tuple[str, Section]] = {
    "engine": ("What each step gave", steps),
    "calls": ("Network calls that pay", calls),
}
