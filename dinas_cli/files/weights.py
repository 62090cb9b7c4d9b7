"""Reads a file of weights of ours: its tensors and the configuration in its metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import CorruptFileError, DinasError, UsageProblem, need_numpy
from dinas_cli.files.headers import read_header

if TYPE_CHECKING:
    import numpy as np

MOST_BYTES = 1 << 25
"""Of a file of weights; those of the paper's network have a third of it."""
MOST_WIDE = 4096
"""Numbers that any layer may hold per node, edge or architecture: what is computed with them is bounded, too."""

UNREADABLE: tuple[type[Exception], ...] = (
    OSError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError, MemoryError,
    UsageProblem,
)  # fmt: skip
"""What making something of a truncated, altered or foreign file may end in."""


def read_weights(path: Path, schema: str, what: str, hint: str) -> tuple[dict[str, np.ndarray], Any]:
    """Tensors of finite floating-point numbers by name and the ``config`` of a safetensors file of ``schema``.

    Raises :class:`CorruptFileError` (it is not ``what``, with ``hint``) for a file of another schema,
    :class:`DinasError` for a numpy that is too old, and whatever reading a truncated or altered file ends in.
    """
    import numpy as np
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    need_numpy(np.__version__)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise CorruptFileError(f"{path} is not {what}: {size} bytes are more than any has", hint)
    metadata = read_header(path).get("__metadata__", {})
    if metadata.get("schema") != schema:
        raise CorruptFileError(f"{path} is not {what}", hint)
    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    for name, tensor in tensors.items():
        if tensor.dtype.kind != "f" or not np.isfinite(tensor).all():
            raise ValueError(f"its weights are not all finite numbers: {name[:80]}")
    return tensors, json.loads(metadata["config"])


def corrupt(path: Path, what: str, error: Exception) -> DinasError:
    """One line for what reading a file of weights ended in."""
    if isinstance(error, CorruptFileError):
        return error
    lines = str(error).split("\n")
    reason = (error.message if isinstance(error, DinasError) else lines[0].strip())[:200] or type(error).__name__
    return CorruptFileError(f"{path} cannot be read as {what}: {reason}", "see: dinas doctor")
