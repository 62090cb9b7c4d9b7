"""One training from benchmark files to two weight files; what is done is kept when it stops, and goes on from there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli.errors import DinasError
from dinas_cli.files.atomic import atomic_write, check_target, make_dir, sha256_file
from dinas_cli.files.headers import repeatable
from dinas_cli.files.locks import locked
from dinas_cli.files.torch_state import as_imported
from dinas_cli.files.version import __version__
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.training.state import AS_STARTED, Paths, restore, save_state
from dinas_cli.training.tables import LeftOut, open_table

if TYPE_CHECKING:
    from dinas_cli.files.columns import Columns
    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.training.data import TrainingSet
    from dinas_cli.training.generator import Trainer, TrainingConfig

SAVE_EVERY = 300.0
"""Seconds between saved states of a running training."""

Progress = Callable[[str, int, int, float], None]
"""Called with (phase, step, steps, loss)."""


@dataclass(frozen=True)
class Outcome:
    """What a training made."""

    surrogate: Path
    generator: Path
    label_budget: int
    steps: int
    kendall_tau: dict[str, float]
    """Of the surrogate on labels that training did not see, by column."""
    held_out: int
    """How many architectures have such labels."""


def train(
    space: Space,
    out: Path,
    config: TrainingConfig,
    *,
    files: Sequence[Path] = (),
    labels: Columns | None = None,
    holdout: float = 0.1,
    without_devices: Sequence[str] = (),
    surrogate_steps: int = 12_000,
    half: bool = False,
    command: str = "",
    resume: bool = False,
    force: bool = False,
    progress: Progress = lambda *_: None,
    left_out: LeftOut = lambda _file, _reason: None,
) -> Outcome:
    """Train surrogate and generator of ``space`` into folder ``out``; raise :class:`DinasError` if they exist already.

    It learns from benchmark ``files``, from ``labels`` of one's own, or else from the imported table. With ``half`` the
    weights are stored in half precision, in files of half the size.
    The state of an unfinished training is kept in ``out`` and taken up with ``resume``. An interrupt saves it first.
    Of two trainings into one folder at the same time the second is refused.
    """
    from safetensors.numpy import save

    from dinas_cli.oracles.surrogate import SCHEMA, Surrogate
    from dinas_cli.training.data import load_training_set
    from dinas_cli.training.generator import Trainer, condition_specs
    from dinas_cli.training.requests import RequestSampler
    from dinas_cli.training.surrogate import train_surrogate

    paths = Paths(make_dir(out), space.name)
    with locked(paths.generator, wait=0), as_imported(), ExitStack() as stack:
        if not resume:
            for path in (paths.surrogate, paths.generator, paths.state):
                check_target(path, force=force)
        elif paths.generator.exists() and not paths.state.exists():
            raise DinasError(f"{paths.generator} is finished already", "train it anew with --force instead of --resume")
        table, folder = open_table(space, files, left_out, labels)
        if folder is not None:
            stack.callback(folder.cleanup)
        data = load_training_set(space, table, holdout=holdout, seed=config.seed, without_devices=without_devices)
        if resume and paths.surrogate.exists():
            surrogate = Surrogate.load(paths.surrogate)
            _check_surrogate(surrogate, data, paths.surrogate)
        else:
            tensors, found = train_surrogate(data, seed=config.seed, steps=surrogate_steps, progress=progress)
            found |= {"version": __version__, "command": command}
            small = {name: np.ascontiguousarray(t, dtype=_stored(name, half)) for name, t in tensors.items()}
            content = save(small, {"schema": SCHEMA, "config": json.dumps(found)})
            atomic_write(paths.surrogate, repeatable(content), force=True)
            surrogate = Surrogate.load(paths.surrogate)
        sampler = RequestSampler(data, surrogate, condition_specs(data, surrogate), config.seed)
        about = {"command": command, "surrogate_sha256": sha256_file(paths.surrogate)}
        trainer = Trainer(data, sampler, config)
        train_generator(trainer, paths, about, half=half, resume=resume, progress=progress)
    agreement, unseen = surrogate.config["kendall_tau"], int(data.held_out.sum())
    return Outcome(paths.surrogate, paths.generator, data.label_budget, config.steps, agreement, unseen)


def train_generator(
    trainer: Trainer,
    paths: Paths,
    about: dict[str, Any],
    *,
    half: bool = False,
    resume: bool = False,
    progress: Progress = lambda *_: None,
) -> None:
    """Train to the end, or go on from the state at ``paths`` with ``resume``, and write the weights there.

    ``about`` is added to their metadata. State, interrupts and errors are those of :func:`train`.
    """
    from safetensors.numpy import save

    from dinas_cli.diffusion.generator import SCHEMA

    if resume and paths.state.exists():
        restore(trainer, paths.state)
    else:
        # What an earlier training left behind must not be taken for this one's.
        paths.log.unlink(missing_ok=True)
        paths.state.unlink(missing_ok=True)

    def report(step: int, steps: int, loss: float) -> None:
        progress("generator", step, steps, loss)

    try:
        while not trainer.run(until=time.monotonic() + SAVE_EVERY, progress=report, log=paths.log):
            save_state(trainer, paths.state)
    except KeyboardInterrupt:
        save_state(trainer, paths.state)
        raise
    weights, config = trainer.checkpoint()
    config |= {"version": __version__, **about}
    if half:
        weights = {name: tensor.astype(np.float16) for name, tensor in weights.items()}
    content = save(weights, {"schema": SCHEMA, "config": json.dumps(config)})
    atomic_write(paths.generator, repeatable(content), force=True)
    paths.state.unlink(missing_ok=True)


def _stored(name: str, half: bool) -> type[np.floating[Any]]:
    """The precision in which a tensor of a surrogate is kept: profiles and quantiles are small and must be exact."""
    if name.startswith("profile"):
        return np.float64
    network = name.startswith(("quality", "basis")) and name.endswith((".weight", ".bias"))
    return np.float16 if half and network else np.float32


def _check_surrogate(surrogate: Surrogate, data: TrainingSet, path: Path) -> None:
    """Raise :class:`DinasError` when a training is resumed on other data than its surrogate was trained on."""
    config = surrogate.config
    columns = [column for column, _, _ in config["profiles"]]
    same = config["label_budget"] == data.label_budget and config["sources"] == data.sources
    if not same or config["quality"] != list(data.quality) or columns != list(data.costs):
        raise DinasError(f"{path} was trained on other data", AS_STARTED)
