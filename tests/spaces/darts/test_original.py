"""State dicts of the original DARTS networks load strictly into ours, and both compute the same."""

from __future__ import annotations

import random
from typing import Any

import pytest

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError
from dinas_cli.exporting.files import write
from dinas_cli.exporting.plan import plan
from dinas_cli.spaces.darts import text
from dinas_cli.spaces.darts.cells import OPERATIONS, as_written
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.shared.skeletons import choose
from tests.spaces.darts.test_space import V2
from tests.support.original_darts import OriginalNetwork
from tests.support.weights import assert_same, loaded_from, randomised

PC_DARTS_CIFAR = (
    "Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 0), ('dil_conv_3x3', 1), "
    "('sep_conv_5x5', 0), ('sep_conv_3x3', 1), ('avg_pool_3x3', 0), ('dil_conv_3x3', 1)], normal_concat=range(2, 6), "
    "reduce=[('sep_conv_5x5', 1), ('max_pool_3x3', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 2), ('sep_conv_3x3', 0), "
    "('sep_conv_3x3', 3), ('sep_conv_3x3', 1), ('sep_conv_3x3', 2)], reduce_concat=range(2, 6))"
)


def shuffled(seed: int) -> str:
    """A random genotype whose inputs are written in a random order."""
    order = random.Random(seed)
    pair = as_written(SPACE.draw(1, seed)[0].tolist())
    return text.write([[tuple(order.sample(inputs, 2)) for inputs in cell] for cell in pair])  # type: ignore[misc]


def members(genotype: str) -> dict[str, Any]:
    """A genotype as the authors' code has it, read by Python itself."""
    found: dict[str, Any] = eval(genotype, {"Genotype": dict, "range": range})
    return found


@pytest.mark.parametrize("genotype", [V2, PC_DARTS_CIFAR, *map(shuffled, range(3))], ids=["v2", "pc", "a", "b", "c"])
@pytest.mark.parametrize(("name", "size", "cells"), [("cifar", 32, 5), ("imagenet", 224, 4)])
def test_original_weights_load_and_compute_the_same(name: str, size: int, cells: int, genotype: str) -> None:
    import torch

    torch.set_num_threads(1)
    original = randomised(OriginalNetwork(members(genotype), 4, cells, 7, imagenet=name == "imagenet"))
    state = {name: tensor.clone() for name, tensor in original.state_dict().items()}
    images = torch.rand(2, 3, size, size, dtype=torch.float64)
    skeleton = choose(SPACE, name, channels=4, cells=cells, classes=7, image_size=size, auxiliary=True)
    values = SPACE.encode(genotype)
    built = SPACE.build(values, skeleton=skeleton).double()
    built.load_state_dict(state, strict=True)
    for network in (built, loaded_from(SPACE.source(values, skeleton=skeleton), state)):
        with torch.no_grad():
            assert_same(network.eval()(images), original.eval()(images)[0])
            # With batch statistics, which training moves: the logits of the auxiliary head too.
            network.load_state_dict(state)
            assert_same(network.train()(images), original.train()(images))
            original.load_state_dict(state)


@pytest.mark.parametrize("genotype", [V2, PC_DARTS_CIFAR])
def test_what_is_read_is_written_in_its_order(genotype: str) -> None:
    values = SPACE.encode(genotype)
    for dialect in SPACE.dialects:
        again = SPACE.encode(SPACE.decode(values, dialect))
        assert as_written(again) == as_written(values)
    expected = [name for cell in ("normal", "reduce") for name, _ in members(genotype)[cell]]
    assert [OPERATIONS[op] for cell in as_written(values) for pair in cell for _, op in pair] == expected
    assert SPACE.canonical_id(values) == SPACE.canonical_id(tuple(values))
    assert (SPACE.key(values), hash(values), values) == (SPACE.key(tuple(values)), hash(tuple(values)), tuple(values))


def test_one_cell_in_two_orders_does_not_fall_into_one_file(tmp_path: Any) -> None:
    """Weights of the one would load into the other and compute something else."""
    plain = SPACE.decode(tuple(SPACE.encode(PC_DARTS_CIFAR)))
    networks = [plan(Record("", "darts", genotype)) for genotype in (PC_DARTS_CIFAR, plain)]
    with pytest.raises(DinasError, match="would be files of one name"):
        write(networks, "pytorch", tmp_path / "nets")
    assert write([networks[0]] * 2, "pytorch", tmp_path / "nets").repeated == 1
