"""Weights and tables that nobody means: read or refused in one line, and what was read does not fail when used."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from dinas_cli.checkpoints.metadata import read_config
from dinas_cli.checkpoints.publish import describe
from dinas_cli.checkpoints.registry import weights_dir
from dinas_cli.diffusion.generator import Conditioning, Generator
from dinas_cli.oracles.merging import NewColumn, Part, merge
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.oracles.tables import Table
from dinas_cli.spaces.registry import get_space
from tests.support import toy
from tests.support.bundled import needs_weights
from tests.support.hostile import examples, texts
from tests.support.hostile_files import VALUES, WORDS, altered, broken, survives


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def with_config(content: bytes, config: object, **about: str) -> bytes:
    """A safetensors file with another configuration in its metadata."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    header["__metadata__"] |= {"config": json.dumps(config), **about}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content[end:]


@lru_cache
def generator(kernel: str) -> bytes:
    """A generator of nasbench201 that takes no time to read."""
    with TemporaryDirectory() as folder:
        target = get_space("nasbench201")
        return toy.generator_file(Path(folder) / "x.safetensors", kernel, target).read_bytes()


@lru_cache
def surrogate() -> bytes:
    return (weights_dir() / "transnas-micro-surrogate.safetensors").read_bytes()


def config_of(content: bytes) -> Any:
    return json.loads(json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]["config"])


def use(kind: type[Generator] | type[Surrogate], path: Path) -> None:
    read_config(path)
    found = kind.load(path)
    if isinstance(found, Generator):
        found.sample(Conditioning(), 1, steps=2)
    else:
        one = found.space.draw(2, 0)
        for column in found.columns():
            found.predict(one, column)
            found.ranking(one, column)


@pytest.mark.parametrize("kernel", ["absorbing", "marginal"])
@examples(100)
@given(data=st.data())
def test_configurations_of_generators(path: Path, kernel: str, data: st.DataObject) -> None:
    content = generator(kernel)
    path.write_bytes(with_config(content, data.draw(altered(config_of(content)))))
    survives(lambda: use(Generator, path))
    survives(lambda: describe(path, name="x", licence="MIT", command="x", figures={}))


@needs_weights
@examples(60)
@given(data=st.data())
def test_configurations_of_surrogates(path: Path, data: st.DataObject) -> None:
    path.write_bytes(with_config(surrogate(), data.draw(altered(config_of(surrogate())))))
    survives(lambda: use(Surrogate, path))
    survives(lambda: describe(path, name="x", licence="MIT", command="x", figures={}))


@needs_weights
@pytest.mark.parametrize("kind", [Generator, Surrogate])
@examples(60)
@given(data=st.data())
def test_headers_of_weights(path: Path, kind: type[Generator] | type[Surrogate], data: st.DataObject) -> None:
    content = generator("absorbing") if kind is Generator else surrogate()
    path.write_bytes(data.draw(broken(content, 8 + int.from_bytes(content[:8], "little"))))
    survives(lambda: use(kind, path))


@lru_cache
def table() -> bytes:
    with TemporaryDirectory() as folder:
        where = Path(folder) / "t.safetensors"
        columns = {name: NewColumn(np.array([1.0, np.nan, np.inf]), "%", "a.csv") for name in ("acc@cifar10", "x")}
        merge("nasbench201", [Part(np.array([3, 1, 2]), columns)], {"a.csv": "0" * 64}, path=where)
        return where.read_bytes()


def look_up(path: Path) -> None:
    found = Table.open("nasbench201", path)
    for column in found.columns:
        found.lookup(np.array([1, 9]), column)
        found.measured(np.array([1, 9]), column)


@examples(120)
@given(data=st.data())
def test_tables(path: Path, data: st.DataObject) -> None:
    path.write_bytes(data.draw(broken(table())))
    survives(lambda: look_up(path))
    header = json.loads(table()[8 : 8 + int.from_bytes(table()[:8], "little")])["__metadata__"]
    name = data.draw(st.sampled_from(sorted(header)))
    try:
        member = json.dumps(data.draw(altered(json.loads(header[name]))))
    except ValueError:
        member = data.draw(texts(*WORDS))
    path.write_bytes(with_config(table(), {}, **{name: member}))
    survives(lambda: look_up(path))


@examples(60)
@given(tensors=st.dictionaries(texts("keys", "acc", "architectures"), st.integers(0, 5), max_size=3), about=VALUES)
def test_foreign_safetensors(path: Path, tensors: dict[str, int], about: Any) -> None:
    reads: dict[str, Callable[[], None]] = {
        "dinas/table@1": lambda: look_up(path),
        "dinas/generator@1": lambda: use(Generator, path),
        "dinas/surrogate@1": lambda: use(Surrogate, path),
    }
    for schema, read in reads.items():
        members = about if isinstance(about, dict) else {"config": about}
        metadata = {"schema": schema, "space": "nasbench201", "config": json.dumps(about)}
        metadata |= {key: json.dumps(value) for key, value in members.items() if key != "schema"}
        try:
            path.write_bytes(save({name: np.arange(size) for name, size in tensors.items()}, metadata))
        except UnicodeEncodeError:
            return
        survives(read)
