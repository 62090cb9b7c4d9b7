"""Export: how long 100 sources take, and whether all forms compute what ``build`` computes, for every space.

100 random architectures per space are written as source and run in an interpreter that has no dinas; a few of each are
written as ``torch.export`` programs and as ONNX models, which are compared with the networks on the way.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from benchmarks.common import facts, renew
from dinas_cli.architectures.schema import Record
from dinas_cli.exporting.files import write as export
from dinas_cli.exporting.formats import TOLERANCE
from dinas_cli.exporting.plan import Network, plan
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.testing.alone import gaps

COUNT = 100
BATCH = 20
"""Networks at a time, so that their weights need little room."""


def networks(space: Space, count: int) -> list[Network]:
    """Networks of different random architectures, for every dataset in turn."""
    datasets = space.datasets or (None,)
    found: dict[str, Network] = {}
    for row in space.draw(3 * count, 0).tolist():
        network = plan(Record("", space.name, space.decode(row)), datasets[len(found) % len(datasets)])
        found.setdefault(network.record.id, network)
    return list(found.values())[:count]


def seconds(space: Space, folder: Path) -> float:
    """Wall-clock time of ``dinas export`` of 100 architectures as a whole process."""
    genotypes = folder / "genotypes.txt"
    genotypes.write_text("".join(f"{network.record.genotype}\n" for network in networks(space, COUNT)))
    command = [sys.executable, "-m", "dinas_cli", "export", str(genotypes), "-s", space.name, "-o", str(folder / "out")]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return round(time.perf_counter() - started, 2)


def main() -> None:
    """Go through all spaces, or those named."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=COUNT, help="sources per space")
    options.add_argument("--graphs", type=int, default=2, help="programs and ONNX models per space")
    options.add_argument("--space", action="append", default=[], help="only these spaces")
    options.add_argument("--out", type=Path, help="JSON file (default: benchmarks/results/export.json)")
    chosen = options.parse_args()
    for name in chosen.space or space_names():
        space = get_space(name)
        made = networks(space, chosen.count)
        found: list[float] = []
        for start in range(0, len(made), BATCH):
            with tempfile.TemporaryDirectory() as folder:
                found += gaps(made[start : start + BATCH], Path(folder))
        with tempfile.TemporaryDirectory() as folder:
            took = seconds(space, Path(folder))
        with tempfile.TemporaryDirectory() as folder:
            for form in ("torch-export", "onnx"):
                export(made[: chosen.graphs], form, Path(folder))  # raises where outputs differ by more
        result: dict[str, Any] = {
            "sources": len(found),
            "largest_gap": max(found),
            "seconds_of_100": took,
            "programs_and_onnx_models_within": {"count": chosen.graphs, "gap": TOLERANCE},
        }
        print(name, result, file=sys.stderr)
        renew(chosen, facts(), name, result)


if __name__ == "__main__":
    main()
