"""Headers of safetensors files, read within bounds: eight bytes of length, then JSON whose ``__metadata__`` is text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LARGEST = 1 << 22
"""Bytes a header may have. The library would take 100 MB, and many times that in memory; ours have some 20 kB."""


def read_header(path: Path) -> dict[str, Any]:
    """The header of a safetensors file, unchecked but for its form.

    Raises :class:`OSError`, and :class:`ValueError` for a foreign or damaged file.
    """
    with open(path, "rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        if not 2 <= size <= LARGEST:
            raise ValueError(f"its header claims {size} bytes")
        try:
            header = json.loads(stream.read(size))
        except RecursionError as error:
            raise ValueError("its header is nested too deeply") from error
    if not isinstance(header, dict) or not isinstance(header.get("__metadata__", {}), dict):
        raise ValueError("its header is no object")
    return header


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
