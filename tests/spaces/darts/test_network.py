"""DARTS networks: published and closed-form counts, what a cell computes, skeletons, standalone source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.darts.counts import affine_of_operations, counts, params_and_macs
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.shared.skeletons import choose, count, count_built
from dinas_cli.testing.alone import compare
from tests.spaces.darts.test_space import COMPACT, rows
from tests.support.spaces import assert_learns

V2 = SPACE.encode(COMPACT)
SMALL = choose(SPACE, "cifar", cells=4, channels=3, classes=7, image_size=16)
DRAWN = [tuple(row) for row in SPACE.draw(12, 5).tolist()]


def test_counts_of_the_published_architecture() -> None:
    """3.3 and 4.7 million parameters in the DARTS paper, in full in its code's logs."""
    counted = counts(np.array([V2]))
    assert params_and_macs(counted, cells=20, channels=36, classes=10, size=32)[0] == 3_349_342
    skeleton = choose(SPACE, "imagenet")
    assert count(SPACE, V2, None, skeleton) == count_built(SPACE, V2, None, skeleton) == (4_718_752, 529_911_552)


def test_closed_forms_are_those_of_built_networks() -> None:
    parameters, products = (SPACE.closed_form(name, np.array(DRAWN)) for name in ("params", "macs"))
    for values, *expected in list(zip(DRAWN, parameters.tolist(), products.tolist(), strict=True))[:3]:
        assert count_built(SPACE, values, None, None) == tuple(expected)


def test_norms_that_published_counts_leave_out() -> None:
    from torch import nn

    from dinas_cli.spaces.darts.network import Convolution, FactorizedReduce

    expected = affine_of_operations(counts(np.array(DRAWN)), 8, 32)
    for values, found in zip(DRAWN[:4], expected.tolist(), strict=False):
        total = 0
        for cell in SPACE.build(values).cells:  # type: ignore[union-attr]
            for operation in cell._ops:
                if isinstance(operation, Convolution | FactorizedReduce):
                    norms = [part for part in operation.modules() if isinstance(part, nn.BatchNorm2d)]
                    total += sum(p.numel() for norm in norms for p in norm.parameters())
        assert total == found


def test_closed_forms_are_those_of_the_published_rows(bench_data: Path) -> None:
    """All of both files: parameters of v1.0's; multiply-accumulates of v0.9's, which are of another network."""
    found = rows(bench_data / "nasbench301" / "xgb_v1_labels_1218.csv.gz")
    values = np.array([SPACE.encode(row["genotype"]) for row in found])
    plain = SPACE.closed_form("params", values) - affine_of_operations(counts(values), 8, 32)
    np.testing.assert_allclose(plain / 1e6, [float(row["params_M"]) for row in found], atol=1e-9)
    found = rows(bench_data / "nasbench301" / "xgb_v09_labels_10000.csv.gz")
    values = np.array([SPACE.encode(row["genotype"]) for row in found])
    products = params_and_macs(counts(values), cells=20, channels=36, classes=10, size=16)[1]
    assert np.array_equal(products, [float(row["flops_raw"]) for row in found])


def test_a_cell_computes_what_its_genotype_says() -> None:
    import torch

    from dinas_cli.spaces.darts.network import Cell

    torch.set_num_threads(1)
    torch.manual_seed(0)
    operations = ["skip_connect", "max_pool_3x3", "avg_pool_3x3", "skip_connect"] * 2
    cell = Cell(operations, [0, 1, 0, 2, 1, 3, 2, 4], (5, 6), 4, reduction=False, reduction_before=False).eval()
    a, b = torch.randn(2, 5, 8, 8), torch.randn(2, 6, 8, 8)
    maximum = torch.nn.MaxPool2d(3, 1, 1)
    average = torch.nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    with torch.no_grad():
        x, y = cell.preprocess0(a), cell.preprocess1(b)
        two = x + maximum(y)
        three = average(x) + two
        four = y + maximum(three)
        five = average(two) + four
        assert torch.allclose(cell(a, b), torch.cat([two, three, four, five], 1), atol=1e-6)


def test_reduction_cells_halve_the_image_and_double_the_channels() -> None:
    import torch

    from dinas_cli.spaces.darts.network import Network

    torch.set_num_threads(1)
    network = SPACE.build(V2, skeleton=choose(SPACE, "cifar", cells=6, channels=4)).eval()
    assert isinstance(network, Network)
    s0 = s1 = network.stem(torch.randn(1, 3, 32, 32))
    shapes = []
    for cell in network.cells:
        s0, s1 = s1, cell(s0, s1)
        shapes.append(tuple(s1.shape[1:3]))
    assert shapes == [(16, 32), (16, 32), (32, 16), (32, 16), (64, 8), (64, 8)]


@pytest.mark.parametrize("name", ["cifar", "imagenet"])
def test_drop_path_and_auxiliary_head_are_for_training_only(name: str) -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    size = {"cifar": 32, "imagenet": 224}[name]
    options = {"cells": 3, "channels": 3, "classes": 5}  # an odd number of channels is no obstacle
    skeleton = choose(SPACE, name, **options, drop_path=0.5, auxiliary=True)
    network, (images,) = SPACE.build(DRAWN[3], skeleton=skeleton), SPACE.example(batch=2, skeleton=skeleton)
    assert images.shape == (2, 3, size, size)
    logits, auxiliary = network(images)
    assert logits.shape == auxiliary.shape == (2, 5)
    with torch.no_grad():
        assert not torch.equal(network(images)[0], network(images)[0])
        network.eval()
        assert torch.equal(network(images), network(images))
    plain = count(SPACE, DRAWN[3], None, choose(SPACE, name, **options))[0]
    assert sum(p.numel() for p in network.parameters()) > plain


def test_drop_path_keeps_the_mean() -> None:
    import torch

    from dinas_cli.spaces.darts.network import drop_path

    torch.manual_seed(0)
    dropped = drop_path(torch.ones(20_000, 1, 1, 1), 0.2)
    assert set(dropped.unique().tolist()) == {0.0, 1.25}
    assert dropped.mean().item() == pytest.approx(1, abs=0.02)


def test_images_that_cannot_be_halved_are_refused() -> None:
    for name, size in (("cifar", 30), ("imagenet", 112)):
        skeleton = choose(SPACE, name, image_size=size)
        for method in (SPACE.build, SPACE.source):
            with pytest.raises(UsageProblem, match=f"--image-size {size} cannot be halved"):
                method(V2, skeleton=skeleton)


@pytest.mark.parametrize(
    ("name", "cells", "trains", "refused"),
    [("cifar", 3, (32, 36, 64), (8, 16, 24, 28)), ("cifar", 1, (16,), (12,)), ("imagenet", 4, (224, 256), (32, 192))],
)
def test_auxiliary_heads_train_or_are_refused(
    name: str, cells: int, trains: tuple[int, ...], refused: tuple[int, ...]
) -> None:
    import torch

    torch.set_num_threads(1)
    for size in trains:
        skeleton = choose(SPACE, name, cells=cells, channels=4, classes=5, image_size=size, auxiliary=True)
        network, (images,) = SPACE.build(V2, skeleton=skeleton), SPACE.example(batch=2, skeleton=skeleton)
        logits, auxiliary = network(images)
        labels = torch.tensor([1, 4])
        loss = torch.nn.functional.cross_entropy(logits, labels)
        (loss + 0.4 * torch.nn.functional.cross_entropy(auxiliary, labels)).backward()
        assert all(parameter.grad is not None for parameter in network.parameters())
    for size in refused:
        skeleton = choose(SPACE, name, cells=cells, image_size=size, auxiliary=True)
        for method in (SPACE.build, SPACE.source, SPACE.example):
            with pytest.raises(UsageProblem, match=f"--auxiliary needs larger images than --image-size {size}") as told:
                method(*(() if method == SPACE.example else (V2,)), skeleton=skeleton)
            assert told.value.hint == f"--image-size {trains[0]} or more, or no auxiliary head"


def test_a_training_step_lowers_the_loss() -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    network, (images,) = SPACE.build(V2, skeleton=SMALL), SPACE.example(batch=8, skeleton=SMALL)
    assert_learns(network, images, 0.05)


def test_exported_source_alone_computes_what_the_built_network_computes(tmp_path: Path) -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    files = []
    for number, values in enumerate(DRAWN[:4]):
        skeleton = None if number == 0 else SMALL
        path = tmp_path / f"net_{number}.py"
        path.write_text(SPACE.source(values, header="seed: 1", skeleton=skeleton), "utf-8")
        network, (images,) = SPACE.build(values, skeleton=skeleton), SPACE.example(batch=2, skeleton=skeleton)
        files.append((path, network, (images,)))
    for answer, (_, _, (images,)) in zip(compare(files), files, strict=True):
        assert answer.gap <= 1e-5
        assert answer.input_shape == tuple(images.shape[1:])


def test_hostile_headers_stay_comments() -> None:
    source = SPACE.source(V2, header='"""\nimport os\nos.system("true")\x1b[31m')
    assert "\x1b" not in source
    assert "import os\n" not in source.replace("# import os\n", "")
    compile(source, "net.py", "exec")
