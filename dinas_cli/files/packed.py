"""Decompression within bounds: a file may become so many times as large as it is, and no larger."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

RATIO = 25
"""How many times as large as the file its content may be; of the benchmarks' files none is more than 21 times."""
FLOOR = 1 << 22
"""Bytes that any content may have, however small the file."""
LONGEST = 1 << 22
"""Bytes of one line."""
MOST_LINES = 2_000_000
"""Four times as many as the largest benchmark has architectures: a line in memory takes many times its bytes."""


class TooLarge(ValueError):
    """What a file holds is more than it may; the message says what."""


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a text in UTF-8, plain or gzipped, with their ends and without a byte order mark.

    Raises :class:`TooLarge`, and what reading ends in: :class:`OSError`, EOFError, zlib.error, UnicodeDecodeError.
    """
    with open(path, "rb") as raw:
        stream, packed, most = _unpacked(raw)
        total = 0
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST + 1), b""), 1):
            total += len(line)
            if len(line) > LONGEST:
                raise TooLarge(f"line {number} is longer than {LONGEST} bytes")
            if packed and total > most:
                raise TooLarge(f"unpacked it has more than {most} bytes, {RATIO} times those of the file")
            if number > MOST_LINES:
                raise TooLarge(f"it has more than {MOST_LINES} lines")
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")


def read_tar(path: Path, largest: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the files in a tar archive, plain or gzipped, in their order; nothing is extracted.

    Raises :class:`TooLarge` for an archive, or for a file of more than ``largest`` bytes in it, and what reading ends
    in: :class:`OSError`, EOFError, zlib.error, tarfile.TarError.
    """
    with open(path, "rb") as raw:
        stream, _, most = _unpacked(raw)
        with tarfile.open(fileobj=_Bounded(stream, most), mode="r|") as archive:
            for member in archive:
                if not member.isfile():
                    continue
                if member.size > largest:
                    raise TooLarge(f"{member.name[:60]!r} has {member.size} bytes")
                content = archive.extractfile(member)
                assert content is not None  # it is a file
                yield member.name, content.read()


def _unpacked(raw: IO[bytes]) -> tuple[IO[bytes], bool, int]:
    """What a file holds as a stream, whether it is gzipped, and how many bytes of it may be read."""
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    most = allowed(os.fstat(raw.fileno()).st_size)
    return cast(IO[bytes], gzip.GzipFile(fileobj=raw) if packed else raw), packed, most


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than so many bytes."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._left, self._most = stream, most, most

    def read(self, size: int = -1) -> bytes:
        found = self._stream.read(size if 0 <= size <= self._left else self._left + 1)
        self._left -= len(found)
        if self._left < 0:
            raise TooLarge(f"unpacked it has more than {self._most} bytes, {RATIO} times those of the file")
        return found


def check_archive(archive: zipfile.ZipFile, size: int) -> None:
    """Raise :class:`TooLarge` where the members of an archive of ``size`` bytes come to more than they may."""
    total = sum(member.file_size for member in archive.infolist())
    if total > allowed(size):
        raise TooLarge(f"unpacked it has {total} bytes, more than {RATIO} times those of the file")


def allowed(size: int) -> int:
    """Bytes that the content of a file of ``size`` bytes may have."""
    return max(RATIO * size, FLOOR)
