"""Networks of TransNAS-Bench-101: exact counts, shapes of all tasks, and files that stand alone."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.transnas_macro import space as transnas_macro
from dinas_cli.spaces.transnas_micro import space as transnas_micro
from dinas_cli.testing.alone import compare
from tests.spaces.shared.test_source import HOSTILE

SPACES: dict[str, Space] = {"micro": transnas_micro.SPACE, "macro": transnas_macro.SPACE}
SHAPES = {
    "class_scene": (47,),
    "class_object": (75,),
    "room_layout": (9,),
    "jigsaw": (1000,),
    "segmentsemantic": (17, 256, 256),
    "normal": (3, 256, 256),
    "autoencoder": (3, 256, 256),
}
FEW = {"micro": ("3_33_333", "0_00_000", "1_12_310"), "macro": ("1114", "444311", "222133", "13341")}


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("task", SHAPES)
def test_counts_and_shapes_are_those_of_the_built_networks(name: str, task: str) -> None:
    """On torch's meta device: layers are made and shapes worked out, nothing is calculated."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    space = SPACES[name]
    # How often the image was halved matters to decoders of images only; nine tiles take long.
    count = 4 if len(SHAPES[task]) == 3 else 2 if task == "class_scene" else 1
    values = [space.encode(text) for text in FEW[name][-count:]]
    params, macs = (space.closed_form(metric, np.array(values), task) for metric in ("params", "macs"))
    for row, architecture in enumerate(values):
        with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
            network = space.build(architecture, task).eval()
            output = network(*space.example(task))
        assert output.shape == (1, *SHAPES[task])
        assert sum(p.numel() for p in network.parameters()) == params[row]
        assert counter.get_total_flops() == 2 * macs[row]


def test_counts_by_hand() -> None:
    """One module that doubles and halves, three plain ones, on an image of 256 x 256."""
    space = SPACES["macro"]
    stem = 3 * 32 * 9 + 2 * 32 + 32 * 64 * 9 + 2 * 64
    first = 64 * 128 * 9 + 3 * 128 * 128 * 9 + 64 * 128 + 5 * 2 * 128
    others = 3 * (4 * 128 * 128 * 9 + 4 * 2 * 128)
    classifier = 128 * 47 + 47
    values = np.array([space.encode("4111")])
    assert space.closed_form("params", values).tolist() == [stem + first + others + classifier]
    area = 32 * 32
    macs = (
        3 * 32 * 9 * 128**2 + 32 * 64 * 9 * 64**2 + (first - 5 * 2 * 128 + others - 3 * 4 * 2 * 128) * area + 128 * 47
    )
    assert space.closed_form("macs", values).tolist() == [macs]


def test_cells_with_the_same_id_have_modules_for_all_their_operations() -> None:
    """What cannot reach the output is built and counted too, as the benchmark did."""
    space = SPACES["micro"]
    dead, none = (space.encode(text) for text in ("3_00_000", "0_00_000"))
    assert space.canonical_id(dead) == space.canonical_id(none)
    more, less = space.closed_form("params", np.array([dead, none])).tolist()
    assert more > less


def test_a_skip_keeps_the_image_or_factorises_it() -> None:
    import torch

    from dinas_cli.spaces.shared.transnas.network import FactorizedReduce, skip_connect

    torch.manual_seed(0)
    x = torch.randn(2, 4, 8, 8)
    assert torch.equal(skip_connect(4, 4, 1)(x), x)
    reduce = skip_connect(4, 6, 2).eval()
    assert isinstance(reduce, FactorizedReduce)
    # The second half of the channels sees the pixels at odd places.
    odd, even = torch.zeros_like(x), torch.zeros_like(x)
    odd[:, :, 1::2, 1::2], even[:, :, ::2, ::2] = x[:, :, 1::2, 1::2], x[:, :, ::2, ::2]
    with torch.no_grad():
        both, from_odd, from_even = reduce(x), reduce(odd), reduce(even)
    assert both.shape == (2, 6, 4, 4)
    assert torch.equal(both[:, 3:], from_odd[:, 3:])
    assert torch.equal(both[:, :3], from_even[:, :3])


def test_a_cell_is_the_sum_it_says() -> None:
    import torch

    from dinas_cli.spaces.shared.transnas.network import Cell

    torch.manual_seed(0)
    x = torch.randn(2, 4, 8, 8)
    cell = Cell(("conv_3x3", "none", "skip_connect", "conv_1x1", "none", "conv_3x3"), 4, 8, 2).eval()
    with torch.no_grad():
        by_hand = cell.edges[3](x) + cell.edges[5](cell.edges[0](x))
        assert torch.allclose(cell(x), by_hand, atol=1e-6)
    assert Cell(("none",) * 6, 4, 8, 2)(x).abs().sum() == 0


def test_jigsaw_sees_tiles_one_place_at_a_time() -> None:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    space = SPACES["micro"]
    network = space.build(space.encode("2_00_020"), "jigsaw").eval()
    (tiles,) = space.example("jigsaw", 2)
    assert tiles.shape == (2, 9, 3, 64, 64)
    with torch.no_grad():
        together = network(tiles)
        swapped = network(tiles[:, [1, 0, *range(2, 9)]])
        each = [network.encoder(tiles[:, place]) for place in range(9)]  # type: ignore[operator]
        by_hand = network.decoder(torch.cat(each, 1))  # type: ignore[operator]
    assert torch.allclose(together, by_hand, atol=1e-4)
    assert not torch.allclose(together, swapped, atol=1e-4)


def test_exported_source_alone_computes_what_the_built_network_computes(tmp_path: Path) -> None:
    """One network per kind of decoder and space; batch norm is moved away from its defaults first."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(0)
    files = []
    for name, task, genotype in (
        ("micro", "class_scene", "1_20_012"),
        ("macro", "jigsaw", "1114"),
        ("macro", "segmentsemantic", "2311"),
        ("macro", "normal", "1411"),
    ):
        space = SPACES[name]
        values = space.encode(genotype)
        path = tmp_path / f"{name}_{task}.py"
        path.write_text(space.source(values, task, "seed: 1"), "utf-8")
        network = space.build(values, task)
        images = torch.randn((2, 9, 3, 32, 32) if task == "jigsaw" else (2, 3, 64, 64))
        files.append((path, network, (images,)))
    assert max(answer.gap for answer in compare(files)) <= 1e-5
    for _, network, (images,) in files:
        assert network(images).isfinite().all()


@pytest.mark.parametrize("name", SPACES)
def test_the_file_holds_names_and_numbers_of_the_space_and_comments(name: str) -> None:
    space = SPACES[name]
    values = space.encode(FEW[name][2])
    plain = space.source(values, "jigsaw")
    constants = {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in ast.parse(plain).body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        if statement.targets[0].id in ("MODULES", "CELL", "OUTPUTS", "IN_CHANNELS", "INPUT_SHAPE")
    }
    assert (
        constants
        == {
            "micro": {
                "MODULES": (4, 1, 4, 1, 4),
                "CELL": ("skip_connect", "skip_connect", "conv_1x1", "conv_3x3", "skip_connect", "none"),
                "OUTPUTS": 1000,
                "IN_CHANNELS": 3,
                "INPUT_SHAPE": (9, 3, 64, 64),
            },
            "macro": {
                "MODULES": (2, 2, 2, 1, 3, 3),
                "CELL": (),
                "OUTPUTS": 1000,
                "IN_CHANNELS": 3,
                "INPUT_SHAPE": (9, 3, 64, 64),
            },
        }[name]
    )
    assert max(map(len, plain.splitlines())) <= 120
    for header in HOSTILE:
        source = space.source(values, "jigsaw", header)
        assert ast.dump(ast.parse(source.encode())) == ast.dump(ast.parse(plain.encode()))


def test_unknown_task() -> None:
    with pytest.raises(UsageProblem, match="unknown dataset 'cifar10'"):
        SPACES["micro"].example("cifar10")
