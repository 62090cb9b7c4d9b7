"""Trains variants of the generator for the comparison in ``variants.py``, each with one part of the method taken away.

All start from the surrogate given, know no device that it does not know, and take the same, short number of steps:
enough to rank the parts, not to match the shipped weights. Writes OUT/NAME.safetensors.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.unseen import DEVICES
from dinas_cli.diffusion.encoding import ConditionSpec, budget_features
from dinas_cli.diffusion.generator import SCHEMA
from dinas_cli.files.atomic import atomic_write
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.registry import get_space
from dinas_cli.training import generator, limits, pools, requests
from dinas_cli.training.data import load_training_set
from dinas_cli.training.tables import open_table
from dinas_cli.training.targets import States, trajectories


def one_hot_targets(*args: Any) -> States:
    """The usual loss: every masked variable should be what the one drawn architecture has."""
    states = trajectories(*args)
    size = states.values.shape[1]
    # The last stage of a trajectory shows all but one variable; the exact target of that one is the drawn type or
    # others that fit as well. The drawn architecture is read from the stages, in which each variable shows once.
    rows = len(states.row) // size
    values = states.values.view(size, rows, size)
    shown = ~states.masked.view(size, rows, size)
    answer = torch.where(shown.any(0), values.where(shown, torch.tensor(-1)).amax(0), -1)
    last = (answer < 0).nonzero()
    final = states.target.view(size, rows, size, -1)[-1]
    drawn = torch.multinomial(final[last[:, 0], last[:, 1]], 1)[:, 0]
    answer[last[:, 0], last[:, 1]] = drawn
    onehot = torch.nn.functional.one_hot(answer, states.target.shape[-1]).float()
    return States(states.row, states.values, states.masked, onehot.repeat(size, 1, 1))


def without_descriptor(descriptor: np.ndarray, *more: np.ndarray) -> np.ndarray:
    """Features of limits that do not tell one device from another, but for how tight the limit is and its noise."""
    return budget_features(np.zeros_like(descriptor), *more)


def deaf_to_descriptors(weights: dict[str, np.ndarray], specs: tuple[ConditionSpec, ...]) -> dict[str, np.ndarray]:
    """The weights with nothing that reads descriptors: what was never shown in training, and was not learnt."""
    found = dict(weights)
    for number, spec in enumerate(specs):
        if spec.kind == "budget":
            name, first = f"embed.{number}.0.weight", spec.width - spec.descriptor - 4
            found[name] = found[name].copy()
            found[name][:, first : first + spec.descriptor] = 0
    return found


@contextmanager
def patched(module: Any, name: str, value: Any) -> Any:
    """A module constant or function replaced for a while."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)


DEAF = "no descriptor of the device"
VARIANTS: dict[str, list[tuple[Any, str, Any]]] = {
    "all parts": [],
    "one-hot targets": [(generator, "trajectories", one_hot_targets)],
    "no refitted or virtual devices": [(pools, "REFITS", 0), (pools, "VIRTUAL", 0)],
    DEAF: [(limits, "budget_features", without_descriptor)],
}


def main() -> None:
    """Train the variants named, or all."""
    options = ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, action="append", default=[])
    options.add_argument("--surrogate", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--steps", type=int, default=3000)
    options.add_argument("--only", choices=VARIANTS, action="append")
    chosen = options.parse_args()
    space = get_space("nasbench201")
    table, folder = open_table(space, chosen.data)
    surrogate = Surrogate.load(chosen.surrogate)
    data = load_training_set(space, table, without_devices=DEVICES)
    if unknown := set(DEVICES) & set(surrogate.devices("latency")):
        raise SystemExit(f"this surrogate has seen {', '.join(sorted(unknown))}: train one without, see unseen.py")
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name in chosen.only or VARIANTS:
        with ExitStack() as stack:
            for module, attribute, value in VARIANTS[name]:
                stack.enter_context(patched(module, attribute, value))
            train(name, chosen, data, surrogate, lambda step, steps, loss: report(step, steps, loss))
    if folder is not None:
        folder.cleanup()


def train(
    name: str, options: Any, data: Any, surrogate: Surrogate, progress: Callable[[int, int, float], None]
) -> None:
    """One variant."""
    from safetensors.numpy import save

    print(name, file=sys.stderr, flush=True)
    config = generator.TrainingConfig(steps=options.steps)
    sampler = requests.RequestSampler(data, surrogate, generator.condition_specs(data, surrogate), config.seed)
    trainer = generator.Trainer(data, sampler, config)
    trainer.run(progress=progress)
    weights, about = trainer.checkpoint()
    if name == DEAF:
        weights = deaf_to_descriptors(weights, sampler.specs)
    target = options.out / f"{name.replace(' ', '-')}.safetensors"
    atomic_write(target, save(weights, {"schema": SCHEMA, "config": json.dumps(about)}), force=True)


def report(step: int, steps: int, loss: float) -> None:
    """A line per thousand steps."""
    if step % 1000 == 0:
        print(f"step {step} of {steps}, loss {loss:.4f}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
