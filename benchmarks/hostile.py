"""How many inputs that no user means are tried at every door, and what comes of them: tests/hostile and tests/faults.

python -m benchmarks.hostile --nightly     # ten times as many, other ones each time
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import common

ROOT = Path(__file__).parent.parent
_TEST = re.compile(r"^(tests/\S+?)::(\w+)(?:\[.*\])?:$")
_COUNT = re.compile(r"(\d+) passing, (\d+) failing, and (\d+) invalid")
_OUTCOME = re.compile(r"(\d+) (passed|failed|skipped|errors?)")


def run(folder: str, *options: str, nightly: bool) -> tuple[str, float]:
    """What pytest says of a folder of tests, and the seconds it took."""
    environment = os.environ | ({"DINAS_NIGHTLY": "1"} if nightly else {})
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder, *options]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.stdout, round(time.perf_counter() - start, 1)


def doors(text: str) -> dict[str, dict[str, int]]:
    """Examples by test file: tried, and those that ended in anything but an answer or one documented error."""
    found: dict[str, dict[str, int]] = {}
    door = ""
    for line in text.splitlines():
        if (test := _TEST.match(line.strip())) is not None:
            door = Path(test.group(1)).stem.removeprefix("test_")
        elif (counted := _COUNT.search(line)) is not None:
            passing, failing, _ = map(int, counted.groups())
            entry = found.setdefault(door, {"tried": 0, "failing": 0})
            entry["tried"] += passing + failing
            entry["failing"] += failing
    return found


def main() -> None:
    """Both suites, one after the other."""
    options = common.plain_parser(__doc__)
    options.add_argument("--nightly", action="store_true")
    given = options.parse_args()
    examples, seconds = run("tests/hostile", "--hypothesis-show-statistics", nightly=given.nightly)
    faults, more = run("tests/faults", nightly=given.nightly)
    outcomes: dict[str, Any] = {name: int(count) for count, name in _OUTCOME.findall(faults.splitlines()[-1])}
    result = {"doors": doors(examples), "seconds": seconds, "faults": outcomes | {"seconds": more}}
    common.write(given, common.facts(nightly=given.nightly), result)


if __name__ == "__main__":
    main()
