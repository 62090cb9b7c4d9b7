"""Safetensors headers: read without numpy, foreign files refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save, save_file

from dinas_cli.checkpoints.metadata import read_config, read_metadata
from dinas_cli.errors import CorruptFileError, NotFoundError
from dinas_cli.files.headers import repeatable

CONFIG = {"profiles": [["latency/fpga@cifar10", "ms", 9], ["latency/gold", "ms", 9], ["energy/fpga", "mJ", 9]]}


def test_metadata_written_by_the_library(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"a": np.zeros(3)}, path, {"config": json.dumps(CONFIG), "schema": "s"})
    assert read_metadata(path)["schema"] == "s"
    assert read_config(path) == CONFIG
    save_file({"a": np.zeros(3)}, path)
    assert read_metadata(path) == {}
    with pytest.raises(CorruptFileError, match="not a dinas checkpoint"):
        read_config(path)
    save_file({"a": np.zeros(3)}, path, {"config": "[]"})
    with pytest.raises(CorruptFileError, match="not a dinas checkpoint"):
        read_config(path)


def test_the_same_content_is_the_same_file(tmp_path: Path) -> None:
    tensors = {"a.weight": np.arange(6.0).reshape(2, 3), "b": np.array([1], np.int64), "é": np.zeros(3, np.float32)}
    metadata = {name: json.dumps({"ü": name}) for name in ("schema", "config", "zeta", "alpha", "more")}
    files = {repeatable(save(tensors, metadata)) for _ in range(20)}
    assert len(files) == 1, "the library's own order of metadata differs from call to call"
    content = files.pop()
    assert repeatable(content) == content
    (tmp_path / "x.safetensors").write_bytes(content)
    assert read_metadata(tmp_path / "x.safetensors") == metadata
    again = load(content)
    assert again.keys() == tensors.keys()
    assert all(np.array_equal(again[name], tensors[name]) for name in tensors)
    assert load(repeatable(save(tensors))).keys() == tensors.keys()


@pytest.mark.parametrize(
    "content", [b"", b"\x05", b"\xff" * 100, b"\x02" + b"\0" * 7 + b"[]", b"\x09" + b"\0" * 7 + b"{", b"PK\x03\x04zip"]
)
def test_foreign_and_truncated_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(CorruptFileError, match="not a safetensors file"):
        read_metadata(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_metadata(tmp_path / "none")
