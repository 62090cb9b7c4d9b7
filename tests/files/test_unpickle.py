"""The restricted unpickler: plain data and numpy's numbers in every protocol, and nothing that could run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.errors import CorruptFileError, NotFoundError
from dinas_cli.files.unpickle import load_plain


class Attack:
    """Asks the unpickler to call something."""

    def __init__(self, function: Any, *args: object) -> None:
        self.function, self.args = function, args

    def __reduce__(self) -> Any:
        return self.function, self.args


def dumped(path: Path, content: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(content, protocol))
    return path


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_data_and_numpy_numbers(tmp_path: Path, protocol: int) -> None:
    content = {
        "plain": [1, 2.5, None, True, "text", (1,), {1, 2}],
        "scalars": [np.float64(1.5), np.float32(2.5), np.int64(-3), np.uint8(7), np.bool_(True)],
        "vector": np.array([1.0, np.nan, 3.0]),
        "big endian": np.arange(3, dtype=">i4"),
        "objects": np.array([1.0, None], dtype=object),
    }
    data = load_plain(dumped(tmp_path / "a.pickle", content, protocol), "a test")
    assert data["plain"] == content["plain"]
    assert data["scalars"] == [1.5, 2.5, -3, 7, True]
    assert str(data["vector"]) == "[1.0, nan, 3.0]"
    assert data["big endian"] == [0, 1, 2]
    assert data["objects"] == [1.0, None]
    assert all(type(number).__module__ == "builtins" for number in data["scalars"])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("function", "args", "name"),
    [
        (os.system, ("touch ran",), "system"),
        (eval, ("open('ran', 'w')",), "eval"),
        (getattr, ("text", "upper"), "getattr"),
        (np.load, ("file",), "load"),
        (Path, ("ran",), "Path"),
    ],
)
def test_forbidden_names_are_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: Any, args: tuple[object, ...], name: str, protocol: int
) -> None:
    monkeypatch.chdir(tmp_path)
    path = dumped(tmp_path / "evil.pickle", {"nasbench201": Attack(function, *args)}, protocol)
    with pytest.raises(CorruptFileError, match=rf"evil\.pickle is not a benchmark: it asks for .*{name}"):
        load_plain(path, "a benchmark")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\x80\x04",
        pickle.dumps({"a": [1.0] * 100})[:-20],
        pickle.dumps(np.zeros((2, 2))),
        pickle.dumps(np.zeros(2, [("a", "f8")])),
        pickle.dumps(np.array("2020-01-01", "datetime64[D]")),
        pickle.dumps(Attack(np.dtype, "f8", False, True))[:-1] + b"K\x01b.",
        b"cnumpy\nndarray\n)\x81K\x01b.",
        b"cnumpy.core.multiarray\nscalar\n(tR.",
        b"ccollections\nOrderedDict\n(K\x01tR.",
        b"c_codecs\nencode\n(Vabc\nVutf-7\ntR.",
        b"Pid\n.",
    ],
)
def test_damaged_or_crafted_files_are_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.pickle"
    path.write_bytes(data)
    with pytest.raises(CorruptFileError, match=r"bad\.pickle is not a benchmark") as caught:
        load_plain(path, "a benchmark")
    assert "\n" not in caught.value.message


def test_lying_about_the_size_of_an_array(tmp_path: Path) -> None:
    good = pickle.dumps(np.arange(4.0), 2)
    bad = good.replace(b"K\x04\x85", b"K\x05\x85")
    assert bad != good
    path = tmp_path / "a.pickle"
    path.write_bytes(bad)
    with pytest.raises(CorruptFileError, match="4 numbers where 5 were announced"):
        load_plain(path, "a benchmark")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such file"):
        load_plain(tmp_path / "none.pickle", "a benchmark")
