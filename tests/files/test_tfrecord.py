"""The framing of TFRecord files: checksums against published vectors and a slow definition, damage of every kind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.files import tfrecord
from dinas_cli.files.tfrecord import FramingError, checksums, masked, records
from tests.support.nasbench101_files import masked_crc, write_tfrecord


def test_checksums_of_the_standard() -> None:
    """The vectors of RFC 3720, appendix B.4, and the usual check value."""
    parts = [b"123456789", bytes(32), b"\xff" * 32, bytes(range(32)), bytes(range(31, -1, -1)), b""]
    assert checksums(parts).tolist() == [0xE3069283, 0x8A9136AA, 0x62A8AB43, 0x46DD794E, 0x113FDB5C, 0]


def test_checksums_of_parts_of_any_length() -> None:
    random = np.random.default_rng(0)
    parts = [random.bytes(int(size)) for size in random.integers(0, 90, 200)]
    assert masked(checksums(parts)).astype("<u4").tobytes() == b"".join(map(masked_crc, parts))


@pytest.mark.parametrize("block", [1, 400, 1 << 22])
def test_records_come_back_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(tfrecord, "_BLOCK", block)
    random = np.random.default_rng(1)
    datas = [random.bytes(int(size)) for size in random.integers(0, 300, 60)]
    assert list(records(write_tfrecord(tmp_path / "a", datas))) == datas


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    assert list(records(write_tfrecord(tmp_path / "a", []))) == []


def test_every_cut_is_noticed(tmp_path: Path) -> None:
    whole = write_tfrecord(tmp_path / "a", [b"one", b"the other"]).read_bytes()
    for size in range(1, len(whole)):
        (tmp_path / "b").write_bytes(whole[:size])
        if size == 19:
            assert list(records(tmp_path / "b")) == [b"one"]
        else:
            with pytest.raises(FramingError, match="truncated"):
                list(records(tmp_path / "b"))


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    whole = write_tfrecord(tmp_path / "a", [b"one", b"the other"]).read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        (tmp_path / "b").write_bytes(damaged)
        with pytest.raises(FramingError, match=r"checksum|truncated|damaged"):
            list(records(tmp_path / "b"))


def test_records_of_an_absurd_size_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x00" * 7 + b"\x7f" + b"rest of the file")
    with pytest.raises(FramingError, match="a record of 9151314442816847872 bytes"):
        list(records(tmp_path / "a"))
