"""The bundled models of every space: they load, their samples keep the rules, and requests are answered offline."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dinas_cli.checkpoints.registry import weights_dir
from dinas_cli.diffusion.generator import Conditioning, Generator
from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.darts.skeletons import CPU_1T
from dinas_cli.spaces.registry import get_space, space_names
from tests.conftest import Cli

BUNDLED = [name for name in space_names() if (weights_dir() / f"{name}.safetensors").is_file()]
ASKED = {
    "nasbench201": ["--acc", "top5", "--latency", "3ms", "--device", "fpga"],
    "nasbench101": ["--acc", "top5", "--params", "5M", "--limit", "train_time=40min"],
    "darts": ["--acc", "top5", "--latency", "2ms"],
    "nlp": ["--acc", "top20", "--params", "12M"],
    "nasbench-graph": ["--acc", "top10", "--latency", "4ms", "--dataset", "citeseer"],
    "transnas-micro": ["--acc", "top10", "--dataset", "room_layout", "--params", "30M"],
    "transnas-macro": ["--acc", "top10", "--dataset", "autoencoder"],
    "gpt-s": ["--acc", "top5", "--latency", "20ms", "--device", "a100"],
    "gpt-m": ["--acc", "top5", "--latency", "30ms", "--device", "a100"],
    "gpt-l": ["--acc", "top10", "--latency", "25ms", "--device", "a100"],
    "nats-size": ["--acc", "top5", "--params", "200k", "--dataset", "cifar100"],
    "mnasnet": ["--acc", "top5", "--limit", "throughput=6k", "--device", "a100"],
    "nasbench-macro": ["--acc", "top5", "--macs", "60M"],
}

REBUILT = frozenset({"gpt-l"})
"""Spaces whose weights are not in the package: a command rebuilds them."""


def test_every_space_has_its_weights() -> None:
    assert set(BUNDLED) == set(space_names()) - REBUILT
    total = sum(path.stat().st_size for path in weights_dir().glob("*.safetensors"))
    assert total < 32_000_000


@pytest.mark.parametrize("name", BUNDLED)
def test_samples_keep_the_rules_of_their_space(name: str) -> None:
    model = Generator.load(weights_dir() / f"{name}.safetensors")
    space = get_space(name)
    values = model.sample(Conditioning(next(iter(space.datasets), None), 5.0), 64, seed=1)
    valid = 0
    for row in values.tolist():
        try:
            space.canonical_id(row)
            valid += 1
        except GenotypeError:
            continue
    assert valid >= 62
    assert np.array_equal(
        values[10:20], model.sample(Conditioning(next(iter(space.datasets), None), 5.0), 10, seed=1, first=10)
    )


@pytest.mark.parametrize("name", BUNDLED)
def test_requests_are_answered_without_any_table(cli: Cli, name: str) -> None:
    result = cli("generate", "--space", name, *ASKED[name], "-n", "3", "--json")
    assert result.code == 0, result.err
    records = [json.loads(line) for line in result.out.splitlines()]
    assert 1 <= len(records) <= 3
    space = get_space(name)
    for record in records:
        assert record["space"] == name
        assert record["id"] == space.canonical_id(space.encode(record["genotype"]))
        assert {metric["source"] for metric in record["metrics"].values()} <= {"surrogate", "computed"}
        for budget in record["request"].get("budgets", []):
            values = [
                m["value"]
                for key, m in record["metrics"].items()
                if key.split("/")[0].split("@")[0] == budget["metric"]
            ]
            assert (
                max(values) >= budget["limit"] if budget["metric"] == "throughput" else min(values) <= budget["limit"]
            )
    assert "predicted" in result.err


def test_a_limit_on_the_default_device_says_what_it_means(cli: Cli) -> None:
    result = cli("generate", "--space", "darts", "--acc", "top5", "--latency", "2ms", "-n", "2")
    assert result.code == 0
    assert f"latency/cpu-1t: {CPU_1T.describe()}\n" in result.err


def test_hwnasbench_asks_for_a_device(cli: Cli) -> None:
    result = cli("generate", "--space", "hwnasbench", "--acc", "top5")
    assert (result.code, result.out) == (2, "")
    error, hint = result.err.splitlines()
    assert error == "error: space hwnasbench needs a device"
    assert hint.startswith("hint: see: dinas devices list --space hwnasbench; another: dinas devices measure NAME")
    assert cli("generate", "--space", "hwnasbench", "--device", "fpga", "--latency", "4ms", "-n", "1").code == 0


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("train_time", "is not understood"),
        ("train_time=20", "has no unit"),
        ("acc=90%", "acc has no upper limit"),
        ("speed=3ms", "no metric 'speed'"),
        ("params=3M", "params is limited twice"),
    ],
)
def test_limits_that_make_no_sense(cli: Cli, limit: str, words: str) -> None:
    result = cli("generate", "--space", "nasbench101", "--params", "5M", "--limit", limit)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
    assert result.err.count("\n") == 2


def test_cells_that_break_a_rule_are_refused_with_the_rule(cli: Cli) -> None:
    for space, genotype, rule in (
        ("nasbench101", "5:1111111111:012", "9"),
        ("nlp", "a=linear(x);h_new_0=tanh(a)", "linear takes 2 or 3"),
        ("transnas-macro", "111111", "double the channels"),
        ("nbgraph", "0012:gcn,gat,skip,conv", "unknown operation"),
    ):
        result = cli("eval", genotype, "--space", space)
        assert (result.code, result.out) == (1, "")
        assert rule in result.err
