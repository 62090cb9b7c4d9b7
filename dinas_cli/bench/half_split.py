"""Validity, uniqueness and novelty of samples of a model that has seen half of its space (as DiffusionNAG reports)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.bench.few_labels import RankRequests
from dinas_cli.bench.problems import Problem
from dinas_cli.diffusion.generator import Conditioning, Generator
from dinas_cli.files.atomic import make_dir
from dinas_cli.files.locks import FOREVER, locked
from dinas_cli.training.data import TrainingSet
from dinas_cli.training.generator import Trainer, TrainingConfig
from dinas_cli.training.run import train_generator
from dinas_cli.training.state import Paths

if TYPE_CHECKING:
    from collections.abc import Callable

SPLIT_SEED = 0
SAMPLES = 1000
CONFIG = TrainingConfig(steps=2500, requests=32, stages=6)
MOST = 8192
"""Samples drawn at most until :data:`SAMPLES` different ones are found."""


def half(problem: Problem) -> np.ndarray:
    """A random half of the pool ``(R // 2, V)``, always the same."""
    pool = problem.listed
    rows = np.random.default_rng(SPLIT_SEED).permutation(len(pool))[: len(pool) // 2]
    return pool[np.sort(rows)]


def obtain(problem: Problem, work: Path) -> Generator:
    """A generator that was trained on :func:`half` alone, without labels, from ``work`` if it is there."""
    paths = Paths(make_dir(work), f"{problem.space.name}-half")
    with locked(paths.generator, FOREVER):  # another run may be training it
        if not paths.generator.exists():
            seen = half(problem)
            requests = RankRequests(problem, seen, least=100.0)  # any of them will do
            data = TrainingSet(problem.space, seen, np.ones(len(seen), bool), {}, {}, {})
            trainer = Trainer(data, requests, CONFIG)
            train_generator(trainer, paths, {"split_seed": SPLIT_SEED}, resume=True)
    return Generator.load(paths.generator)


def measure(problem: Problem, work: Path, seed: int) -> dict[str, Any]:
    """Shares in percent of samples as drawn, asked for nothing, and of different ones as the tool returns them."""
    model, seen = obtain(problem, work), half(problem)
    known = set(problem.keys(seen).tolist())
    conditioning = Conditioning(problem.dataset)
    raw = model.sample(conditioning, SAMPLES, seed=seed)
    valid = raw[[problem.valid(row) for row in raw.tolist()]]
    keys = problem.keys(valid)
    different, drawn = _different(model, problem, seed, lambda _key: True)
    new, drawn_new = _different(model, problem, seed, lambda key: key not in known)
    return {
        "seen": len(seen),
        "samples": SAMPLES,
        "valid": 100 * len(valid) / len(raw),
        "unique": 100 * len(set(keys.tolist())) / len(keys),
        "novel": _novel(keys.tolist(), known),
        "different": {"drawn": drawn, "found": len(different), "novel": _novel(different, known)},
        "excluding": {"drawn": drawn_new, "found": len(new), "novel": _novel(new, known)},
        "uniform": {
            "unique": 100 * _expected_different(2 * len(seen), SAMPLES) / SAMPLES,
            "novel": 50.0,
        },
    }


def _different(model: Generator, problem: Problem, seed: int, wanted: Callable[[int], bool]) -> tuple[list[int], int]:
    """Keys of the first :data:`SAMPLES` different valid samples that are wanted, and how many were drawn for them."""
    found: dict[int, None] = {}
    for first in range(0, MOST, 256):
        for place, row in enumerate(model.sample(Conditioning(problem.dataset), 256, seed=seed, first=first).tolist()):
            if problem.valid(row) and wanted(key := problem.space.key(row)):
                found.setdefault(key)
            if len(found) == SAMPLES:
                return list(found), first + place + 1
    return list(found), MOST


def _novel(keys: list[int], known: set[int]) -> float:
    return 100 * float(np.mean([key not in known for key in keys]))


def _expected_different(size: int, count: int) -> float:
    """How many different ones ``count`` uniform draws from ``size`` have on average."""
    return size * (1 - (1 - 1 / size) ** count)
