"""Searches on real images on this machine: 12 trials of dinas search against 12 random networks under the same limit.

    python -m benchmarks.own_images digits --seeds 5
    python -m benchmarks.own_images animals --seeds 3 --limit-images 4000

Both train 12 networks with the same schedule on the same images, then the one that was best in validation to the end;
the judge is the accuracy of that one on the test split, which no decision sees. The limit is the median latency of
NAS-Bench-201 on this machine, measured on 48 networks of the trials' size; the winner is measured again. CPU time is
that of all processes. Results of a set are renewed in ``benchmarks/results/own_images.json`` after every seed.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from pathlib import Path

from benchmarks import common, image_sets
from dinas_cli.search.fit.networks import trial_sizes
from dinas_cli.spaces.registry import get_space

TRIALS = 12
SETS = {"digits": image_sets.digits, "animals": image_sets.animals}
METHODS = {"search": (), "random": ("--random",)}


def dinas(home: Path, *arguments: str) -> str:
    """Run a command in a data folder of its own; what it writes to standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "dinas_cli", *arguments],
        env={**os.environ, "DINAS_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"dinas {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def measured_device(home: Path, size: int) -> float:
    """Measure this machine on networks of the trials' size; the space's median latency in ms."""
    chosen = trial_sizes(get_space("nasbench201"), size)
    sizes = ["--skeleton", "cifar", "--cells", str(chosen["cells"]), "--channels", str(chosen["channels"])]
    sizes += ["--image-size", str(size), "--in-channels", "1", "--classes", "10"]
    return float(json.loads(dinas(home, "devices", "measure", "box", *sizes, "--json"))["median"])


def one(home: Path, data: Path, run: Path, limit: float, seed: int, options: list[str]) -> dict[str, float]:
    """One search to its trained network: accuracies (%), CPU seconds, whether the limit is kept when measured."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    wanted = ["--device", "box", "--latency", f"{limit}ms", "--trials", str(TRIALS), "--seed", str(seed)]
    dinas(home, "search", str(data), *wanted, "-o", str(run), "--json", *options)
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    (figures,) = (run / "fit").glob("*/figures.json")
    judged = json.loads(dinas(home, "eval", str(run / "best.json"), "--measure", "--json"))
    best = json.loads((run / "best.json").read_text())
    return {
        "test": float(json.loads(figures.read_text())["test_accuracy"]),
        "validation": float(best["metrics"]["accuracy"]["value"]),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "seconds": round(seconds, 1),
        "kept": float(judged["provenance"]["satisfies"]),
    }


def measure(options: Namespace) -> None:
    """All seeds of one set, each by both methods."""
    images, labels = SETS[options.set]()
    extra = ["--limit-images", str(options.limit_images)] if options.limit_images else []
    with tempfile.TemporaryDirectory(prefix="dinas-images-") as folder:
        home = Path(folder) / "home"
        data = image_sets.write(Path(folder) / options.set, images, labels)
        size = images.shape[1]
        limit = round(measured_device(home, size), 3)
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in METHODS}
        for seed in range(options.seeds):
            for name, more in METHODS.items():
                run = Path(folder) / f"{name}-{seed}"
                runs[name].append(one(home, data, run, limit, seed, [*extra, *more]))
                print(options.set, seed, name, runs[name][-1], flush=True)
            save(options, limit, runs)


def save(options: Namespace, limit: float, runs: dict[str, list[dict[str, float]]]) -> None:
    """Renew the results of this set."""
    facts = common.facts(seeds=len(runs["search"]), limit_ms=limit, limit_images=options.limit_images)
    common.renew(options, facts, options.set, {"runs": runs, "about": facts})


def main() -> None:
    """One set."""
    options = common.plain_parser(__doc__)
    options.add_argument("set", choices=sorted(SETS))
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--limit-images", type=int)
    measure(options.parse_args())


if __name__ == "__main__":
    main()
