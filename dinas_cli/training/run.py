"""One training from benchmark files to two weight files; what is done is kept when it stops, and goes on from there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from dinas_cli import __version__
from dinas_cli.checkpoints.metadata import repeatable
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError
from dinas_cli.files.atomic import atomic_write, check_target, make_dir, sha256_file
from dinas_cli.oracles.tables import Table, find_table
from dinas_cli.spaces.shared.protocol import Space, enumerable

if TYPE_CHECKING:
    from dinas_cli.oracles.surrogate import Surrogate
    from dinas_cli.training.data import TrainingSet
    from dinas_cli.training.generator import Trainer, TrainingConfig

SAVE_EVERY = 300.0
"""Seconds between saved states of a running training."""

_AS_STARTED = "resume with the settings it was started with, or start anew with --force"

Progress = Callable[[str, int, int, float], None]
"""Called with (phase, step, steps, loss)."""

LeftOut = Callable[[Path, str], None]
"""Called with a file that was passed over, and the reason."""


@dataclass(frozen=True)
class Outcome:
    """What a training made."""

    surrogate: Path
    generator: Path
    label_budget: int
    steps: int
    kendall_tau: dict[str, float]


def open_table(
    space: Space, files: Sequence[Path], left_out: LeftOut = lambda _file, _reason: None
) -> tuple[Table, Any]:
    """The table to train from: the imported one, or one made of ``files`` in a temporary folder (kept by the second).

    Of a folder, the files that are no benchmark files of the space are passed over; ``left_out`` is told each. Raises
    :class:`NotFoundError` when there is neither.
    """
    if not files:
        table = find_table(space.name)
        return (table or Table.open(space.name)), None
    from dinas_cli.oracles.importers import import_files

    chosen = [file for entry in files for file in (_understood(space, entry, left_out) if entry.is_dir() else [entry])]
    folder = TemporaryDirectory(prefix="dinas-")
    path = Path(folder.name) / "table.safetensors"
    try:
        import_files(space, chosen, path=path, partial=not enumerable(space))
        return Table.open(space.name, path), folder
    except BaseException:
        folder.cleanup()
        raise


def _understood(space: Space, folder: Path, left_out: LeftOut) -> list[Path]:
    """The files of a folder that are benchmark files of ``space``; raise :class:`NotFoundError` without any."""
    from dinas_cli.oracles.importers import make_part, read_file

    found = []
    for file in sorted(path for path in folder.iterdir() if path.is_file()):
        try:
            make_part(space, file, read_file(space, file))
        except DinasError as reason:
            left_out(file, reason.message)
        else:
            found.append(file)
    if not found:
        raise NotFoundError(f"no benchmark file of {space.name} in {folder}", "name the files one by one with --data")
    return found


def train(
    space: Space,
    out: Path,
    config: TrainingConfig,
    *,
    files: Sequence[Path] = (),
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

    With ``half`` the weights are stored in half precision, in files of half the size.
    The state of an unfinished training is kept in ``out`` and taken up with ``resume``. An interrupt saves it first.
    """
    from safetensors.numpy import save

    from dinas_cli.oracles.surrogate import SCHEMA, Surrogate
    from dinas_cli.training.data import load_training_set
    from dinas_cli.training.generator import Trainer, condition_specs
    from dinas_cli.training.requests import RequestSampler
    from dinas_cli.training.surrogate import train_surrogate

    paths = Paths(out, space.name)
    make_dir(out)
    if not resume:
        for path in (paths.surrogate, paths.generator, paths.state):
            check_target(path, force=force)
    elif paths.generator.exists() and not paths.state.exists():
        raise DinasError(f"{paths.generator} is finished already", "train it anew with --force instead of --resume")
    table, folder = open_table(space, files, left_out)
    try:
        data = load_training_set(space, table, holdout=holdout, seed=config.seed, without_devices=without_devices)
        if resume and paths.surrogate.exists():
            surrogate = Surrogate.load(paths.surrogate)
            _check_surrogate(surrogate, data, paths.surrogate)
        else:
            tensors, about = train_surrogate(data, seed=config.seed, steps=surrogate_steps, progress=progress)
            about |= {"version": __version__, "command": command}
            small = {name: np.ascontiguousarray(t, dtype=_stored(name, half)) for name, t in tensors.items()}
            content = save(small, {"schema": SCHEMA, "config": json.dumps(about)})
            atomic_write(paths.surrogate, repeatable(content), force=True)
            surrogate = Surrogate.load(paths.surrogate)
        sampler = RequestSampler(data, surrogate, condition_specs(data, surrogate), config.seed)
        about = {"command": command, "surrogate_sha256": sha256_file(paths.surrogate)}
        trainer = Trainer(data, sampler, config)
        train_generator(trainer, paths, about, half=half, resume=resume, progress=progress)
    finally:
        if folder is not None:
            folder.cleanup()
    return Outcome(paths.surrogate, paths.generator, data.label_budget, config.steps, surrogate.config["kendall_tau"])


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
        _restore(trainer, paths.state)
    else:
        # What an earlier training left behind must not be taken for this one's.
        paths.log.unlink(missing_ok=True)
        paths.state.unlink(missing_ok=True)

    def report(step: int, steps: int, loss: float) -> None:
        progress("generator", step, steps, loss)

    try:
        while not trainer.run(until=time.monotonic() + SAVE_EVERY, progress=report, log=paths.log):
            _save_state(trainer, paths.state)
    except KeyboardInterrupt:
        _save_state(trainer, paths.state)
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


@dataclass(frozen=True)
class Paths:
    """The files of a training called ``name`` in the folder ``out``."""

    out: Path
    name: str

    @property
    def surrogate(self) -> Path:
        return self.out / f"{self.name}-surrogate.safetensors"

    @property
    def generator(self) -> Path:
        return self.out / f"{self.name}.safetensors"

    @property
    def state(self) -> Path:
        return self.out / f"{self.name}.unfinished.safetensors"

    @property
    def log(self) -> Path:
        return self.out / f"{self.name}.log.jsonl"


def _check_surrogate(surrogate: Surrogate, data: TrainingSet, path: Path) -> None:
    """Raise :class:`DinasError` when a training is resumed on other data than its surrogate was trained on."""
    about = surrogate.config
    columns = [column for column, _, _ in about["profiles"]]
    same = about["label_budget"] == data.label_budget and about["sources"] == data.sources
    if not same or about["quality"] != list(data.quality) or columns != list(data.costs):
        raise DinasError(f"{path} was trained on other data", _AS_STARTED)


def _save_state(trainer: Trainer, path: Path) -> None:
    from safetensors.torch import save

    about = {"schema": "dinas/training@1", "config": json.dumps(trainer.config.__dict__)}
    atomic_write(path, save({n: t.contiguous() for n, t in trainer.state().items()}, about), force=True)


def _restore(trainer: Trainer, path: Path) -> None:
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import load_file

    try:
        with safe_open(path, framework="pt") as file:
            kept = json.loads((file.metadata() or {})["config"])
        if kept != trainer.config.__dict__:
            changed = sorted(name for name, value in trainer.config.__dict__.items() if kept.get(name) != value)
            raise DinasError(
                f"{path} is a training with other settings: {', '.join(changed)}",
                _AS_STARTED,
            )
        trainer.restore(load_file(path))
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError, RuntimeError, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CorruptFileError(f"{path} cannot be resumed: {reason}", "start anew with --force") from error
