"""The NAS-Bench-101 network: counts, channels, what a cell computes, its standalone source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.nasbench101 import counts
from dinas_cli.spaces.nasbench101.cells import compact
from dinas_cli.spaces.nasbench101.network import vertex_channels
from dinas_cli.spaces.nasbench101.space import SPACE
from dinas_cli.spaces.shared.skeletons import choose
from dinas_cli.testing.alone import compare
from tests.support.spaces import assert_learns

SMALL = choose(SPACE, "cifar", channels=10, cells=1, classes=7, image_size=16)
CELLS = [SPACE.encode("2:1:"), SPACE.encode("3:111:2"), *(tuple(row) for row in SPACE.draw(20, 11).tolist())]


def test_closed_forms_are_those_of_built_networks() -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    parameters = SPACE.closed_form("params", np.array(CELLS)).tolist()
    products = SPACE.closed_form("macs", np.array(CELLS)).tolist()
    for number, (cell, count, macs) in enumerate(zip(CELLS, parameters, products, strict=True)):
        with torch.device("meta"), torch.no_grad():
            network = SPACE.build(cell)
            assert sum(p.numel() for p in network.parameters()) == count
            if number < 4:
                with FlopCounterMode(display=False) as counter:
                    assert network(*SPACE.example(batch=1)).shape == (1, 10)
                assert counter.get_total_flops() == 2 * macs


def test_channels_by_hand() -> None:
    """128 among three vertices: the first two take one more; a vertex that feeds several has the widest one's."""
    edges = {(0, 1), (1, 2), (1, 3), (1, 4), (2, 5), (3, 5), (4, 5)}
    assert vertex_channels(4, edges, 128) == [0, 43, 43, 43, 42]
    assert vertex_channels(1, {(0, 1), (1, 2), (0, 2)}, 256) == [0, 256]
    assert vertex_channels(0, {(0, 1)}, 512) == [0]


def test_channels_are_those_of_the_closed_form() -> None:
    for cell in SPACE.draw(100, 12).tolist():
        operations, edges = compact(cell)
        size = len(operations)
        found = vertex_channels(size, set(edges), 512)
        counted = counts.vertex_channels(np.array([cell]), 512)[0].tolist()
        assert found[1:] == counted[1 : size + 1]
        assert counted[size + 1 : 6] == [0] * (5 - size)


def test_a_cell_computes_what_its_graph_says() -> None:
    import torch

    from dinas_cli.spaces.nasbench101.network import Cell

    torch.set_num_threads(1)
    torch.manual_seed(0)
    edges = {(0, 1), (0, 2), (1, 2), (1, 4), (2, 3), (2, 4), (3, 4), (0, 4)}
    cell = Cell(["conv3x3", "maxpool3x3", "conv1x1"], edges, 6, 8).eval()
    assert cell.channels == [0, 3, 3, 2]
    x = torch.randn(2, 6, 5, 5)
    with torch.no_grad():
        one = cell.vertices["1"](cell.projections["1"](x))
        two = torch.nn.functional.max_pool2d(one + cell.projections["2"](x), 3, 1, 1)
        three = cell.vertices["3"](two[:, :2])
        expected = torch.cat([one, two, three], 1) + cell.projections["4"](x)
        assert torch.allclose(cell(x), expected, atol=1e-6)
    assert set(cell.projections) == {"1", "2", "4"}


def test_a_training_step_lowers_the_loss() -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = SPACE.build(CELLS[5], skeleton=SMALL)
    (images,) = SPACE.example(batch=8, skeleton=SMALL)
    assert_learns(network, images, 0.02)


def test_exported_source_alone_computes_what_the_built_network_computes(tmp_path: Path) -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    files = []
    for number, cell in enumerate(CELLS[:9]):
        skeleton = None if number == 8 else SMALL
        path = tmp_path / f"net_{number}.py"
        path.write_text(SPACE.source(cell, header="seed: 1", skeleton=skeleton), "utf-8")
        network = SPACE.build(cell, skeleton=skeleton)
        (images,) = SPACE.example(batch=2, skeleton=skeleton)
        files.append((path, network, (images,)))
    for answer, (_, _, (images,)) in zip(compare(files), files, strict=True):
        assert answer.gap <= 1e-5
        assert answer.input_shape == tuple(images.shape[1:])


def test_hostile_headers_stay_comments() -> None:
    source = SPACE.source(CELLS[3], header='"""\nimport os\nos.system("true")\x1b[31m')
    assert "\x1b" not in source
    assert "import os\n" not in source.replace("# import os\n", "")
    compile(source, "net.py", "exec")


def test_too_narrow_networks_are_refused() -> None:
    with pytest.raises(UsageProblem, match="--channels 4 is too few"):
        SPACE.build(CELLS[3], skeleton=choose(SPACE, "cifar", channels=4))
