"""What a safetensors file says about itself, read from its header without numpy: for listings and completion."""

from __future__ import annotations

import json
from pathlib import Path

from dinas_cli.errors import CorruptFileError, NotFoundError
from dinas_cli.files.headers import read_header

_HINT = "see: dinas checkpoints list"


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file; raises :class:`NotFoundError` or :class:`CorruptFileError`."""
    try:
        metadata = read_header(path).get("__metadata__", {})
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {path}") from error
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise CorruptFileError(f"{path} is not a safetensors file: {reason}", _HINT) from error
    return {str(key): str(value) for key, value in metadata.items()}


def read_config(path: Path) -> dict[str, object]:
    """The ``config`` that our own checkpoints keep as JSON in their metadata; raises as :func:`read_metadata` does."""
    try:
        config = json.loads(read_metadata(path)["config"])
    except (KeyError, ValueError, RecursionError) as error:
        raise CorruptFileError(f"{path} is not a dinas checkpoint", _HINT) from error
    if not isinstance(config, dict):
        raise CorruptFileError(f"{path} is not a dinas checkpoint", _HINT)
    return config
