"""Training-free proxies of real darts networks, and the benchmark file that is made of them.

    python -m benchmarks.darts_proxies measure proxies.jsonl --count 2048
    python -m benchmarks.darts_proxies file proxies.jsonl

Both are measures of :mod:`dinas_cli.proxies` in networks small enough for one core, with PyTorch's initialisation:

* ``ntk``: the condition number of the neural tangent kernel of the summed logits over a batch of random images, which
  are also what batch norms are calibrated with. A full kernel of 32 examples, as in TE-NAS.
* ``linear_regions``: how many different patterns of active ReLUs 2,000 images have, which lie on two quarter circles
  that each lead from one random image to another. Random images alone lie in a region each, whatever the network.

Both are geometric means over initialisations and images, fresh ones for every architecture.
"""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dinas_cli.proxies import calibrated, linear_regions, ntk_condition
from dinas_cli.skeletons import Skeleton
from dinas_cli.spaces.darts import SPACE

KERNEL = Skeleton("cifar", cells=4, channels=8, classes=10, image_size=16)
KERNEL_IMAGES = 32
KERNELS = 2
"""Initialisations that a condition number is the mean of."""
REGIONS = Skeleton("cifar", cells=4, channels=1, classes=10, image_size=8)
REGIONS_IMAGES = 128
"""Random images that calibrate batch norms where regions are counted."""
PATHS, STEPS = 2, 1000
COUNTS = 4
"""Initialisations that a number of regions is the mean of."""
METRICS = ("ntk", "linear_regions")


def proxies(values: Iterable[int], seed: Sequence[int]) -> dict[str, list[float]]:
    """Both proxies of one architecture, a number per initialisation; ``seed`` decides on weights and images."""
    import torch

    found: dict[str, list[float]] = {metric: [] for metric in METRICS}
    values = tuple(values)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
        for _ in range(KERNELS):
            images = SPACE.example(None, KERNEL_IMAGES, skeleton=KERNEL)[0]
            found["ntk"].append(ntk_condition(calibrated(SPACE.build(values, skeleton=KERNEL), images), images))
        for _ in range(COUNTS):
            network = calibrated(
                SPACE.build(values, skeleton=REGIONS), SPACE.example(None, REGIONS_IMAGES, skeleton=REGIONS)[0]
            )
            start, end = SPACE.example(None, 2 * PATHS, skeleton=REGIONS)[0][:, None].chunk(2)
            angle = torch.linspace(0, math.pi / 2, STEPS)[:, None, None, None]
            found["linear_regions"].append(
                linear_regions(network, (start * angle.cos() + end * angle.sin()).flatten(0, 1))
            )
    return found


def measured(drawn: Iterable[Sequence[int]], seed: int) -> dict[str, np.ndarray]:
    """Both proxies ``(B,)`` of architectures, measured now with initialisations that ``seed`` tells from others'."""
    found = [proxies(values, (seed, number)) for number, values in enumerate(drawn)]
    return {metric: np.array([mean(each[metric]) for each in found]) for metric in METRICS}


def mean(found: Sequence[float]) -> float:
    """The geometric mean."""
    return float(np.exp(np.mean(np.log(found))))


def measure(options: Namespace) -> None:
    """Measure random architectures, a line each; goes on with an existing file."""
    import torch

    torch.set_num_threads(1)
    done = {line["genotype"] for line in _read(options.lines)} if options.lines.exists() else set()
    with options.lines.open("a") as file:
        for number, values in enumerate(SPACE.draw(options.count, options.seed).tolist()):
            genotype = SPACE.decode(values, "compact")
            if genotype not in done:
                found = {"genotype": genotype, **proxies(values, (options.seed, number))}
                print(json.dumps(found), file=file, flush=True)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    parser = ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    measuring = commands.add_parser("measure", help=measure.__doc__)
    measuring.add_argument("lines", type=Path)
    measuring.add_argument("--count", type=int, default=2048)
    measuring.add_argument("--seed", type=int, default=2021)
    measuring.set_defaults(run=measure)
    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
