"""Small NAS-Bench-101 files of the official layouts, written without the readers' own code."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from dinas_cli.oracles.importers import ImportResult, import_files
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.nasbench101.space import SPACE

GENOTYPES = ("7:100110100001001010101:02001", "2:1:", "3:111:0", "5:1011101011:120")
CELLS = tuple(SPACE.encode(text) for text in GENOTYPES)
EPOCHS = (4, 12, 36, 108)


def accuracy(index: int, repeat: int, epochs: int, part: str = "val") -> float:
    """Any accuracy (a fraction) that differs by architecture, run, epochs and part."""
    return 0.5 + 0.07 * index + 0.01 * repeat + 0.0005 * epochs + {"train": 0.1, "val": 0.0, "test": -0.02}[part]


def seconds(index: int, repeat: int, epochs: int) -> float:
    """Any training time."""
    return 10.0 * epochs + 5 * index + repeat


def adjacency(index: int) -> str:
    """The official digits of an architecture's whole matrix."""
    size, bits, _ = GENOTYPES[index].split(":")
    there = dict(zip(combinations(range(int(size)), 2), bits, strict=True))
    return "".join(there.get((i, j), "0") for i in range(int(size)) for j in range(int(size)))


def operations(index: int) -> str:
    """The official names of an architecture's operations."""
    names = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")
    return ",".join(["input", *(names[int(digit)] for digit in GENOTYPES[index].split(":")[2]), "output"])


def metrics(index: int, repeat: int, epochs: int, parameters: int | None = None) -> str:
    """A ``ModelMetrics`` message in base64: evaluations at the start, half-way and at the end."""
    message = b""
    for place, epoch in enumerate((0.0, epochs / 2, float(epochs))):
        numbers = [epoch, seconds(index, repeat, epochs) * place / 2]
        numbers += [accuracy(index, repeat, epochs, part) / (3 - place) for part in ("train", "val", "test")]
        inner = b"".join(bytes([field << 3 | 1]) + struct.pack("<d", number) for field, number in enumerate(numbers, 1))
        inner += b"\x32\x05/ckpt" if place == 1 else b""  # checkpoint_path, as some records have it
        message += b"\x0a" + varint(len(inner)) + inner
    if parameters is None:
        parameters = int(SPACE.closed_form("params", np.array(CELLS[index : index + 1]))[0])
    message += b"\x10" + varint(parameters) + b"\x19" + struct.pack("<d", 3.25)
    return base64.b64encode(message).decode()


def run(index: int, repeat: int, epochs: int) -> list[Any]:
    """What an official record says as JSON."""
    name = SPACE.canonical_id(CELLS[index]).removeprefix("nb101-")
    return [name, epochs, adjacency(index), operations(index), metrics(index, repeat, epochs)]


def runs(epochs: Sequence[int] = EPOCHS, repeats: int = 3) -> list[list[Any]]:
    """Every run of the four architectures."""
    return [run(index, r, e) for index in range(len(CELLS)) for e in epochs for r in range(repeats)]


def nasbenchapi(epochs: Sequence[int] = EPOCHS) -> dict[str, Any]:
    """The content of a pickle that nasbenchapi reads."""
    entries: dict[str, list[dict[str, Any]]] = {}
    for name, epoch, matrix, names, message in runs(epochs):
        record = {"epoch": epoch, "adjacency_str": matrix, "operations_str": names, "metrics_b64": message}
        entries.setdefault(name, []).append({**record, "derived": {"training_time": 1.0}})
    return {
        "benchmark": "nasbench101",
        "format": "lossless",
        "entries_by_arch": entries,
        "latest_by_arch": {name: found[-1] for name, found in entries.items()},
        "num_records": sum(map(len, entries.values())),
        "fallback_records": [{}],
    }


def write_tfrecord(path: Path, records: Iterable[bytes | list[Any]]) -> Path:
    """A TFRecord file; lists are written as JSON."""
    with open(path, "wb") as stream:
        for record in records:
            data = json.dumps(record).encode() if isinstance(record, list) else record
            length = struct.pack("<Q", len(data))
            stream.write(length + masked_crc(length) + data + masked_crc(data))
    return path


def masked_crc(data: bytes) -> bytes:
    """The stored form of CRC32C, computed bit by bit."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF)


def varint(number: int) -> bytes:
    """A number in the variable-length form of protocol buffers."""
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def partial(*paths: Path) -> ImportResult:
    """Import files that do not cover the space."""
    return import_files(SPACE, paths, partial=True)


def values(column: str) -> list[float]:
    """A column of the imported table, in the order of ``CELLS``."""
    keys = np.array([SPACE.key(cell) for cell in CELLS])
    return [float(value) for value in Table.open(SPACE.name).lookup(keys, column)]


def check_means(columns: Iterable[str]) -> None:
    """The imported table holds the means of the three runs of each architecture, and its parameters."""
    for column in columns:
        name, _, number = column.partition("_")
        epochs = int(number) if number.isdigit() else 108
        part = "test" if column == "test_acc" else "val"
        if name == "train":
            expected = [np.mean([seconds(i, r, 108) for r in range(3)]) for i in range(4)]
        elif name == "params":
            expected = SPACE.closed_form("params", np.array(CELLS)).tolist()
        else:
            expected = [100 * np.mean([accuracy(i, r, epochs, part) for r in range(3)]) for i in range(4)]
        np.testing.assert_allclose(values(column), expected, rtol=1e-6)
