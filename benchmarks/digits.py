"""Exported sources can be trained: the loss falls on scikit-learn's digits (8 x 8 images, enlarged to 16 x 16).

One random architecture of each space that has a ``cifar`` skeleton, exported small, imported from its file, and trained
for a few steps by stochastic gradient descent.
"""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from runpy import run_path
from typing import Any

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from benchmarks.common import facts, write
from dinas_cli.architectures.schema import Record
from dinas_cli.exporting.files import write as export
from dinas_cli.exporting.plan import plan
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.skeletons import skeletons_of

SIZES = {"channels": 8, "cells": 3, "classes": 10, "image_size": 16}
IMAGES = 1024


def digits() -> tuple[Tensor, Tensor]:
    """Images ``(1024, 3, 16, 16)`` from -1 to 1, and their digits."""
    found = load_digits()
    small = torch.tensor(found.images[:IMAGES], dtype=torch.float32)[:, None] / 8 - 1
    images = nn.functional.interpolate(small, size=16, mode="bilinear").expand(-1, 3, -1, -1)
    return images, torch.tensor(found.target[:IMAGES])


def train(network: nn.Module, steps: int, batch: int = 64) -> list[float]:
    """The loss of every step."""
    images, labels = digits()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    losses = []
    network.train()
    for step in range(steps):
        places = torch.arange(step * batch, (step + 1) * batch) % len(images)
        loss = nn.functional.cross_entropy(network(images[places]), labels[places])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    return losses


def main() -> None:
    """Train and write the mean loss of the first and the last five steps."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--steps", type=int, default=40)
    options.add_argument("--out", type=Path, help="JSON file (default: benchmarks/results/digits.json)")
    chosen = options.parse_args()
    results: dict[str, Any] = {}
    for name in space_names():
        space = get_space(name)
        if "cifar" not in skeletons_of(space):
            continue
        record = Record("", name, space.decode(space.draw(1, 1)[0].tolist()))
        torch.manual_seed(0)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.py"
            export([plan(record, None, "cifar", SIZES)], "pytorch", path)
            losses = train(run_path(str(path))["build"](), chosen.steps)
        first, last = (round(sum(part) / 5, 4) for part in (losses[:5], losses[-5:]))
        results[name] = {"steps": chosen.steps, "first_loss": first, "last_loss": last, "falls": last < first}
        print(name, results[name], file=sys.stderr)
    write(chosen, facts(), results)


if __name__ == "__main__":
    main()
