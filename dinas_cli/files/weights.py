"""Reads a file of weights of ours: its tensors and the configuration in its metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dinas_cli.errors import CorruptFileError, need_numpy

if TYPE_CHECKING:
    import numpy as np


def read_weights(path: Path, schema: str, what: str, hint: str) -> tuple[dict[str, np.ndarray], Any]:
    """Tensors by name and the ``config`` of a safetensors file of ``schema``.

    Raises :class:`CorruptFileError` (it is not ``what``, with ``hint``) for a file of another schema,
    :class:`DinasError` for a numpy that is too old, and whatever reading a truncated or altered file ends in.
    """
    import numpy as np
    from safetensors import safe_open
    from safetensors.numpy import load_file

    need_numpy(np.__version__)
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata() or {}
    if metadata.get("schema") != schema:
        raise CorruptFileError(f"{path} is not {what}", hint)
    return load_file(path), json.loads(metadata["config"])
