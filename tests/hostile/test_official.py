"""Registries, devices, measurements and official files that nobody means: read or refused in one line."""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinas_cli.checkpoints.card import model_card
from dinas_cli.checkpoints.checkpoint import to_toml
from dinas_cli.checkpoints.registry import read_registry, registry_path
from dinas_cli.oracles import devices
from dinas_cli.oracles.importers import make_part, read_file
from dinas_cli.oracles.measurements import read_measurements
from dinas_cli.spaces.registry import get_space
from tests.oracles.test_own_files import device
from tests.support import nasbench101_files
from tests.support.benchmark_files import GENOTYPES, hardware_content
from tests.support.hostile import damaged, examples, texts
from tests.support.hostile_files import altered, broken, survives


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@lru_cache
def entries() -> str:
    return "\n".join(registry_path().read_text().split("\n")[:60])


@examples(150)
@given(text=st.deferred(lambda: st.one_of(damaged(st.just(entries())), texts("[checkpoints.x]\n", "space = 'x'\n"))))
def test_registries(path: Path, text: str) -> None:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))

    def read() -> None:
        for entry in read_registry(path).values():
            entry.sources()
            to_toml(entry)
            model_card("a/b", [entry])

    survives(read)


@examples(60)
@given(data=st.data())
def test_devices_and_measurements(path: Path, data: st.DataObject) -> None:
    space = get_space("darts")
    own = device()
    rows = [[genotype, 1.5, 2] for genotype, _ in own["measurements"]]  # type: ignore[attr-defined]
    other = {
        "schema": "dinas/measurements@1",
        "space": "darts",
        "metrics": ["ntk", "linear_regions"],
        "measurements": rows,
    }
    for whole in (own, other):
        path.write_text(json.dumps(data.draw(altered(whole))), "utf-8")
        survives(lambda: devices.load(path))
        survives(lambda: make_part(space, path, read_file(space, path)))
    path.write_bytes(data.draw(damaged(st.just(json.dumps(other)))).encode("utf-8", "surrogatepass"))
    survives(lambda: make_part(space, path, read_file(space, path)))
    lines = "genotype\tlatency_ms\n" + "\n".join(f"{cell}\t{n + 1}ms" for n, cell in enumerate(GENOTYPES))
    path.write_bytes(data.draw(damaged(st.just(lines))).encode("utf-8", "surrogatepass"))
    survives(lambda: read_measurements(get_space("nasbench201"), path))


CSVS = {
    "nasbench201": "arch_str,c10_val_200,params_c10\n" + "".join(f"{each},90.5,1000\n" for each in GENOTYPES),
    "nasbench101": 'n_vertices,adj_upper,ops,val_acc_108\n3,111,"input,conv1x1-bn-relu,output",0.9\n',
    "darts": "genotype,acc\n\"Genotype(normal=[('sep_conv_3x3', 0)], normal_concat=[2])\",93.5\n",
    "transnas-micro": "space,arch,class_scene\nmicro,64-41414-1_02_333,54.2\n",
    "transnas-macro": "space,arch,class_scene\nmacro,64-1234-basic,54.2\n",
    "nats-size": "channels,c10_test_90,params_c10\n8:8:8:8:8,79.8,11714\n",
    "nasbench-macro": "arch,mean_acc,params\n02012100,89.2,890666\n",
    "nlp": '{"recipe": {"x": {"op": "linear", "input": ["x"]}}, "ptb_test_loss_last": [4.5, null]}\n',
}


@pytest.mark.parametrize("name", CSVS)
@examples(60)
@given(data=st.data())
def test_tables_of_text(path: Path, name: str, data: st.DataObject) -> None:
    space = get_space(name)
    text = data.draw(st.one_of(damaged(st.just(CSVS[name])), texts(CSVS[name], ",", '"'))).encode(
        "utf-8", "surrogatepass"
    )
    path.write_bytes(data.draw(broken(gzip.compress(text, mtime=0))) if data.draw(st.integers(0, 3)) == 0 else text)
    survives(lambda: make_part(space, path, read_file(space, path)))


KEYS = ["nasbench201", "cifar10", "config", "entries_by_arch", 1, (1, 2), "fpga_latency"]
PICKLED = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.tuples(inner, inner),
        st.dictionaries(st.sampled_from(KEYS), inner),
    ),
    max_leaves=10,
)  # fmt: skip
KINDS: dict[str, Callable[[], object]] = {
    "nasbench201": hardware_content,
    "nasbench101": nasbench101_files.nasbenchapi,
    "nasbench-graph": lambda: {1: {"valid_perf": 0.8, "perf": 0.7, "latency": 0.01, "para": 0.1}},
}


@pytest.mark.parametrize("name", KINDS)
@examples(60)
@given(data=st.data())
def test_pickles(path: Path, name: str, data: st.DataObject) -> None:
    space = get_space(name)
    whole = pickle.dumps(KINDS[name](), data.draw(st.integers(0, 5)))
    path.write_bytes(data.draw(st.one_of(broken(whole), PICKLED.map(pickle.dumps))))
    survives(lambda: make_part(space, path, read_file(space, path)))


@examples(60)
@given(data=st.data())
def test_tfrecords(path: Path, data: st.DataObject) -> None:
    space = get_space("nasbench101")
    nasbench101_files.write_tfrecord(path, nasbench101_files.runs((4, 108), 1)[:3])
    path.write_bytes(data.draw(broken(path.read_bytes())))
    survives(lambda: make_part(space, path, read_file(space, path)))
