"""The part of docs/results about what the latest training changed."""

from __future__ import annotations

from benchmarks.markdown import result, table

NAMES = {
    "tau": "τ of the ranked metric",
    "valid": "raw validity",
    "top": "top 5 %, by the space's own judge",
    "top by table": "top 5 %, by the table, of those in it",
    "top by trees": "top 5 %, by trees on held-out labels",
    "top by YAHPO": "top 5 %, by YAHPO",
    "within": "within the limit",
    "top_of_feasible": "top 5 % of the feasible",
}


def before_after() -> list[str]:
    """A row per figure, two columns per space."""
    lines = ["## Before and after the latest training", ""]
    data = result("before_after")
    spaces = data["spaces"]
    lines += [
        f"Figures of the spaces that were trained again, at commit {data['about']['before']} and now. darts then had",
        "YAHPO's predictions among its labels and does not now: a judge that training asked is none, so that figure",
        "was not taken then. A dash: not measured, or nothing to measure.",
        "",
    ]
    heads = ["", *(f"{space}, {when}" for space in spaces for when in ("before", "after"))]
    rows = [["labels", *(f"{part[when]['labels']:,}" for part in spaces.values() for when in ("before", "after"))]]
    for name, title in NAMES.items():
        found = [part[when][name] for part in spaces.values() for when in ("before", "after")]
        rows.append([title, *("–" if value is None else _shown(name, value) for value in found)])
    return [*lines, *table(heads, rows), "", f"`{data['about']['command']}`", ""]


def _shown(name: str, value: float) -> str:
    return f"{value:.3f}" if name == "tau" else f"{100 * value:.1f} %"
