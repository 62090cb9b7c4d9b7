"""Packed files that would become huge: refused after a few megabytes."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.files import packed
from dinas_cli.files.csv_files import read_columns
from dinas_cli.files.packed import FLOOR, MOST_LINES, TooLarge, read_lines
from dinas_cli.oracles.importers import read_file
from dinas_cli.spaces.registry import get_space

SPACE = get_space("nasbench201")


def bomb(path: Path, block: bytes, times: int) -> Path:
    """A gzip file of ``block`` repeated, made of compressed pieces, which takes no time."""
    whole = gzip.compress(block, mtime=0)
    path.write_bytes(whole * times)
    return path


@pytest.mark.parametrize(("block", "words"), [
    (b"arch_str,c10_val_200\n" + (b"x" * 500 + b",1\n") * 8000, r"more than .* bytes, 25 times those of the file"),
    (bytes(1 << 20), "line 1 is longer than"),
    (b"," * (1 << 20), "line 1 is longer than"),
])  # fmt: skip
def test_a_bomb_is_refused_in_little_memory(tmp_path: Path, block: bytes, words: str) -> None:
    path = bomb(tmp_path / "bomb.csv.gz", block, 200)
    tracemalloc.start()
    try:
        with pytest.raises(CorruptFileError, match=words):
            read_file(SPACE, path)
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


def test_what_benchmarks_have_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbfa,b\r\n" + b"0.25,\xc3\xa9\r\n" * (FLOOR // 20)))
    columns = read_columns(SPACE, path)
    assert len(columns["a"]) == FLOOR // 20
    assert columns["b"][-1] == "é"


def test_too_many_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_LINES > 4 * 423_624
    monkeypatch.setattr(packed, "MOST_LINES", 10)
    path = tmp_path / "x.csv"
    path.write_text("a\n" * 11)
    with pytest.raises(TooLarge, match="more than 10 lines"):
        list(read_lines(path))


@pytest.mark.parametrize("cut", [slice(-9, None), slice(40, 60)])
def test_damaged_ones(tmp_path: Path, cut: slice) -> None:
    content = bytearray(gzip.compress(b"a,b\n" + b"1,2\n" * 9000))
    del content[cut]
    (tmp_path / "x.csv.gz").write_bytes(content)
    with pytest.raises((EOFError, gzip.BadGzipFile, zlib.error)):
        list(read_lines(tmp_path / "x.csv.gz"))


def test_archives(tmp_path: Path) -> None:
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}.json", b" " * 3_000_000)
    with pytest.raises(CorruptFileError, match="unpacked it has 9000000 bytes"):
        _read_logs(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("0.json", b"{}")
    with pytest.raises(CorruptFileError, match=r"'0\.json' is encrypted or packed in an unusual way"):
        _read_logs(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("0.json", b"[" * 100_000)
    with pytest.raises(CorruptFileError, match="not JSON"):
        _read_logs(path)


def _read_logs(path: Path) -> None:
    from dinas_cli.spaces.nlp.read_logs import read

    read(get_space("nlp"), path, None)
