"""The paper's own method, trained per benchmark, and two steps between it and the tool's: what comparisons need.

DiNAS (Asthana et al., TMLR 2024) trains one model per space and dataset: the marginal kernel over 500 steps, one-hot
targets, and one condition, the class of an architecture's accuracy by percentile, dropped with probability 0.1 and
sharpened with ``w = 2``; 99 % of the labels are seen. Bounds of the classes are those of the authors' published
configuration. Batch, learning rate and number of steps are chosen for one processor core, and so are the moving
average and gradient clipping of :class:`Trainer`; the authors take batches of 4 at a constant 2e-4, for 100 epochs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from dinas_cli.diffusion.encoding import ConditionSpec, rank_features
from dinas_cli.diffusion.generator import Generator
from dinas_cli.errors import DinasError
from dinas_cli.files.atomic import make_dir
from dinas_cli.files.columns import column_key
from dinas_cli.files.locks import FOREVER, locked
from dinas_cli.training.data import TrainingSet, load_training_set
from dinas_cli.training.generator import Trainer, TrainingConfig
from dinas_cli.training.requests import Batch
from dinas_cli.training.run import train_generator
from dinas_cli.training.smoothing import worths
from dinas_cli.training.state import Paths

if TYPE_CHECKING:
    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.oracles.tables import Table
    from dinas_cli.spaces.shared.protocol import Space

CLASSES = (5.0, 20.0, 50.0, 70.0, 100.0)
"""Upper bounds of the classes in percent, from the best: the top 5 %, what follows up to 20 %, and so on."""
DROPPED = 0.1
"""Probability with which the condition is dropped in training."""
HELD_OUT = 0.01
METHODS = {
    "paper": TrainingConfig(kernel="marginal", size="paper", steps=4000, requests=64, peak=5e-4),
    "marginal": TrainingConfig(kernel="marginal", size="compact", steps=4000, requests=128),
    "absorbing": TrainingConfig(kernel="absorbing", size="compact", steps=3000, requests=32, stages=6),
}
"""``paper``: the paper's kernel and size. ``marginal``: its kernel in the tool's size. ``absorbing``: the tool's kernel
and size, but still one-hot targets and classes."""

Progress = Callable[[int, int, float], None]
"""Called with (step, steps, loss)."""


class ClassRequests:
    """Labelled architectures, drawn evenly, each with the class of its accuracy for a request.

    A request has a single answer, so that targets are one-hot. A class is written as the rank of its upper bound, so
    that a request for the top 5 % asks for the first one.
    """

    def __init__(self, data: TrainingSet, surrogate: Surrogate, dataset: str | None) -> None:
        self.specs: tuple[ConditionSpec, ...] = (ConditionSpec(data.space.rank_metric, "rank"),)
        self.values = data.population
        quality = worths(data, surrogate, [column_key(data.space.rank_metric, None, dataset)])
        self.rows = np.flatnonzero(data.known) if data.drawn is None else np.arange(len(self.values))
        """Architectures that training sees."""
        place = np.argsort(np.argsort(-quality[0, self.rows], kind="stable"), kind="stable")
        percent = 100 * (place + 1) / len(self.rows)
        self.bounds = np.array(CLASSES)[np.searchsorted(CLASSES, percent)]
        """Class of each of :attr:`rows`."""

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """``count`` architectures and their classes."""
        picked = rng.integers(len(self.rows), size=count)
        return Batch(
            [torch.from_numpy(rank_features(self.bounds[picked]))[:, None]],
            [torch.from_numpy(rng.random((count, 1)) >= DROPPED)],
            torch.arange(count),
            torch.from_numpy(self.rows[picked]),
        )


def obtain(
    method: str,
    space: Space,
    dataset: str | None,
    table: Table,
    surrogate: Surrogate,
    work: Path,
    progress: Progress = lambda *_: None,
) -> Generator:
    """The model of one of :data:`METHODS`: trained into the folder ``work``, or read from there.

    An unfinished training goes on from its state. Where no table holds the space, random architectures labelled by
    ``surrogate`` are learned from, as the tool itself does. Raises :class:`DinasError` for a model in ``work`` that was
    trained in another way.
    """
    config = METHODS[method]
    paths = Paths(make_dir(work), "-".join(part for part in (space.name, dataset, method) if part))
    with locked(paths.generator, FOREVER):  # another run may be training it
        if not paths.generator.exists():
            data = load_training_set(space, table, holdout=HELD_OUT, seed=config.seed)
            trainer = Trainer(data, ClassRequests(data, surrogate, dataset), config)
            about = {"method": method, "dataset": dataset, "surrogate_sha256": surrogate.sha256}
            train_generator(trainer, paths, about, resume=True, progress=lambda _, *state: progress(*state))
    model = Generator.load(paths.generator)
    kept = {name: value for name, value in model.config["training"].items() if name != "finished_steps"}
    if kept != asdict(config) or model.config["sources"] != dict(table.sources):
        raise DinasError(f"{paths.generator} was trained in another way", "remove it, or choose another --work")
    return model
