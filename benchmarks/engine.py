"""What each step of sampling without torch gives: the same requests drawn in five ways, in turns, in one process.

    python -m benchmarks.engine

Per space, a batch asked for the top 5 % with guidance 2, rules included, checks not: (1) the network as a torch
module, every row of the batch; (2) the same on numpy; (3) equal states once; (4) on two threads; (5) in as many
network calls as the space draws in by default. Steps 1 to 4 use the calls that were the default before (14, or one per
free node and five, never more than there are variables). Milliseconds per architecture, by the clock and of CPU time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from benchmarks import common
from dinas_cli.bench.sampling import TOP
from dinas_cli.bench.suites.speed import with_generator
from dinas_cli.diffusion.generator import Conditioning, Generator
from dinas_cli.diffusion.guidance import Guidance
from dinas_cli.training.denoiser import Denoiser

BATCHES = {"nasbench201": 1000, "transnas-micro": 1000, "transnas-macro": 1000}
BATCH = 256
RUNS = 5
STEPS = ("torch", "numpy", "equal states once", "two threads", "default calls")


class TorchGuidance(Guidance):
    """The same logits from the torch module."""

    module: Denoiser

    def __call__(self, values: np.ndarray, time: float | None = None, wanted: np.ndarray | None = None) -> np.ndarray:
        """Guided logits ``(B, V, W)`` of noisy ``values (B, V)``, all views as one batch."""
        views, batch = len(self.embedded), len(values)
        embedded = torch.from_numpy(self.embedded).repeat_interleave(batch, 0)
        with torch.inference_mode():
            logits = self.module(torch.from_numpy(values).repeat(views, 1), embedded)
            logits = logits.view(views, batch, *logits.shape[1:]).log_softmax(-1).nan_to_num(neginf=-1e9)
            mixed: np.ndarray = torch.einsum("dbvw,d->bvw", logits, torch.from_numpy(self.factors)).numpy()
        return mixed


def module_of(generator: Generator, tensors: dict[str, np.ndarray]) -> Denoiser:
    """The torch module with the weights of a generator."""
    widths = tuple(spec.width for spec in generator.specs)
    module = Denoiser(generator.space.layout, widths, generator.denoiser.config)
    module.load_state_dict({name: torch.from_numpy(tensor).float() for name, tensor in tensors.items()})
    return module.eval()


@contextmanager
def as_in(step: str, module: Denoiser) -> Iterator[None]:
    """Sample as after a step."""
    done = STEPS.index(step)
    TorchGuidance.module = module
    with ExitStack() as stack:
        if done < 1:
            stack.enter_context(patch("dinas_cli.diffusion.generator.Guidance", TorchGuidance))
        if done < 2:
            every = patch("dinas_cli.diffusion.samplers.distinct", lambda rows: (rows, np.arange(len(rows))))
            stack.enter_context(every)
        stack.enter_context(patch.dict(os.environ, {"OMP_NUM_THREADS": "1" if done < 3 else "2"}))
        yield


def timed(tasks: dict[str, Callable[[], Any]]) -> dict[str, dict[str, float]]:
    """Milliseconds of every task: medians over runs in which they take turns, after one that is not counted."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for run in range(RUNS + 1):
        for name, task in tasks.items():
            clock, cpu = time.perf_counter(), time.process_time()
            task()
            if run:
                found[name].append((time.perf_counter() - clock, time.process_time() - cpu))
    return {
        name: {"ms": 1e3 * median(t[0] for t in times), "cpu_ms": 1e3 * median(t[1] for t in times)}
        for name, times in found.items()
    }


def measure(models: common.Models) -> dict[str, Any]:
    """All steps of one space."""
    from safetensors.numpy import load_file

    from dinas_cli.checkpoints.registry import resolve

    generator, layout = models.generator, models.space.layout
    module = module_of(generator, load_file(resolve(None, models.space.name, "generator")))
    batch = BATCHES.get(models.space.name, BATCH)
    before = min(len(layout.free_nodes) + 5 if layout.nodes_first else 14, layout.size)
    asked = Conditioning(next(iter(models.space.datasets), None), TOP)

    def task(step: str) -> Callable[[], Any]:
        calls = before if step != STEPS[-1] else None

        def draw() -> None:
            with as_in(step, module):
                generator.sample(asked, batch, steps=calls)

        return draw

    times = timed({step: task(step) for step in STEPS})
    each = {step: {unit: value / batch for unit, value in cost.items()} for step, cost in times.items()}
    return {"batch": batch, "calls_before": before, "calls": generator.calls, "steps": each}


def main() -> None:
    """Every space; each result is kept at once."""
    parser = common.parser(__doc__)
    parser.add_argument("--only", action="append", help="one space (default: all)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    for name in options.only or with_generator():
        options.space = name
        models = common.models(options)
        common.renew(options, {**models.about, "runs": RUNS}, name, measure(models))


if __name__ == "__main__":
    main()
