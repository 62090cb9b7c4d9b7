"""The part of docs/results about the fronts that ``dinas front`` shows."""

from __future__ import annotations

from benchmarks.front import NSGA
from benchmarks.markdown import about, pm, result, table

METHODS = ("front", "front, 200", "ranking, 200", NSGA)
WITHOUT, WITH = 0.96, 0.99


def whole_fronts() -> list[str]:
    """By device and data set, the share of the true front's hypervolume without and with look-ups."""
    lines = ["## The whole front", ""]
    data = result("front")
    facts, found = data["about"], data["fronts"]
    rows = [
        [
            f"`{cost}`",
            str(one["true"]),
            f"{one['members']}",
            *(pm(one[name]) if isinstance(one[name], dict) else f"{100 * one[name]:.1f} %" for name in METHODS),
        ]
        for cost, one in found.items()
    ]
    least = {name: min(one[name] for one in found.values()) for name in METHODS[:2]}
    met = [sum(one[name] >= goal for one in found.values()) for name, goal in zip(least, (WITHOUT, WITH), strict=True)]
    seconds, looked_up = facts["seconds"], facts["lookups"]
    return [
        *lines,
        "`dinas front` on NAS-Bench-201: accuracy against latency or energy on HW-NAS-Bench's devices. The share of",
        "the true front's hypervolume that its members have as the table measured them (*front*: none was looked up),",
        f"and that of {looked_up} architectures (`-n {looked_up}`) that are. Beside them the ranking of all cells by",
        "the same surrogate, and NSGA-II with as many look-ups. Nine tenths of the table's labels trained the",
        "surrogate; NSGA-II has none.",
        "",
        *table(["cost", "true front", "members shown", *METHODS], rows),
        "",
        f"Without a look-up at least {100 * least['front']:.1f} % (the target of {100 * WITHOUT:.0f} % is met on",
        f"{met[0]} of {len(found)}), with {looked_up} at least {100 * least['front, 200']:.1f} % ({100 * WITH:.0f} %",
        f"on {met[1]} of {len(found)}). A whole process takes {seconds['cpu']:g} s of processor time.",
        "",
        *about(facts),
        "",
    ]
