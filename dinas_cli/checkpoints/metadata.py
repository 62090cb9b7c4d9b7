"""What a safetensors file says about itself, read from its header without numpy: for listings and completion."""

from __future__ import annotations

import json
from pathlib import Path

from dinas_cli.errors import CorruptFileError, NotFoundError

_LARGEST = 100_000_000
"""Bytes a header may have: the limit of the safetensors library itself."""

_HINT = "see: dinas checkpoints list"


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file; raises :class:`NotFoundError` or :class:`CorruptFileError`.

    Layout: eight bytes little-endian length ``n``, then ``n`` bytes of JSON whose ``__metadata__`` maps text to text.
    """
    try:
        with open(path, "rb") as stream:
            size = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(size)) if 2 <= size <= _LARGEST else None
    except FileNotFoundError as error:
        raise NotFoundError(f"no such file: {path}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise CorruptFileError(f"{path} is not a safetensors file: {error}", _HINT) from error
    metadata = header.get("__metadata__", {}) if isinstance(header, dict) else None
    if not isinstance(metadata, dict):
        raise CorruptFileError(f"{path} is not a safetensors file", _HINT)
    return {str(key): str(value) for key, value in metadata.items()}


def repeatable(content: bytes) -> bytes:
    """The same safetensors file with its metadata in alphabetical order.

    The library writes metadata in an order that differs from run to run, and so would the file's SHA-256.
    """
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] = dict(sorted(header.get("__metadata__", {}).items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # tensors start at a multiple of eight bytes
    return len(text).to_bytes(8, "little") + text + content[end:]


def read_config(path: Path) -> dict[str, object]:
    """The ``config`` that our own checkpoints keep as JSON in their metadata; raises as :func:`read_metadata` does."""
    try:
        config = json.loads(read_metadata(path)["config"])
    except (KeyError, ValueError) as error:
        raise CorruptFileError(f"{path} is not a dinas checkpoint", _HINT) from error
    if not isinstance(config, dict):
        raise CorruptFileError(f"{path} is not a dinas checkpoint", _HINT)
    return config
