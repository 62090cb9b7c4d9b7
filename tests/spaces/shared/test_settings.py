"""Settings: what the costs of every shipped device are about, as data and in words, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.errors import UsageProblem
from dinas_cli.files.columns import split_column
from dinas_cli.oracles.devices import load
from dinas_cli.spaces.darts.skeletons import CPU_1T, DEVICE
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.settings import SIZES, Setting, published, setting_of
from dinas_cli.spaces.shared.skeletons import Skeleton
from tests.conftest import ROOT

DARTS, NB201 = get_space("darts"), get_space("nasbench201")


@pytest.mark.parametrize("name", space_names())
def test_every_shipped_device_says_what_its_costs_are_about(name: str) -> None:
    space = get_space(name)
    surrogate = oracles_at_hand(space, table=False).surrogate
    if surrogate is None:
        pytest.skip(f"{name} has no bundled surrogate")
    for column in surrogate.columns():
        _, device, dataset = split_column(column)
        if device is not None:
            setting = published(space, device, dataset)
            assert setting is not None, column
            assert setting.dataset == dataset
            assert Setting.from_dict(space, json.loads(json.dumps(setting.to_dict()))) == setting


@pytest.mark.parametrize("name", [name for name in space_names() if skeletons.skeletons_of(get_space(name))])
def test_the_own_network_has_the_sizes_that_it_is_said_to_have(name: str) -> None:
    space = get_space(name)
    values = tuple(space.draw(1, 3)[0].tolist())
    for dataset in space.datasets or (None,):
        own = skeletons.own(space, dataset)
        sizes: dict[str, Any] = {size: getattr(own, size) for size in SIZES}
        alike = skeletons.choose(space, next(iter(skeletons.skeletons_of(space))), **sizes)
        assert skeletons.count(space, values, dataset, alike) == skeletons.count(space, values, dataset, None)


def test_in_words() -> None:
    assert Setting(Skeleton("cifar", 16, 5, 10, 32), None, 16, True, "on a board").describe() == (
        "the cifar network (5 cells, 16 channels, 10 classes, 32 × 32 pixels), 16 images at once, per image, on a board"
    )
    assert published(NB201, "fpga", "cifar100").describe(skeletons.counted(NB201)) == (  # type: ignore[union-attr]
        "the benchmark's own network for cifar100 (5 cells per stage, 16 channels, 100 classes, 32 × 32 pixels), "
        "1 image at once"
    )
    assert published(NB201, "titanx_32", None).describe() == (  # type: ignore[union-attr]
        "the benchmark's own network (5 cells, 16 channels), 32 images at once, per call"
    )
    spec = next(spec for spec in DARTS.metrics if spec.name == "latency")
    assert CPU_1T.describe() in spec.title


def test_devices_that_nobody_published(toy: Any) -> None:
    assert published(DARTS, "mine", None) is None
    assert published(NB201, "fpga", None) is None
    assert published(NB201, "gold_6226", "cifar10") is None
    assert published(toy, "b", None) is None


def test_sizes_that_were_left_out_are_those_of_the_own_network() -> None:
    wide = setting_of(NB201, skeletons.choose(NB201, "cifar", channels=32), "cifar100", 4)
    assert wide.sizes == {"cells": 5, "channels": 32, "classes": 100, "image_size": 32}
    anywhere = setting_of(NB201, None, None)
    assert anywhere.sizes == {"cells": 5, "channels": 16}, "datasets differ in the rest"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"skeleton": "cifer"}, "no skeleton 'cifer'"),
        ({"skeleton": None}, "not of the type str"),
        ({"cells": 0}, "--cells 0 is out of range"),
        ({"cells": True}, "not of the type int"),
        ({"channels": "16"}, "not of the type int"),
        ({"skeleton": "own", "classes": 10**9}, "out of range"),
        ({"batch": 0}, "0 inputs at once"),
        ({"batch": 1.5}, "not of the type int"),
        ({"dataset": "cifar10"}, "unknown dataset 'cifar10'"),
        ({"dataset": ["x"]}, "unknown dataset"),
        ({"per_input": "yes"}, "not of the type bool"),
        ({"run": 3}, "not of the type str"),
    ],
)
def test_what_is_no_setting(change: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageProblem, match=words) as caught:
        Setting.from_dict(DARTS, CPU_1T.to_dict() | change)
    assert caught.value.message.startswith("a network cannot be read: ")


@pytest.mark.parametrize("data", [None, 3, [], "cifar", {}])
def test_what_is_no_object(data: Any) -> None:
    with pytest.raises(UsageProblem, match="a network cannot be read"):
        Setting.from_dict(DARTS, data)


def test_words_from_outside_move_no_cursor() -> None:
    setting = Setting.from_dict(DARTS, CPU_1T.to_dict() | {"run": "a\x1b[2J\nb" + "c" * 999})
    assert setting.run.isprintable() or "\N{REPLACEMENT CHARACTER}" in setting.run
    assert "\x1b" not in setting.run
    assert "\n" not in setting.run
    assert len(setting.run) <= 200


def test_the_docs_say_the_same_of_the_default_device() -> None:
    text = (ROOT / "docs" / "spaces.md").read_text("utf-8")
    network = CPU_1T.network
    assert f"per image of a network of {network.cells} cells and {network.channels} channels exactly as" in text
    assert f"{CPU_1T.batch} CIFAR images at once, {CPU_1T.run} core" in text
    assert f"`--skeleton cifar --cells {network.cells} --channels {network.channels} --batch {CPU_1T.batch}`" in text


def test_what_was_measured_of_the_default_device_is_what_it_is_said_to_be_about() -> None:
    measured = load(ROOT / "benchmarks" / "measurements" / f"darts-{DEVICE}.json")
    assert measured.setting == CPU_1T
    costs = sorted(cost for _, cost in measured.measurements if cost is not None)
    assert 0.25 <= sum(cost <= 2 for cost in costs) / len(costs) <= 0.5, "2 ms is a limit worth asking for"
