"""Pickles that come to more than their size: refused in no time, without making anything of them."""

from __future__ import annotations

import io
import pickle
import time
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError
from dinas_cli.files.pickles import DEEPEST, Hostile, check
from dinas_cli.files.torch_files import load_torch
from dinas_cli.files.unpickle import load_plain
from dinas_cli.spaces.registry import get_space

SHARED: list[object] = [{"a": "x" * 300, "b": [1, 2.5]}]
PLAIN = {
    "config": SHARED, "again": SHARED, "many": list(range(3000)), "deep": [[[[(1, (2, 3))]]]], 1: {4, 5}, "e": (),
    "numpy": np.arange(5.0), "one": np.float64(2.5), "int": np.int64(3), "ordered": OrderedDict(a=1), "long": 1 << 300,
}  # fmt: skip


def doubled(depth: int) -> object:
    """A tuple that is twice in another that is twice in a third, and so on."""
    value: object = ("x",)
    for _ in range(depth):
        value = (value, value)
    return value


def pickled(value: object, before: bytes, after: bytes) -> bytes:
    """What puts ``value`` on the stack between other instructions; hashing it here would take for ever."""
    return b"\x80\x02" + before + pickle.dumps(value, 2)[2:-1] + after + b"."


PUT_FAR = b"\x80\x02K\x01r\xff\xff\xff\x7f."
"""Would make a memo of 34 GB."""
LATER = b"\x80\x02]q\x00]q\x01]q\x02(h\x01h\x01eh\x01(h\x02h\x02e."
"""Shares first and fills afterwards, so that sizes are not known when it is shared."""
HOSTILE = {
    "as a key": (pickled(doubled(60), b"}", b"K\x01s"), "comes to more than"),
    "as a value": (pickle.dumps([doubled(40)]), "comes to more than"),
    "in a set": (b"\x80\x04\x8f(" + pickle.dumps(doubled(50), 2)[2:-1] + b"\x90.", "comes to more than"),
    "thrown away": (pickled(doubled(50), b"]", b"0"), "comes to more than"),
    "deep": (b"\x80\x02)" + b"\x85" * 100_000 + b".", f"more than {DEEPEST} containers"),
    "far": (PUT_FAR, "place 2147483647 of its memo"),
    "later": (LATER, "no container, or what it has used already"),
    "long": (b"\x80\x04\x8e" + (1 << 40).to_bytes(8, "little") + b"abc.", "truncated"),
    "long number": (b"\x80\x02\x8b\xff\xff\xff\x7f.", "truncated"),
    "frame": (b"\x80\x04\x95" + (1 << 40).to_bytes(8, "little") + b"K\x01.", "truncated"),
    "nothing there": (b"\x80\x02\x87.", "takes what is not there"),
    "no mark": (b"\x80\x02K\x01t.", "damaged"),
    "no end": (b"\x80\x02K\x01", "damaged"),
    "extension": (b"\x80\x02\x82\x01.", "plain data do not need"),
    "unknown": (b"\x80\x02\xff.", "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_come_to_what_they_are(protocol: int) -> None:
    data = pickle.dumps(PLAIN, protocol)
    assert check(data) == len(data)
    assert check(b"....." + data + b"more", 5) == len(data) + 5


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_ones_end_at_once(tmp_path: Path, name: str) -> None:
    data, words = HOSTILE[name]
    started = time.process_time()
    with pytest.raises(Hostile, match=words):
        check(data)
    path = tmp_path / "x.pickle"
    path.write_bytes(data)
    with pytest.raises(CorruptFileError, match="is not a benchmark"):
        load_plain(path, "a benchmark")
    assert time.process_time() - started < 2


def test_what_is_repeated_costs_every_time() -> None:
    """One shared value of some size, over and over: each time it would be hashed anew."""
    wide: Any = tuple(range(2000))
    one = pickle.dumps(wide, 2)[:-1] + b"q\x63"
    data = b"\x80\x02}" + one[2:] + b"K\x01s" + b"h\x63K\x01s" * 100_000 + b"."
    with pytest.raises(Hostile, match="comes to more than"):
        check(data)


def torch_file(path: Path, content: bytes, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/version", b"3\n")
        archive.writestr("archive/byteorder", b"little")
    return path


@pytest.mark.parametrize("legacy", [False, True])
def test_files_of_torch(tmp_path: Path, legacy: bool) -> None:
    import torch

    space, path = get_space("nasbench201"), tmp_path / "x.pth"
    content = {"a": [1, 2.5, "x"], "t": torch.arange(6).reshape(2, 3), "o": OrderedDict(b=1)}
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    found = load_torch(space, path)
    assert found["a"] == content["a"]
    assert found["t"].tolist() == [[0, 1, 2], [3, 4, 5]]
    torch.save([doubled(60)], path, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(CorruptFileError, match="comes to more than"):
        load_torch(space, path)


def test_torch_files_that_ask_for_memory(tmp_path: Path) -> None:
    space, path = get_space("nasbench201"), tmp_path / "x.pth"
    with pytest.raises(CorruptFileError, match="bytearray"):
        load_torch(
            space, torch_file(path, b"\x80\x02cbuiltins\nbytearray\nq\x00\x8a\x06\x00\x00\x00\x00\x00\x01\x85R.")
        )
    with pytest.raises(CorruptFileError, match="unpacked it has"):
        load_torch(space, torch_file(path, bytes(50_000_000), zipfile.ZIP_DEFLATED))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w"):
        pass
    path.write_bytes(buffer.getvalue())
    with pytest.raises(CorruptFileError):
        load_torch(space, path)
