"""Files of weights whose configuration or header claims more than the file has: one line, soon, in little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dinas_cli.diffusion.generator import Generator
from dinas_cli.errors import CorruptFileError
from dinas_cli.files.headers import read_header
from dinas_cli.files.typed import Fields, is_number, short
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.tables import Table
from tests.support.bundled import GENERATOR, SURROGATE, needs_weights

LARGE = 10**9
CHECK = """
import sys, time
from dinas_cli.cli.app import run
code = run(["generate", "--checkpoint", sys.argv[1], "-n", "1", "-q"])
peak = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0]
print(code, int(peak) // 1024, time.process_time())
"""

Change = Callable[[dict[str, Any]], Any]


def changed(source: Path, target: Path, change: Change) -> Path:
    """``source`` with a configuration that ``change`` has been made to."""
    about = read_header(source)["__metadata__"]
    config = json.loads(about["config"])
    change(config)
    save_file(load_file(source), target, about | {"config": json.dumps(config)})
    return target


def _set(config: dict[str, Any], path: str, value: object) -> None:
    *names, last = path.split("/")
    place: Any = config
    for name in names:
        place = place[int(name) if name.isdecimal() else name]
    place[last] = value


SIZES = ("layers", "nodes", "edges", "glob", "heads")
GENERATORS: list[tuple[str, object]] = [
    *((f"denoiser/{name}", value) for name in SIZES for value in (LARGE, 0, -1)),
    *((f"denoiser/{name}", value) for name in ("layers", "time", "heads") for value in ("3", 1.5, None, [1], True)),
    ("denoiser/more", 1), ("denoiser", []), ("denoiser", None),
    *((f"conditions/4/{name}", value) for name in ("descriptor", "limits", "sides") for value in (LARGE**2, "1", -1)),
    ("conditions/0/categories", [LARGE]), ("conditions/0/categories", "abc"), ("conditions/0/name", 3),
    ("conditions/0/name", "acc"), ("conditions/0/kind", ["rank"]), ("conditions", {}), ("conditions", [None]),
    ("kernel", ["absorbing"]), ("kernel", "marginal"), ("space", {}), ("space", None),
]  # fmt: skip
SURROGATES: list[tuple[str, object]] = [
    ("members", LARGE), ("members", 0), ("members", 1), ("members", "2"), ("members", 2.0), ("members", None),
    ("profiles", [["params", "count", "9"]]), ("profiles", [["params", 1, 2]]), ("profiles", [3]), ("profiles", "abc"),
    ("quality", ["acc@cifar10"] * 6), ("quality", "abcdef"), ("quality", [1, 2]),
    ("kendall_tau", {"acc": "0.9"}), ("kendall_tau", {"acc": 1e400}), ("kendall_tau", []), ("space", []),
]  # fmt: skip


@needs_weights
@pytest.mark.parametrize(("path", "value"), GENERATORS)
def test_a_generators_configuration_is_not_believed(tmp_path: Path, path: str, value: object) -> None:
    where = changed(GENERATOR, tmp_path / "x.safetensors", lambda config: _set(config, path, value))
    with pytest.raises(CorruptFileError, match=r"cannot be read as a generator: ") as caught:
        Generator.load(where)
    assert len(caught.value.message) < len(str(where)) + 250
    assert "\n" not in caught.value.message


@needs_weights
@pytest.mark.parametrize(("path", "value"), SURROGATES)
def test_a_surrogates_configuration_is_not_believed(tmp_path: Path, path: str, value: object) -> None:
    where = changed(SURROGATE, tmp_path / "x.safetensors", lambda config: _set(config, path, value))
    with pytest.raises(CorruptFileError, match=r"cannot be read as a surrogate: "):
        Surrogate.load(where)


@needs_weights
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads its own memory from /proc")
@pytest.mark.parametrize("change", ["layers", "kernel_steps", "header", "size", "wide", "nested"])
def test_a_hostile_file_ends_soon_and_in_little_memory(tmp_path: Path, change: str) -> None:
    path = tmp_path / "x.safetensors"
    if change == "layers":
        changed(GENERATOR, path, lambda config: _set(config, "denoiser/layers", LARGE))
    elif change == "kernel_steps":
        changed(GENERATOR, path, lambda config: config.update(kernel="marginal", kernel_steps=LARGE))
    elif change == "header":
        path.write_bytes((90_000_000).to_bytes(8, "little") + b'{"a":[' + b"[]," * 30_000_000)
    elif change == "size":
        path.write_bytes(GENERATOR.read_bytes())
        os.truncate(path, 1 << 40)
    elif change == "nested":
        about = read_header(GENERATOR)["__metadata__"] | {"config": "[" * 1_000_000}
        save_file({"a": np.zeros(1)}, path, about)
    else:
        tensors = load_file(GENERATOR) | {"null": np.zeros((6, 1_000_000), np.float16)}
        save_file(tensors, path, read_header(GENERATOR)["__metadata__"])
    done = subprocess.run([sys.executable, "-c", CHECK, str(path)], capture_output=True, text=True, check=True)
    code, peak, seconds = done.stdout.split()
    assert code == "1"
    assert str(path) in done.stderr
    assert done.stderr.count("\n") == 2
    assert int(peak) < 200
    assert float(seconds) < 2  # of which starting takes a good part


@needs_weights
def test_tensors_that_make_much_of_little(tmp_path: Path) -> None:
    """Wide layers would need gigabytes for a thousand architectures."""
    tensors, about = load_file(SURROGATE), read_header(SURROGATE)["__metadata__"]
    wide = {"quality.0.0.weight": np.zeros((9000, 60), np.float16), "quality.0.0.bias": np.zeros(9000, np.float16)}
    wide["quality.0.1.weight"] = np.zeros((384, 9000), np.float16)
    path = tmp_path / "x.safetensors"
    for change in (
        {**wide},
        {"quality.noise": -tensors["quality.noise"]},
        {"quality.knots": tensors["quality.knots"][::-1].copy()},
    ):
        save_file({**tensors, **change}, path, about)
        with pytest.raises(CorruptFileError, match="cannot be read as a surrogate"):
            Surrogate.load(path)
    save_file({**tensors, "profile.prior": tensors["profile.prior"].astype(np.int64)}, path, about)
    with pytest.raises(CorruptFileError, match=r"not all finite numbers: profile\.prior"):
        Surrogate.load(path)
    save_file(load_file(GENERATOR) | {"null": np.full((6, 192), 1e300)}, path, read_header(GENERATOR)["__metadata__"])
    with pytest.raises(CorruptFileError, match="not all finite"):
        Generator.load(path)


@pytest.mark.parametrize("crc", ["1e999", "[]", "null", '"x"', "9" * 5000])
def test_a_tables_header_is_not_believed(tmp_path: Path, crc: str) -> None:
    path = tmp_path / "table.safetensors"
    about = {"schema": "dinas/table@1", "space": "nasbench201", "sources": "{}", "keys_crc32": "0"}
    columns = '{"acc": {"unit": "%", "source": "x", "crc32": ' + crc + "}}"
    save_file({"keys": np.arange(3), "acc": np.ones(3)}, path, about | {"columns": columns})
    with pytest.raises(CorruptFileError, match="no usable table"):
        Table.open("nasbench201", path)
    save_file({"keys": np.arange(3)}, path, about | {"schema": "9" * 5000, "columns": columns})
    with pytest.raises(CorruptFileError, match="schema '999") as caught:
        Table.open("nasbench201", path)
    assert len(caught.value.message) < 1000
    path.write_bytes((90_000_000).to_bytes(8, "little") + b"[" * 1000)
    with pytest.raises(CorruptFileError, match="no usable table"):
        Table.open("nasbench201", path)


def test_members_are_typed() -> None:
    fields = Fields({"a": 1, "b": "x" * 99, "c": ["x", "x"], "d": {"k": True}, "e": 10**5000}, "config")
    assert (fields.whole("a"), fields.whole("z", default=3)) == (1, 3)
    wrong: list[tuple[Callable[[], object], str]] = [
        (lambda: fields.whole("z"), "it lacks 'z'"),
        (lambda: fields.whole("b"), "its 'b' is 'xxx.*… instead of a whole number from 0"),
        (lambda: fields.whole("e"), "a number beyond all bounds"),
        (lambda: fields.texts("c"), "no list of different names"),
        (lambda: fields.text("c"), "its 'c' is a list of 2 instead of text"),
        (lambda: fields.numbers("d"), "members that are no numbers"),
        (lambda: fields.flag("a"), "true or false"),
        (lambda: Fields([], "config"), "its config is no object"),
        (lambda: Fields({"x": 1}, "config", frozenset({"a"})), "its config has no member 'x'"),
    ]
    for ask, words in wrong:
        with pytest.raises(ValueError, match=words):
            ask()
    assert not any(map(is_number, (True, "1", None, float("nan"), 10**400)))
    assert is_number(10**300)
    assert short(None) == "None"
