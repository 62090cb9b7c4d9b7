"""The framing of TFRecord files: length, masked CRC32C of it, data, masked CRC32C of them, all little-endian."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

Sums = npt.NDArray[np.uint32]

_POLYNOMIAL = 0x82F63B78  # CRC32C (Castagnoli), bits reversed
_LARGEST = 1 << 20  # bytes of one record; those of the benchmarks read here have a few hundred
_BLOCK = 1 << 22  # bytes of the records that are checked together


class FramingError(ValueError):
    """A file is damaged, truncated or no TFRecord; the message says which."""


def records(path: Path) -> Iterator[bytes]:
    """The data of each record, after its checksums were found right.

    Raises :class:`FramingError` with the reason for a damaged, truncated or foreign file, and :class:`OSError`.
    """
    with open(path, "rb") as stream:
        while block := _read_block(stream):
            lengths, datas, sums = zip(*block, strict=True)
            stored = np.frombuffer(b"".join(sums), "<u4").reshape(-1, 2)
            right = np.stack([masked(checksums(lengths)), masked(checksums(datas))], 1)
            if not np.array_equal(stored, right):
                raise FramingError("a checksum is wrong, the file is damaged or no TFRecord")
            yield from datas


def checksums(parts: Sequence[bytes]) -> Sums:
    """CRC32C of each part ``(R,)``; all parts take a step at the same time, so that Python's loop is short."""
    sizes = np.array([len(part) for part in parts])
    order = np.argsort(-sizes, kind="stable")  # longest first: those still running are always at the start
    longest = int(sizes.max())
    padded = np.frombuffer(b"".join(part.ljust(longest, b"\0") for part in parts), np.uint8)
    columns = np.ascontiguousarray(padded.reshape(len(parts), longest)[order].T)
    running = np.searchsorted(-sizes[order], -np.arange(longest), "left")
    sums = np.full(len(parts), 0xFFFFFFFF, np.uint32)
    table = _table()
    for place, count in enumerate(running):
        sums[:count] = table[(sums[:count] ^ columns[place, :count]) & 0xFF] ^ sums[:count] >> 8
    result = np.empty_like(sums)
    result[order] = ~sums
    return result


def masked(sums: Sums) -> Sums:
    """Checksums as they are stored: rotated by 15 bits, plus a constant."""
    return (sums >> np.uint32(15) | sums << np.uint32(17)) + np.uint32(0xA282EAD8)


def _read_block(stream: BinaryIO) -> list[tuple[bytes, bytes, bytes]]:
    """The next records: the bytes of the length, the data, both checksums; empty at the end of the file."""
    block: list[tuple[bytes, bytes, bytes]] = []
    longest = 0
    while longest * len(block) < _BLOCK and (head := stream.read(12)):
        size = int.from_bytes(head[:8], "little")
        if len(head) == 12 and size > _LARGEST:
            raise FramingError(f"a record of {size} bytes, the file is damaged or no TFRecord")
        rest = stream.read(size + 4) if len(head) == 12 else b""
        if len(rest) < size + 4:
            raise FramingError("it ends in the middle of a record (truncated?)")
        block.append((head[:8], rest[:size], head[8:] + rest[size:]))
        longest = max(longest, size)
    return block


@lru_cache
def _table() -> Sums:
    """The checksum of each byte."""
    table: Sums = np.arange(256, dtype=np.uint32)
    one = np.uint32(1)
    for _ in range(8):
        table = table >> one ^ (table & one) * np.uint32(_POLYNOMIAL)
    return table
