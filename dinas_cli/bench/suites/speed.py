"""Suite ``speed``: time per architecture of every space beside the paper's configuration, and whole processes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.bench.experiments import Experiment, Options, Results, Table
from dinas_cli.bench.processes import DINAS, imports_torch, in_turns
from dinas_cli.bench.sampling import RUNS, TOP, milliseconds, wall_milliseconds
from dinas_cli.bench.suites.speed_tables import BATCHES, PAPER_STEPS, PROCESS, TIMED_CALLS, tables
from dinas_cli.checkpoints.registry import load_registry
from dinas_cli.spaces.registry import DEFAULT_SPACE, get_space, space_names

if TYPE_CHECKING:
    from dinas_cli.diffusion.generator import Generator

ASKED = 16
"""Architectures that ``generate`` is asked for."""
RECORDS = 10_000
"""Genotypes that ``eval`` is given."""
BEST = (3, 3, 3, 1, 3, 2)
"""A genotype of the default space."""


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
        """Milliseconds per architecture asked for the top 5 %, guidance on, both in turns; then ours on all cores."""
        from dinas_cli.diffusion.generator import Conditioning

        conditioning = Conditioning(next(iter(get_space(self.space).datasets), None), TOP)
        work = {
            "ours": partial(self.ours.sample, conditioning, batch),
            "paper": partial(self.paper.sample, conditioning, batch, steps=TIMED_CALLS),
        }
        times = milliseconds(work)
        ours, paper = times["ours"] / batch, times["paper"] / batch * PAPER_STEPS / TIMED_CALLS
        return {
            "batch": batch,
            "calls": self.ours.calls,
            "ours_ms": ours,
            "wall_ms": wall_milliseconds(work["ours"]) / batch,
            "paper_ms": paper,
            "ratio": paper / ours,
        }

    def sizes(self) -> dict[str, Any]:
        """Parameters of both."""
        return {"ours": self.ours.denoiser.parameters, "paper": self.paper.denoiser.parameters}

    def started(self) -> dict[str, Any]:
        """``dinas generate`` as a process of its own, in turns with ``import torch``, in a home without tables."""
        command = [*DINAS, "generate", "--space", self.space, "--acc", f"top{TOP:g}", "-n", str(ASKED)]
        return _measured(command)


def with_generator() -> tuple[str, ...]:
    """Spaces whose generators can be had."""
    known = {entry.space for entry in load_registry().values() if entry.kind == "generator"}
    return tuple(name for name in space_names() if name in known)


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


def commands() -> dict[str, tuple[list[str], bytes]]:
    """Commands timed as whole processes, by what they show, each with its standard input."""
    space = get_space(DEFAULT_SPACE)
    many = "\n".join(space.decode(row) for row in space.reference()[:RECORDS].tolist())
    asked = ["generate", "--space", space.name, "--acc", f"top{TOP:g}", "-n", str(ASKED), "--json", "-q"]
    stages = [asked, ["eval", "-", "--json", "-q"], ["export", "-", "--to", "pytorch", "-o", "nets", "-q"]]
    pipe = " | ".join(shlex.join([*DINAS, *stage]) for stage in stages)
    into_folder = f'folder=$(mktemp -d) && trap \'rm -rf "$folder"\' EXIT && cd "$folder" && {pipe}'
    return {
        "dinas --help": ([*DINAS, "--help"], b""),
        "dinas spaces": ([*DINAS, "spaces"], b""),
        "dinas eval of one genotype": ([*DINAS, "eval", "-", "--space", space.name], space.decode(BEST).encode()),
        f"dinas eval of {RECORDS:,} genotypes": ([*DINAS, "eval", "-", "--space", space.name], many.encode()),
        f"dinas generate -n {ASKED}, eval and export in a pipe": (["sh", "-c", into_folder], b""),
    }


def _measured(command: list[str], stdin: bytes = b"") -> dict[str, Any]:
    with TemporaryDirectory(prefix="dinas-") as folder:
        home = Path(folder)
        return {**in_turns(command, home, RUNS, stdin), "imports_torch": imports_torch(command, home, stdin)}


class Speed:
    """The suite."""

    name = "speed"
    title = "Time per architecture"
    spaces: tuple[str, ...] = with_generator()
    seeds = 1
    quick = r".*/(parameters|start|batch(1|16|256))|process: .*"

    def experiments(self, options: Options) -> Iterator[Experiment]:
        """Per space sizes and every batch, then whole processes."""
        for space in options.spaces:
            lab = Lab(space)
            yield Experiment(f"{space}/parameters", lab.sizes)
            for batch in BATCHES:
                yield Experiment(f"{space}/batch{batch}", partial(lab.timed, batch))
        for space in options.spaces:
            yield Experiment(f"{space}/start", Lab(space).started)
        for name, (command, stdin) in commands().items():
            yield Experiment(f"{PROCESS}{name}", partial(_measured, command, stdin))

    def tables(self, results: Results) -> list[Table]:
        """Time per architecture, then whole processes."""
        return tables(results)


SUITE = Speed()
