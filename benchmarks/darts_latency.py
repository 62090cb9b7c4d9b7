"""Latencies of real darts networks on one CPU core, and the device file that is made of them.

    python -m benchmarks.darts_latency measure visits.jsonl --minutes 60
    python -m benchmarks.darts_latency device visits.jsonl --name cpu-1t

The setting is ``CPU_1T`` in ``dinas_cli/spaces/darts/skeletons.py``, so that 2 ms is a real limit (four of ten random
cells keep it) and the network one that ``dinas export`` writes as it is: milliseconds per image, several CIFAR images
at once, float32, channels last, one thread.

Measuring is made for a machine with other jobs. Time is CPU time of the thread; every architecture is visited in round
after round; what slowed down whatever was measured at a moment is told from what is slow about an architecture, and
the level is that of the least disturbed moments. The first command continues its file.
"""

from __future__ import annotations

import json
import os
import platform
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import RESULTS, facts
from dinas_cli.oracles.device import Device
from dinas_cli.spaces.darts.skeletons import CPU_1T
from dinas_cli.spaces.darts.space import SPACE

SKELETON = CPU_1T.network
BATCH = CPU_1T.batch or 1
CALLS = 30
"""Calls per visit; the fastest counts."""
QUIET = 0.02
"""Share of the moments, the least disturbed ones, that tell the level: other machines on the same host are not seen."""
NEAR = 10
"""Visits before and after one that tell how slow the machine was just then."""
FOLDS = 10
MEASUREMENTS = Path(__file__).parent / "measurements"


def visit(genotypes: Sequence[str], done: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Visit architectures forever, each once per round, in another order in every round; ``done`` visits are past."""
    import torch

    torch.set_num_threads(1)
    images = SPACE.example(None, BATCH, skeleton=SKELETON)[0].to(memory_format=torch.channels_last)
    number = 0
    while True:
        for place in np.random.default_rng(number).permutation(len(genotypes)):
            if done.get(genotypes[place], 0) <= number:
                yield {"genotype": genotypes[place], **_visit(genotypes[place], images), "at": round(time.time())}
        number += 1


def _visit(genotype: str, images: Any) -> dict[str, float]:
    """Milliseconds per image of one architecture now, and how many cores others kept busy."""
    import torch

    network: Any = SPACE.build(SPACE.encode(genotype), skeleton=SKELETON).eval()
    network.to(memory_format=torch.channels_last)
    times = []
    with torch.inference_mode():
        network(images)
        busy, start, own = _busy(), time.perf_counter(), time.process_time()
        for _ in range(CALLS):
            begun = time.thread_time()
            network(images)
            times.append(time.thread_time() - begun)
        busy, passed, own = _busy() - busy, time.perf_counter() - start, time.process_time() - own
    return {"ms": round(1e3 * min(times) / len(images), 5), "others": round(max(0.0, busy - own) / passed, 3)}


def _busy() -> float:
    """Seconds that the cores of this machine (Linux) have worked in all since it started, in steps of 10 ms."""
    user, nice, system, _, _, irq, soft, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def latencies(visits: Sequence[Mapping[str, Any]], known: Mapping[str, float] | None = None) -> dict[str, float]:
    """Milliseconds per image of every visited architecture, from visits in the order they were made.

    A visit's logarithm is the architecture's plus the moment's plus noise; both are medians, found in turns. The level
    is that of the quietest moments, or such that architectures with a ``known`` latency have it on average.
    """
    genotypes = sorted({each["genotype"] for each in visits})
    of = np.array([genotypes.index(each["genotype"]) for each in visits])
    seen = np.log([each["ms"] for each in visits])
    own, moment = np.zeros(len(genotypes)), np.zeros(len(seen))
    for _ in range(20):
        rest = seen - own[of]
        moment = np.array([np.median(rest[max(0, i - NEAR) : i + NEAR + 1]) for i in range(len(rest))])
        own = np.array([np.median((seen - moment)[of == number]) for number in range(len(genotypes))])
    if known is not None:
        common = [(number, known[name]) for number, name in enumerate(genotypes) if name in known]
        level = float(np.median([np.log(ms) - own[number] for number, ms in common]))
    else:
        level = float(np.quantile(moment, QUIET))
    return dict(zip(genotypes, np.exp(own + level).tolist(), strict=True))


def real(genotypes: Sequence[str], device: Device, *, rounds: int = 6, anchors: int = 30) -> np.ndarray:
    """Latencies ``(B,)`` of architectures measured now, at the level of ``device``: some of its own are visited too."""
    known = {genotype: cost for genotype, cost in device.measurements if cost is not None}
    names = [SPACE.decode(SPACE.encode(genotype), "compact") for genotype in genotypes]
    everything = list(dict.fromkeys([*names, *list(known)[:: max(1, len(known) // anchors)]]))
    visits = visit(everything, {})
    found = latencies([next(visits) for _ in range(rounds * len(everything))], known)
    return np.array([found[name] for name in names])


def held_out(costs: Mapping[str, float]) -> dict[str, float]:
    """How well operator costs, fitted by least squares to the other folds, predict each architecture's latency."""
    from scipy.stats import kendalltau, spearmanr

    measured = np.array(list(costs.values()))
    counted = np.concatenate(SPACE.operators(np.array([SPACE.encode(genotype) for genotype in costs], np.int8)), 1)
    design = np.concatenate([np.ones((len(counted), 1)), counted], 1)
    fold = np.random.default_rng(0).permutation(len(measured)) % FOLDS
    predicted = np.empty(len(measured))
    for part in range(FOLDS):
        rest = fold != part
        predicted[~rest] = design[~rest] @ np.linalg.lstsq(design[rest], measured[rest], rcond=None)[0]
    return {
        "architectures": len(measured),
        "mape": float(np.mean(np.abs(predicted / measured - 1))),
        "spearman": float(spearmanr(predicted, measured)[0]),
        "kendall": float(kendalltau(predicted, measured)[0]),
        "share_under_2_ms": float(np.mean(measured <= 2)),
    }


def measure(options: Namespace) -> None:
    """Visit random architectures until the time is over, a line per visit; goes on with an existing file."""
    until = time.monotonic() + 60 * options.minutes
    drawn = SPACE.draw(options.count, options.seed).tolist()
    genotypes = list(dict.fromkeys(SPACE.decode(values, "compact") for values in drawn))
    done = dict.fromkeys(genotypes, 0)
    for each in read_lines(options.visits) if options.visits.exists() else ():
        done[each["genotype"]] = done.get(each["genotype"], 0) + 1
    with options.visits.open("a") as file:
        for each in visit(genotypes, done):
            print(json.dumps(each), file=file, flush=True)
            if time.monotonic() > until:
                return


def device(options: Namespace) -> None:
    """Write the device file of all visits, and how well operator costs predict it."""
    import torch

    visits = read_lines(options.visits)
    costs = latencies(visits)
    note = f"{CPU_1T.describe()}: {_processor()}, torch {torch.__version__}; {len(visits):,} visits"
    pairs = tuple((genotype, round(ms, 4)) for genotype, ms in costs.items())
    made = Device(options.name, "darts", "latency", None, pairs, note, CPU_1T)
    path = MEASUREMENTS / f"darts-{options.name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(made.to_dict(), indent=1) + "\n")
    figures = {"about": facts(), "device": options.name, "setting": note, "held_out": held_out(costs)}
    (RESULTS / "darts_latency.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The measurements of a file, one per line."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    found = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    name = found.get("model name", platform.processor())
    return f"{name} (family {found.get('cpu family')}, model {found.get('model')}), {os.cpu_count()} cores"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    parser = ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    measuring = commands.add_parser("measure", help=measure.__doc__)
    measuring.add_argument("visits", type=Path)
    measuring.add_argument("--minutes", type=float, default=60.0)
    measuring.add_argument("--count", type=int, default=512)
    measuring.add_argument("--seed", type=int, default=301)
    measuring.set_defaults(run=measure)
    making = commands.add_parser("device", help=device.__doc__)
    making.add_argument("visits", type=Path)
    making.add_argument("--name", default=SPACE.default_device)
    making.set_defaults(run=device)
    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
