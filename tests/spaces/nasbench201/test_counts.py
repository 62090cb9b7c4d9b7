"""Parameters and multiply-accumulates: closed form against the table, built networks and torch's counter."""

from __future__ import annotations

import csv
import gzip
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.nasbench201.cells import OPERATIONS
from dinas_cli.spaces.nasbench201.networks import IMAGE_SIZE
from dinas_cli.spaces.nasbench201.space import SPACE

COLUMNS = {"cifar10": "c10", "cifar100": "c100", "imagenet16-120": "im16"}
BEST = (3, 3, 3, 1, 3, 2)


@pytest.fixture(scope="module")
def rows(bench_data: Path) -> list[dict[str, str]]:
    with gzip.open(bench_data / "nasbench201.csv.gz", "rt") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def cells(rows: list[dict[str, str]]) -> np.ndarray:
    return np.array([SPACE.encode(row["arch_str"]) for row in rows])


@pytest.mark.parametrize("dataset", SPACE.datasets)
def test_params_equal_the_table(dataset: str, rows: list[dict[str, str]], cells: np.ndarray) -> None:
    table = [int(row[f"params_{COLUMNS[dataset]}"]) for row in rows]
    assert len(table) == SPACE.table_rows
    assert SPACE.closed_form("params", cells, dataset).tolist() == table


@pytest.mark.parametrize("dataset", ["cifar10", "imagenet16-120"])
def test_macs_equal_the_table_without_its_elementwise_work(
    dataset: str, rows: list[dict[str, str]], cells: np.ndarray
) -> None:
    """The table at hand also counts ReLU (1 per element), batch norm (2) and pooling (its window); macs do not."""
    size, stages = IMAGE_SIZE[dataset], ((16, 1), (32, 2), (64, 4))
    elements = [channels * (size // shrink) ** 2 for channels, shrink in stages]
    extra = 2 * elements[0] + 3 * elements[2] + 64 * (size // 4 + 1) ** 2  # stem, last activation, global pooling
    for before, after in pairwise(elements):
        extra += before + 2 * after + 3 * after + 4 * before // 4  # two ReLU-conv-BN, pooling 2x2
    convolutions = np.isin(cells, [OPERATIONS.index("nor_conv_1x1"), OPERATIONS.index("nor_conv_3x3")]).sum(1)
    pools = (cells == OPERATIONS.index("avg_pool_3x3")).sum(1)
    work = SPACE.closed_form("macs", cells, dataset) + extra + 5 * sum(elements) * (3 * convolutions + 9 * pools)
    table = np.array([float(row[f"mflops_{COLUMNS[dataset]}"]) for row in rows])
    assert np.abs(work / 1e6 - table).max() <= 1e-4


def test_known_figures_of_the_best_cell() -> None:
    """As the official library states them: 153.27 M and 1.073 M on CIFAR-10."""
    assert int(SPACE.closed_form("macs", np.array(BEST))) == 153_272_960
    assert int(SPACE.closed_form("params", np.array(BEST))) == 1_073_466


@pytest.mark.parametrize("dataset", SPACE.datasets)
def test_built_networks_agree(dataset: str) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    torch.set_num_threads(1)
    draw = random.Random(dataset)
    for cell in draw.sample([tuple(row) for row in SPACE.reference().tolist()], 4):
        network = SPACE.build(cell, dataset).eval()
        assert sum(weight.numel() for weight in network.parameters()) == int(
            SPACE.closed_form("params", np.array(cell), dataset)
        )
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            network(torch.zeros(1, 3, IMAGE_SIZE[dataset], IMAGE_SIZE[dataset]))
        assert counter.get_total_flops() == 2 * int(SPACE.closed_form("macs", np.array(cell), dataset))


def test_shapes_follow_the_input() -> None:
    cells = SPACE.reference()[:6]
    assert (
        SPACE.closed_form("params", cells.reshape(2, 3, 6)).tolist()
        == SPACE.closed_form("params", cells).reshape(2, 3).tolist()
    )
    assert SPACE.closed_form("macs", cells).dtype == np.int64
    assert SPACE.closed_form("macs", cells[:0]).shape == (0,)


def test_what_is_refused() -> None:
    with pytest.raises(UsageProblem, match="unknown dataset 'svhn'"):
        SPACE.closed_form("params", np.array(BEST), "svhn")
    with pytest.raises(ValueError, match="not in tuple"):
        SPACE.closed_form("energy", np.array(BEST))
    with pytest.raises(ValueError, match="expected integers"):
        SPACE.closed_form("params", np.array((0.5,) * 6))
    with pytest.raises(ValueError, match="expected integers"):
        SPACE.closed_form("params", np.array((1, 2, 3)))


def test_no_torch_is_needed() -> None:
    code = (
        "import sys; from dinas_cli.spaces.nasbench201.space import SPACE; import numpy as np; "
        "SPACE.closed_form('macs', np.array((3,) * 6)); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
