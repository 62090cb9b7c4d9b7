"""The files of a training, and the state of an unfinished one: saved whole, taken up by the same settings only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.errors import CorruptFileError, DinasError
from dinas_cli.files.atomic import atomic_write

if TYPE_CHECKING:
    from dinas_cli.training.generator import Trainer

AS_STARTED = "resume with the settings it was started with, or start anew with --force"


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


def save_state(trainer: Trainer, path: Path) -> None:
    """Write everything that a training needs to go on."""
    from safetensors.torch import save

    about = {"schema": "dinas/training@1", "config": json.dumps(trainer.config.__dict__)}
    atomic_write(path, save({n: t.contiguous() for n, t in trainer.state().items()}, about), force=True)


def restore(trainer: Trainer, path: Path) -> None:
    """Take up a saved state.

    Raises :class:`DinasError` for one of other settings and :class:`CorruptFileError` for a broken one.
    """
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import load_file

    try:
        with safe_open(path, framework="pt") as file:
            kept = json.loads((file.metadata() or {})["config"])
        if kept != trainer.config.__dict__:
            changed = sorted(name for name, value in trainer.config.__dict__.items() if kept.get(name) != value)
            raise DinasError(
                f"{path} is a training with other settings: {', '.join(changed)}",
                AS_STARTED,
            )
        trainer.restore(load_file(path))
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError, RuntimeError, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CorruptFileError(f"{path} cannot be resumed: {reason}", "start anew with --force") from error
