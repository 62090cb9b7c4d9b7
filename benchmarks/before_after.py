"""The same figures of earlier weights and of the present ones, side by side: ``benchmarks/results`` of two commits.

Nothing is measured here. What the earlier results do not have was not measured then.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from benchmarks import common, markdown
from dinas_cli.files.columns import split_column
from dinas_cli.spaces.registry import get_space

BEFORE = "2bed8bd"
"""The last commit before conditions got the format of today's weights."""
SPACES = "darts", "nasbench101", "nlp"
"""Those that were trained again."""


def figures(data: dict[str, Any], space: str) -> dict[str, float | None]:
    """What can be compared of one ``space-*.json``: shares, Kendall's tau."""
    rank, summary = get_space(space).rank_metric, data["summary"]
    taus = [tau for column, tau in data["kendall_tau"].items() if split_column(column)[0] == rank]
    ranked = list(data["ranked"].values())
    found: dict[str, float | None] = {"labels": data["about"]["label_budget"], "tau": sum(taus) / len(taus)}
    for name in ("valid", "top", "within", "top_of_feasible"):
        found[name] = summary[name]["mean"] if name in summary else None
    tabled = [_share(part.get("by_table") or part.get("top_by_table")) for part in ranked]
    found["top by table"] = tabled[0]
    for judge in ("trees", "YAHPO"):
        shares = [part["independent"][judge]["mean"] for part in ranked if judge in part.get("independent", {})]
        found[f"top by {judge}"] = shares[0] if shares else None
    return found


def _share(found: dict[str, Any] | None) -> float | None:
    """A share that was counted, in the form of either time."""
    if not found:
        return None
    inner = found.get("share", found)
    return None if inner is None else float(inner["mean"])


def earlier(space: str) -> dict[str, Any]:
    """The results of a space at :data:`BEFORE`."""
    name = f"{BEFORE}:benchmarks/results/space-{space}.json"
    text = subprocess.run(["git", "show", name], capture_output=True, check=True, cwd=Path(__file__).parent).stdout
    found: dict[str, Any] = json.loads(text)
    return found


def main() -> None:
    """All spaces that were trained again."""
    options = common.plain_parser(__doc__).parse_args()
    result = {}
    for space in SPACES:
        now = markdown.result(f"space-{space}")
        before = earlier(space)
        result[space] = {
            "before": figures(before, space),
            "after": figures(now, space),
            "weights": [data["about"]["checkpoint_sha256"] for data in (before, now)],
        }
    common.write(options, common.facts(before=BEFORE), {"spaces": result})


if __name__ == "__main__":
    main()
