"""The size search space of NATS-Bench: its table and counts, dialects, networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from dinas_cli.errors import CorruptFileError, UsageProblem
from dinas_cli.oracles.importers import import_files, read_file
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.skeletons import choose, count, count_built
from tests.support.spaces import assert_refused

SPACE = get_space("nats-size")


def test_the_table_of_the_benchmark_and_its_parameters(bench_data: Path, tmp_path: Path) -> None:
    """Reading compares the parameters of every network and dataset with the closed form."""
    path = bench_data / "nats_bench_size.csv.gz"
    done = import_files(SPACE, [path], path=tmp_path / "table.safetensors")
    assert (done.rows, done.added) == (32_768, ("acc@cifar10", "acc@cifar100", "acc@imagenet16-120"))
    found = read_file(SPACE, path)
    assert [SPACE.key(SPACE.encode(genotype)) for genotype in found.genotypes] == list(range(32_768))
    assert [round(values.max(), 2) for values in found.columns.values()] == [93.65, 71.34, 47.40]
    only = read_file(SPACE, path, "cifar100")
    assert list(only.columns) == ["acc@cifar100"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("channels,c10_test_90,params_c10\n8:8:8:8:8,79.8,11713\n", "line 2: params_c10 is 11713, not 11714"),
        ("channels,c10_test_90,size\n8:8:8:8:8,79.8,1\n", "column 'size' is unknown"),
        ("channels\n8:8:8:8:8\n", "its header row is 'channels'"),
        ("arch,c10_test_90\n8:8:8:8:8,79.8\n", "its header row is 'arch,c10_test_90'"),
        ("channels,c10_test_90\n8:8:8:8:9,79.8\n", "multiples of 8"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(CorruptFileError, match=reason):
        import_files(SPACE, [tmp_path / "a.csv"], partial=True, path=tmp_path / "table.safetensors")


def test_genotypes() -> None:
    values = SPACE.encode("8:16:24:32:40")
    assert values == (0, 1, 2, 3, 4) == SPACE.encode("[8, 16, 24, 32, 40]") == SPACE.encode("(8, 16, 24, 32, 40)")
    assert SPACE.decode(values) == "8:16:24:32:40"
    assert SPACE.key(values) == 668  # the benchmark's index
    assert SPACE.canonical_id(values) == "nats-0816243240"
    assert np.array_equal(SPACE.reference()[668], values)


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        ("8:16:24:32", "it needs 5 numbers"),
        ("8:16:24:32:72", "multiples of 8 from 8 to 64"),
        ("0:16:24:32:40", "multiples of 8 from 8 to 64"),
        ("668", "it needs 5 numbers"),
        ("", "it needs 5 numbers"),
    ],
)
def test_refusals(genotype: str, rule: str) -> None:
    assert_refused(SPACE, genotype, rule)


def test_names_of_tensors_are_the_official_ones() -> None:
    names = set(SPACE.build(SPACE.encode("8:8:16:16:16")).state_dict())
    assert {"stem.0.weight", "cells.0.layers.5.op.1.weight", "cells.1.downsample.1.weight", "lastact.0.bias"} <= names
    projection = {"cells.2.layers.3.conv.weight", "cells.2.layers.3.bn.bias"}
    assert projection <= names
    assert not projection & set(SPACE.build(SPACE.encode("8:16:16:16:16")).state_dict())


def test_other_classes_and_images() -> None:
    (row,) = SPACE.draw(1, 2).tolist()
    skeleton = choose(SPACE, "cifar", classes=3, image_size=64, in_channels=1)
    assert count(SPACE, row, "cifar100", skeleton) == count_built(SPACE, row, "cifar100", skeleton)
    for dataset, classes in (("cifar10", 10), ("imagenet16-120", 120)):
        network = SPACE.build(row, dataset).eval()
        assert network(*SPACE.example(dataset, 2)).shape == torch.Size([2, classes])
    with pytest.raises(UsageProblem, match="cannot be halved 2 times"):
        count(SPACE, row, None, choose(SPACE, "cifar", image_size=30))
    with pytest.raises(UsageProblem, match="unknown dataset 'svhn'"):
        SPACE.build(row, "svhn")
