"""The networks of Accel-NASBench: choices of blocks, dialects, refusals, counts, what devices charge for."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from dinas_cli.errors import UsageProblem
from dinas_cli.oracles import devices
from dinas_cli.oracles.measuring import latency, setting_here
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.settings import published
from dinas_cli.spaces.shared.skeletons import choose, count, count_built
from tests.conftest import Cli
from tests.support.spaces import assert_refused, drawn_from_legal_types

SPACE = get_space("mnasnet")
B0 = "e1k3l1s,e6k3l2s,e6k5l2s,e6k3l3s,e6k5l3s,e6k5l4s,e6k3l1s"
"""EfficientNet-B0, as the benchmark's README writes it."""


def test_choices_are_those_of_the_benchmark() -> None:
    assert SPACE.layout.choices == (3, 2, 3, 2) * 5 + (3, 2, 4, 2) + (3, 2, 3, 2)
    assert SPACE.counts() == {"genotypes": 36**6 * 48}  # type: ignore[attr-defined]
    drawn = drawn_from_legal_types(SPACE, 200, 1)
    assert len({SPACE.canonical_id(row) for row in drawn.tolist()}) == 200


def test_dialects() -> None:
    values = SPACE.encode(B0)
    lists = [[1, 6, 6, 6, 6, 6, 6], [3, 3, 5, 3, 5, 5, 3], [1, 2, 2, 3, 3, 4, 1], [True] * 7]
    assert SPACE.decode(values, "lists") == str(lists)
    members = json.loads(SPACE.decode(values, "json"))
    assert members["block5_l"] == 4
    assert members["block0_se"] is True
    for text in (str(lists), json.dumps(lists), json.dumps({"architecture": members, "metrics": {}}), repr(members)):
        assert SPACE.encode(text) == values


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        (B0.replace("e1", "e3"), "block 1: expansion 3 is none of 1, 4 or 6"),
        (B0.replace("k5l4", "k7l4"), "block 6: kernel size 7 is none of 3 or 5"),
        (B0.replace("l2s", "l4s", 1), "block 2: number of layers 4 is none of 1, 2 or 3"),
        (B0.replace("l1s", "l0s", 1), "block 1: number of layers 0 is none of 1, 2 or 3"),
        (B0.rpartition(",")[0], "has 7 blocks, not 6"),
        (B0 + ",e1k3l1", "has 7 blocks, not 8"),
        (B0.replace("s", "x"), "is no mnasnet network"),
        ("[[1], [3], [1], [True]]", "is not four lists of 7"),
        (str([[1.5] * 7, [3] * 7, [1] * 7, [True] * 7]), "'1.5' is not a whole number"),
        (str([[1] * 7, [3] * 7, [1] * 7, [1] * 7]), "squeeze-excite is '1', not true or false"),
        ('{"block0_e": 1}', "the network has no block0_k"),
    ],
)
def test_refusals(genotype: str, rule: str) -> None:
    assert_refused(SPACE, genotype, rule)


def test_counts_are_those_of_torch_for_any_images() -> None:
    for row in SPACE.draw(2, 3).tolist():
        for sizes in ({}, {"classes": 3, "image_size": 65, "in_channels": 1}):
            skeleton = choose(SPACE, "imagenet", **sizes)
            assert count(SPACE, row, None, skeleton) == count_built(SPACE, row, None, skeleton)


def test_efficientnet_b0_has_the_sizes_that_are_known_of_it() -> None:
    """5,288,548 parameters with stem and head: the paper's 5.3 M."""
    assert SPACE.closed_form("params", np.array([SPACE.encode(B0)]))[0] == 5_288_548


def test_published_counts_are_larger() -> None:
    rows = SPACE.draw(50, 1)
    ours, theirs = (SPACE.closed_form(metric, rows) for metric in ("macs", "published_macs"))
    assert (theirs > 1.02 * ours).all()
    assert (theirs < 1.25 * ours).all()


def test_parts_of_macs_add_up_in_operators() -> None:
    rows = SPACE.draw(50, 2)
    (operators,) = SPACE.operators(rows)
    assert operators.shape == (50, 57)
    np.testing.assert_allclose(operators[:, 8:].reshape(50, 7, 7).sum(1), operators[:, :7])
    single = SPACE.encode("e1k3l1,e1k3l1,e1k3l1,e1k3l1,e1k3l1,e1k3l1,e1k3l1")
    (counted,) = SPACE.operators(np.array([single]))
    assert counted[0, 2] == counted[0, 4] == counted[0, 5] == 0  # no kernel of 5, no gate
    assert counted[0, 7] == 7


def test_networks_on_this_machine() -> None:
    values = SPACE.encode(B0.replace("e6", "e1"))
    skeleton = choose(SPACE, "imagenet", image_size=64, classes=5)
    setting = setting_here(SPACE, None, skeleton)
    assert setting.sizes == {"classes": 5, "image_size": 64}
    assert latency(SPACE, values, setting, seconds=0.01).median > 0
    network = SPACE.build(values).eval()
    assert network(torch.zeros(1, 3, 64, 64)).shape == torch.Size([1, 1000])


def test_this_machine_becomes_a_device(cli: Cli) -> None:
    sizes = ("--image-size", 32, "--classes", 5)
    result = cli("devices", "measure", "box", "-s", "mnasnet", "-n", 8, "--skeleton", "imagenet", *sizes)
    assert result.code == 0, result.err
    (device,) = devices.load_all("mnasnet")
    assert device.setting is not None
    assert device.setting.sizes == {"classes": 5, "image_size": 32}
    assert len(device.measurements) == 8
    assert "--device box --space mnasnet\n" in result.err


def test_what_published_costs_are_about() -> None:
    setting = published(SPACE, "zcu102", None)
    assert setting is not None
    assert setting.sizes == {"classes": 1000, "image_size": 224}
    assert published(SPACE, "mine", None) is None
    with pytest.raises(UsageProblem, match="unknown dataset 'cifar10'"):
        SPACE.build(SPACE.encode(B0), "cifar10")
