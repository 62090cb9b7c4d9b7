"""Latencies of real darts networks on one CPU core, and the device file that is made of them.

    python -m benchmarks.darts_latency measure visits.jsonl --minutes 60
    python -m benchmarks.darts_latency device visits.jsonl --name cpu-1t

The setting, so that 2 ms is a real limit: milliseconds per image of a network of 8 cells and 16 channels, the one DARTS
searches with, for 16 CIFAR images at once, float32, channels last, one thread, batch norm folded into convolutions.

Measuring is made for a machine with other jobs: time is CPU time of the thread, every architecture is visited in round
after round, and what the whole machine did to all architectures at a moment is told from what is the architecture's.
The first command continues its file; the second one can be repeated at any time.
"""

from __future__ import annotations

import json
import os
import platform
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dinas_cli.devices import Device
from dinas_cli.skeletons import Skeleton
from dinas_cli.spaces.base import get_space

SPACE = get_space("darts")
SKELETON = Skeleton("cifar", cells=8, channels=16, classes=10, image_size=32)
BATCH = 16
CALLS = 4
"""Calls per visit; the fastest counts."""
QUIET = 0.15
"""Share of the machine's other cores that others may use in a visit that tells the level."""
MEASUREMENTS = Path(__file__).parent / "measurements"


def measure(options: Namespace) -> None:
    """Visit the architectures one after another until the time is over; a line per visit."""
    import torch

    torch.set_num_threads(1)
    until = time.monotonic() + 60 * options.minutes
    genotypes = list(
        dict.fromkeys(SPACE.decode(v, "compact") for v in SPACE.draw(options.count, options.seed).tolist())
    )
    visits = {genotype: 0 for genotype in genotypes}
    for line in options.visits.read_text().splitlines() if options.visits.exists() else ():
        visits[json.loads(line)["genotype"]] += 1
    images = SPACE.example(None, BATCH, skeleton=SKELETON)[0].to(memory_format=torch.channels_last)
    with options.visits.open("a") as file:
        for number in range(10_000):
            for place in np.random.default_rng(number).permutation(len(genotypes)):
                if visits[genotypes[place]] > number:
                    continue
                if time.monotonic() > until:
                    return
                visit = {"genotype": genotypes[place], **visited(genotypes[place], images), "at": round(time.time())}
                file.write(json.dumps(visit) + "\n")
                file.flush()


def visited(genotype: str, images: Any) -> dict[str, float]:
    """Milliseconds per image of one architecture now, and how busy others kept the machine."""
    import torch

    network = folded(SPACE.build(SPACE.encode(genotype), skeleton=SKELETON).eval()).to(
        memory_format=torch.channels_last
    )
    times = []
    with torch.inference_mode():
        network(images)
        before, start, own = busy(), time.perf_counter(), time.process_time()
        for _ in range(CALLS):
            begun = time.thread_time()
            network(images)
            times.append(time.thread_time() - begun)
        passed, own = time.perf_counter() - start, time.process_time() - own
        others = (busy() - before - own) / passed / max(1, (os.cpu_count() or 2) - 1)
    return {"ms": round(1e3 * min(times) / len(images), 5), "others": round(max(0.0, others), 3)}


def busy() -> float:
    """Seconds that all cores of this (Linux) machine have worked since it started, in steps of 10 ms."""
    user, nice, system, _, _, irq, soft, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def folded(network: Any) -> Any:
    """The same function with every batch norm that follows a convolution folded into it, as before deployment."""
    from torch import nn
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    for part in network.modules():
        children = list(part.named_children()) if isinstance(part, nn.Sequential) else []
        for (name, first), (after, second) in zip(children, children[1:], strict=False):
            if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                setattr(part, name, fuse_conv_bn_eval(first, second))
                setattr(part, after, nn.Identity())
    return network


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
    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
