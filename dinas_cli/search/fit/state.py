"""The state of an unfinished training: saved whole after every epoch, taken up by the same training only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import CorruptFileError, DinasError
from dinas_cli.files.atomic import atomic_write

if TYPE_CHECKING:
    from torch import Tensor

SCHEMA = "dinas/fit@1"
STATE = "unfinished.safetensors"
LOG = "log.jsonl"


def save(folder: Path, tensors: Mapping[str, Tensor], identity: Mapping[str, Any], log: list[dict[str, Any]]) -> None:
    """Keep the tensors of a training, what it is the training of, and a line per epoch; then write the log."""
    from safetensors.torch import save as packed

    about = {"schema": SCHEMA, "identity": json.dumps(identity), "log": json.dumps(log)}
    content = packed({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, about)
    atomic_write(folder / STATE, content, force=True)
    write_log(folder, log)


def write_log(folder: Path, log: list[dict[str, Any]]) -> None:
    """One JSON object per line and epoch; what a killed run wrote beyond its saved state goes."""
    atomic_write(folder / LOG, "".join(f"{json.dumps(line)}\n" for line in log), force=True)


def restore(folder: Path, identity: Mapping[str, Any]) -> tuple[dict[str, Tensor], list[dict[str, Any]]] | None:
    """What :func:`save` kept; None where there is nothing.

    Raises :class:`DinasError` for another training's state and :class:`CorruptFileError` for a broken one.
    """
    from safetensors import SafetensorError, safe_open
    from safetensors.torch import load_file

    path = folder / STATE
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
        kept, log = json.loads(about["identity"]), list(json.loads(about["log"]))
        changed = [name for name in identity if kept.get(name) != json.loads(json.dumps(identity[name]))]
        if changed:
            raise DinasError(
                f"{folder} has an unfinished training with another {changed[0]}",
                "go on with what it was started with, or start anew with --force",
            )
        return load_file(path), log
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CorruptFileError(f"{path} cannot be resumed: {reason}", "start anew with --force") from error
