"""What searches reached at every commit that measured them again, read from git: ``python -m benchmarks.history``."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.common import RESULTS
from benchmarks.leaderboard import FIELDS, rows

FILE = RESULTS / "bench-paper.json"
HISTORY = RESULTS.parent / "history.csv"


def revisions() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Commit, date and experiments of every version of the results, the first one first."""
    log = ["git", "log", "--reverse", "--format=%h %ad", "--date=short", "--", str(FILE)]
    for line in subprocess.run(log, capture_output=True, text=True, check=True).stdout.splitlines():
        commit, _, date = line.partition(" ")
        name = f"{commit}:./{FILE.relative_to(RESULTS.parent.parent)}"
        found = subprocess.run(["git", "show", name], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            yield commit, date, json.loads(found.stdout).get("experiments", {})


def main() -> None:
    """Write the file anew."""
    with open(HISTORY, "w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["commit", "date", *FIELDS])
        for commit, date, experiments in revisions():
            writer.writerows([commit, date, *row] for row in rows(experiments))
    print(f"wrote {HISTORY}", file=sys.stderr)


if __name__ == "__main__":
    main()
