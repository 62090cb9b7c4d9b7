"""Suite ``speed``: time per architecture of every space beside the paper's configuration, and whole processes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.bench.cells import Cell, Options, Results, Table
from dinas_cli.bench.sampling import RUNS, TOP, milliseconds
from dinas_cli.spaces.base import get_space, space_names

if TYPE_CHECKING:
    from dinas_cli.diffusion.generator import Generator

BATCHES = (1, 16, 256)
PAPER_STEPS, TIMED_CALLS = 500, 1
"""Network calls of the paper's sampler, and how many of them are timed: all are alike."""
ASKED = 16
TORCH = [sys.executable, "-c", "import torch"]
DINAS = [sys.executable, "-m", "dinas_cli"]


@dataclass(frozen=True)
class Lab:
    """One space's shipped generator, and one of the paper's size and kernel that asks the same."""

    space: str

    @cached_property
    def ours(self) -> Generator:
        """The shipped one."""
        from dinas_cli.bench.trained import bundled

        return bundled(self.space)

    @cached_property
    def paper(self) -> Generator:
        """Random weights: its time does not depend on them."""
        return paper_sized(self.ours)

    def timed(self, batch: int) -> dict[str, Any]:
        """Milliseconds per architecture of a request for the top 5 %, guidance on, both in turns."""
        from dinas_cli.diffusion.generator import Conditioning

        conditioning = Conditioning(next(iter(get_space(self.space).datasets), None), TOP)
        work = {
            "ours": partial(self.ours.sample, conditioning, batch),
            "paper": partial(self.paper.sample, conditioning, batch, steps=TIMED_CALLS),
        }
        times = milliseconds(work)
        ours, paper = times["ours"] / batch, times["paper"] / batch * PAPER_STEPS / TIMED_CALLS
        return {"batch": batch, "calls": self.ours.calls, "ours_ms": ours, "paper_ms": paper, "ratio": paper / ours}

    def sizes(self) -> dict[str, Any]:
        """Parameters of both."""
        return {"ours": self.ours.denoiser.parameters, "paper": self.paper.denoiser.parameters}

    def started(self) -> dict[str, Any]:
        """CPU seconds of ``dinas generate`` as a process of its own, in turns with ``import torch`` alone."""
        command = [*DINAS, "generate", "--space", self.space, "--acc", f"top{TOP:g}", "-n", str(ASKED)]
        pairs = [(process_seconds(command), process_seconds(TORCH)) for _ in range(RUNS)]
        ours, torch_alone = (median(column) for column in zip(*pairs, strict=True))
        return {"seconds_cpu": ours, "import_torch": torch_alone, "ratio": ours / torch_alone}


def paper_sized(ours: Generator) -> Generator:
    """A generator of the paper's size and kernel with the same conditions as ``ours`` and random weights."""
    from dinas_cli.diffusion.generator import Generator
    from dinas_cli.diffusion.parameters import CONFIGS, DenoiserConfig, shapes

    size = DenoiserConfig(**{**CONFIGS["paper"].to_dict(), "time": True})
    rng = np.random.default_rng(0)
    needed = shapes(ours.space.layout, tuple(spec.width for spec in ours.specs), size)
    tensors = {name: rng.normal(0, 0.05, shape).astype(np.float32) for name, shape in needed.items()}
    allowed = (~ours.denoiser.variables.padding).astype(np.float32)
    tensors["kernel.marginals"] = allowed / allowed.sum(1, keepdims=True)
    config = {**ours.config, "denoiser": size.to_dict(), "kernel": "marginal", "kernel_steps": PAPER_STEPS}
    return Generator(config, tensors)


def process_seconds(command: list[str]) -> float:
    """CPU seconds of a command on one thread, without tables; raises CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with TemporaryDirectory(prefix="dinas-") as home:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "DINAS_HOME": home}
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Speed:
    """The suite."""

    name = "speed"
    title = "Time per architecture"
    spaces: tuple[str, ...] = space_names()
    seeds = 1

    def cells(self, options: Options) -> Iterator[Cell]:
        """Per space sizes and every batch, then whole processes."""
        for space in options.spaces:
            lab = Lab(space)
            yield Cell(f"{space}/parameters", lab.sizes)
            for batch in BATCHES:
                yield Cell(f"{space}/batch{batch}", partial(lab.timed, batch))
        for space in options.spaces:
            yield Cell(f"{space}/start", Lab(space).started)

    def tables(self, results: Results) -> list[Table]:
        """One row per space."""
        names = dict.fromkeys(key.partition("/")[0] for key in results)
        rows = tuple(_row(name, results) for name in names)
        if not rows:
            return []
        batches = (f"ms at batch {batch}" for batch in BATCHES)
        ratios = (f"× at {batch}" for batch in BATCHES)
        header = ("space", "calls", "parameters", *batches, "paper: parameters", "paper: ms", *ratios)
        note = (
            f"CPU time of one thread per architecture asked for the top {TOP:g} %, guidance 2, checks not included; "
            f"median of {RUNS} runs, in turns with a network of the paper's size ({PAPER_STEPS} steps of its kernel, "
            f"worked out from {TIMED_CALLS}; ms at the largest batch). ×: how many times as long the paper's takes. "
            f"generate: dinas generate -n {ASKED} as a whole process, CPU seconds, and beside import torch alone."
        )
        return [Table("Time per architecture", (*header, "generate s", "× import torch"), rows, note)]


def _row(name: str, results: Results) -> tuple[str, ...]:
    timed = [results.get(f"{name}/batch{batch}") for batch in BATCHES]
    sizes, start = results.get(f"{name}/parameters"), results.get(f"{name}/start")
    return (
        name,
        _text(timed[0], "calls", "d"),
        _text(sizes, "ours", ",d"),
        *(_text(found, "ours_ms", ",.2f") for found in timed),
        _text(sizes, "paper", ",d"),
        _text(timed[-1], "paper_ms", ",.0f"),
        *(_text(found, "ratio", ",.0f") for found in timed),
        _text(start, "seconds_cpu", ".2f"),
        _text(start, "ratio", ".2f"),
    )


def _text(found: Any, name: str, form: str) -> str:
    return "–" if found is None else format(found[name], form)


SUITE = Speed()
