"""Training-free proxies of real darts networks, and the benchmark files that are made of them.

    python -m benchmarks.darts_proxies measure proxies.jsonl --count 2048
    python -m benchmarks.darts_proxies files proxies.jsonl

Both are measures of :mod:`dinas_cli.oracles.proxies` in networks small enough for one core, with PyTorch's
initialisation:

* ``ntk``: the condition number of the neural tangent kernel of the summed logits over a batch of random images, which
  are also what batch norms are calibrated with. A full kernel of 32 examples, as in TE-NAS.
* ``linear_regions``: how many different patterns of active ReLUs 2,000 images have, which lie on two quarter circles
  that each lead from one random image to another. Random images alone lie in a region each, whatever the network.

Both are geometric means over initialisations and images, fresh ones for every architecture. The first command
continues its file. The second writes two benchmark files: of the first half of the architectures, which the surrogate
learns from, and of the others, which it never sees.
"""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import RESULTS, facts
from benchmarks.darts_latency import MEASUREMENTS, read_lines
from dinas_cli.oracles.measurement_file import SCHEMA
from dinas_cli.oracles.proxies import calibrated, linear_regions, ntk_condition
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.shared.skeletons import Skeleton

KERNEL = Skeleton("cifar", cells=4, channels=8, classes=10, image_size=16)
KERNEL_IMAGES = 32
KERNELS = 2
"""Initialisations that a condition number is the mean of."""
REGIONS = Skeleton("cifar", cells=4, channels=1, classes=10, image_size=8)
REGIONS_IMAGES = 128
"""Random images that calibrate batch norms where regions are counted."""
PATHS, STEPS = 2, 1000
LEVELS = (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0)
COUNTS = 4
"""Initialisations that a number of regions is the mean of."""
METRICS = ("ntk", "linear_regions")
LEARNED = 1024
"""Architectures that the surrogate learns from."""
FILES = {"darts-proxies": slice(None, LEARNED), "darts-proxies-unseen": slice(LEARNED, None)}


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
    done = {line["genotype"] for line in read_lines(options.lines)} if options.lines.exists() else set()
    with options.lines.open("a") as file:
        for number, values in enumerate(SPACE.draw(options.count, options.seed).tolist()):
            genotype = SPACE.decode(values, "compact")
            if genotype not in done:
                found = {"genotype": genotype, **proxies(values, (options.seed, number))}
                print(json.dumps(found), file=file, flush=True)


def files(options: Namespace) -> None:
    """Write the benchmark files, and how well two initialisations agree about the architectures."""
    import torch

    lines = read_lines(options.lines)
    note = (
        f"untrained darts networks, PyTorch's initialisation. ntk: condition number of the neural tangent kernel of "
        f"the summed logits over {KERNEL_IMAGES} random images, {_sizes(KERNEL)}, {KERNELS} initialisations; "
        f"linear_regions: patterns of active ReLUs among {PATHS * STEPS:,} images on {PATHS} quarter circles between "
        f"random ones, {_sizes(REGIONS)}, {COUNTS} initialisations; geometric means, torch {torch.__version__}"
    )
    for name, part in FILES.items():
        rows = [[line["genotype"], *(float(f"{mean(line[metric]):.5g}") for metric in METRICS)] for line in lines[part]]
        whole = {"schema": SCHEMA, "space": SPACE.name, "metrics": METRICS, "note": note}
        text = json.dumps(whole, indent=1)[:-2] + ',\n "measurements": [\n  '
        text += ",\n  ".join(map(json.dumps, rows)) + "\n ]\n}\n"
        (MEASUREMENTS / f"{name}.json").write_text(text)
    figures = {
        "about": facts(),
        "setting": note,
        "architectures": len(lines),
        **{metric: agreement(lines, metric) for metric in METRICS},
    }
    (RESULTS / "darts_proxies.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


def agreement(lines: Sequence[Mapping[str, Any]], metric: str) -> dict[str, Any]:
    """How a proxy is distributed, and its rank correlation between initialisations.

    The correlation of the means is worked out from that of single ones (Spearman-Brown).
    """
    from scipy.stats import spearmanr

    found = np.array([line[metric] for line in lines], float)
    count = found.shape[1]
    one = float(np.mean([spearmanr(found[:, i], found[:, j])[0] for i in range(count) for j in range(i)]))
    quantiles = np.quantile([mean(row) for row in found], LEVELS).tolist()
    return {
        "initialisations": count,
        "spearman_of_one": round(one, 4),
        "spearman_of_the_mean": round(count * one / (1 + (count - 1) * one), 4),
        "quantiles": {f"{level:.0%}": round(value, 2) for level, value in zip(LEVELS, quantiles, strict=True)},
    }


def _sizes(skeleton: Skeleton) -> str:
    side = skeleton.image_size
    return f"{skeleton.cells} cells of {skeleton.channels} channels at first, {side} x {side} pixels"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    parser = ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    measuring = commands.add_parser("measure", help=measure.__doc__)
    measuring.add_argument("lines", type=Path)
    measuring.add_argument("--count", type=int, default=2048)
    measuring.add_argument("--seed", type=int, default=2021)
    measuring.set_defaults(run=measure)
    writing = commands.add_parser("files", help=files.__doc__)
    writing.add_argument("lines", type=Path)
    writing.set_defaults(run=files)
    options = parser.parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
