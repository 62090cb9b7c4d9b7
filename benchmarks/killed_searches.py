"""Searches whose workers, nodes and drivers are killed at random moments: what is lost, and what is done twice.

    python -m benchmarks.killed_searches

Both parts run 24 trials of one program, whose epochs take half a second and are kept in the folder of its trial.
(1) Four local workers in one folder, each of them a ``dinas search`` of its own; 30 times one that is at work is killed
(SIGKILL) and started anew. (2) Ray on two local nodes of two CPUs each: a node is killed and replaced 10 times (no
epoch ends meanwhile, for a node may take longer to start than many trials), and the driver, a ``dinas search
--engine ray``, killed and started anew 5 times. Then the run is led to its end. Counted are results per trial, trials
that were touched after their result, and epochs begun more than once, by deaths of workers.
"""

from __future__ import annotations

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks import common
from dinas_cli.search.runs.folder import Run
from dinas_cli.search.runs.trial_files import read_status

TRIALS, EPOCHS, SECONDS = 24, 8, 0.5
LOCAL_WORKERS, LOCAL_KILLS = 4, 30
NODE_KILLS, DRIVER_KILLS = 10, 5
PROGRAM = """
import json, os, sys, time
folder, epochs, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])

def note(what, epoch):
    with open(f"{folder}/{what}.txt", "a") as stream:
        stream.write(f"{epoch}\\n")

try:
    done = len(open(f"{folder}/done.txt").readlines())
except FileNotFoundError:
    done = 0
for epoch in range(done, epochs):
    note("begun", epoch)
    time.sleep(seconds)
    while os.path.exists(os.path.join(os.path.dirname(__file__), "wait")):
        time.sleep(0.05)
    note("done", epoch)
    print(json.dumps({"epoch": epoch, "accuracy": epoch / epochs}), flush=True)
note("ended", epochs)
print(json.dumps({"accuracy": len(folder) / 1000}))
"""


def main() -> None:
    """Both parts, or one of them."""
    parser = common.plain_parser(__doc__)
    parser.add_argument("--part", choices=["local", "ray"], help="default: both")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    about = common.facts(seed=options.seed)
    parts: dict[str, Callable[[Path, random.Random], dict[str, Any]]] = {"local": local, "ray": on_ray}
    for name, part in parts.items():
        if options.part in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                (Path(folder) / "train.py").write_text(PROGRAM)
                started = time.monotonic()
                found = part(Path(folder), random.Random(options.seed))
                found["seconds"] = round(time.monotonic() - started)
            print(name, found)
            common.renew(options, about, name, found)


def local(folder: Path, draw: random.Random) -> dict[str, Any]:
    """Local workers, each of them a command of its own."""
    workers = [begin(folder) for _ in range(LOCAL_WORKERS)]
    kills = 0
    while kills < LOCAL_KILLS and ended(folder) < TRIALS:
        time.sleep(draw.uniform(0.5, 2.0))
        busy = holders(folder)
        at_work = [number for number, worker in enumerate(workers) if worker.pid in busy]
        if len(at_work) > 1:  # the last one alone would meet all kills, and its trial would be given up after ten
            number = draw.choice(at_work)
            kills += kill(workers[number])
            workers[number] = begin(folder)
    for worker in workers:
        if worker.wait(600):
            raise SystemExit("a worker failed")
    return {"workers": LOCAL_WORKERS, "kills": kills, **counted(folder)}


def on_ray(folder: Path, draw: random.Random) -> dict[str, Any]:
    """Nodes of a cluster and the driver."""
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    patiently(lambda: cluster.add_node(num_cpus=0, include_dashboard=False))
    nodes = [patiently(lambda: cluster.add_node(num_cpus=2)) for _ in range(2)]
    more = ["--engine", "ray", "--address", cluster.address]
    driver = begin(folder, *more)
    events = ["node"] * NODE_KILLS + ["driver"] * DRIVER_KILLS
    draw.shuffle(events)
    wait = folder / "wait"
    kills: Counter[str] = Counter()
    while events and ended(folder) < TRIALS:
        before = begun(folder)
        until = time.monotonic() + 120
        while begun(folder) < before + 2 and driver.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(draw.uniform(0.0, 1.0))
        event = events.pop()
        if event == "node":
            cluster.remove_node(nodes.pop(draw.randrange(2)), allow_graceful=False)
            wait.touch()
            nodes.append(patiently(lambda: cluster.add_node(num_cpus=2)))
            wait.unlink()
            kills[event] += 1
        else:
            kills[event] += kill(driver)
            driver = begin(folder, *more)
    if driver.wait(900):
        raise SystemExit("the driver failed")
    ray.shutdown()
    cluster.shutdown()
    return {"nodes": 2, "kills": kills["node"], "driver_kills": kills["driver"], **counted(folder)}


def patiently(start: Callable[[], Any]) -> Any:
    """A node of Ray, which gives up after 30 seconds on a machine that is busy."""
    for _ in range(30):
        try:
            return start()
        except Exception as error:
            print(f"once more: {error}")
    return start()


def begin(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    """The search, in a process group of its own."""
    program = shlex.join([sys.executable, str(folder / "train.py")]) + f" {{folder}} {EPOCHS} {SECONDS} {{id}}"
    command = [sys.executable, "-m", "dinas_cli", "search", "--command", program, "--random", "-q"]
    command += ["--params", "1M", "--trials", str(TRIALS), "-o", str(folder / "run"), *more]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)


def kill(process: subprocess.Popen[bytes]) -> int:
    """Kill a search and what is in its group, if it still runs: 1, otherwise 0."""
    if process.poll() is not None:
        return 0
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return 1


def holders(folder: Path) -> set[int]:
    """Processes that work on a trial."""
    found = set()
    for lease in (folder / "run" / "trials").glob("*/lease.json"):
        with suppress(OSError, ValueError):  # given back meanwhile
            found.add(int(json.loads(lease.read_text())["pid"]))
    return found


def ended(folder: Path) -> int:
    """Trials with a result."""
    return len(list((folder / "run" / "trials").glob("*/result.json")))


def begun(folder: Path) -> int:
    """Epochs that were begun."""
    return sum(len(path.read_text().splitlines()) for path in (folder / "run" / "trials").glob("*/begun.txt"))


def counted(folder: Path) -> dict[str, Any]:
    """What is in the run's folder at its end."""
    trials = Run(folder / "run").trials()
    lines = {
        name: [len(path.read_text().splitlines()) if (path := trial.folder / name).exists() else 0 for trial in trials]
        for name in ("begun.txt", "done.txt")
    }
    deaths = [read_status(trial.folder).tries - 1 for trial in trials]
    twice = [number - EPOCHS for number in lines["begun.txt"]]
    places = sorted(trial.finished.place for trial in trials if trial.finished)
    return {
        "trials": len(trials),
        "results": sum(trial.finished is not None for trial in trials),
        "failed": sum(trial.finished is not None and trial.finished.result.value is None for trial in trials),
        "one_result_each": places == list(range(TRIALS)),
        "epochs": EPOCHS,
        "epochs_kept": sum(lines["done.txt"]),
        "epochs_begun_again": sum(twice),
        "deaths_of_workers_on_a_trial": sum(deaths),
        "most_epochs_lost_by_a_death": max(
            (again / died for again, died in zip(twice, deaths, strict=True) if died), default=0.0
        ),
        "trials_touched_after_their_result": sum(
            any(path.stat().st_mtime > (trial.folder / "result.json").stat().st_mtime for path in steps)
            for trial in trials
            if (steps := [trial.folder / name for name in ("begun.txt", "done.txt", "ended.txt")])[-1].exists()
        ),
    }


if __name__ == "__main__":
    main()
