"""Skeletons: which options each space takes, in what range, and networks of the sizes asked for."""

from __future__ import annotations

from typing import Any

import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.skeletons import Skeleton, choose, skeletons_of

BEST = (3, 3, 3, 1, 3, 2)
SPACE = get_space("nasbench201")


def test_the_own_skeleton_has_no_options() -> None:
    assert choose(SPACE) is None
    assert choose(SPACE, "own", cells=None, auxiliary=None) is None
    for name in (None, "own"):
        with pytest.raises(UsageProblem, match="skeleton 'own' of nasbench201 takes no --cells") as caught:
            choose(SPACE, name, cells=3)
        assert (
            caught.value.hint
            == "skeletons: own, cifar (--channels, --cells, --classes, --image-size, --in-channels, --features)"
        )


def test_defaults_are_filled_in() -> None:
    assert choose(SPACE, "cifar", cells=2, classes=7) == Skeleton("cifar", channels=16, cells=2, classes=7)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"channels": 0}, "--channels 0 is out of range"),
        ({"cells": -1}, "--cells -1 is out of range"),
        ({"classes": 100_001}, "--classes 100001 is out of range"),
        ({"image_size": 4}, "--image-size 4 is out of range"),
        ({"drop_path": 0.2}, "takes no --drop-path"),
        ({"auxiliary": False}, "takes no --auxiliary"),
    ],
)
def test_what_a_skeleton_refuses(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageProblem, match=words):
        choose(SPACE, "cifar", **options)


def test_unknown_skeletons(toy: Space) -> None:
    with pytest.raises(UsageProblem, match="has no skeleton 'cifer'") as caught:
        choose(SPACE, "cifer")
    assert caught.value.hint == "did you mean 'cifar'? skeletons: own, cifar"
    with pytest.raises(UsageProblem, match="space 'toy' has no skeleton 'cifar'"):
        choose(toy, "cifar")


@pytest.mark.parametrize(
    ("space", "name"), [(space, name) for space in space_names() for name in skeletons_of(get_space(space))]
)
def test_every_skeleton_of_every_space_builds_with_its_defaults(space: str, name: str) -> None:
    import torch

    target = get_space(space)
    dataset = next(iter(target.datasets), None)
    skeleton = choose(target, name)
    values = tuple(target.draw(1, 5)[0].tolist())
    with torch.device("meta"), torch.no_grad():
        network = skeletons.build(target, values, dataset, skeleton).eval()
        outputs = network(*skeletons.example(target, dataset, 2, skeleton))
    assert outputs.shape[0] == 2
    # The file says the same network: same sizes of all weights.
    scope: dict[str, Any] = {"__name__": "net"}
    with torch.device("meta"):
        exec(compile(skeletons.source(target, values, dataset, "", skeleton), "net.py", "exec"), scope)
        again = scope["build"]()
    sizes = [(key, tensor.shape) for key, tensor in network.state_dict().items()]
    assert [(key, tensor.shape) for key, tensor in again.state_dict().items()] == sizes


@pytest.mark.parametrize(
    ("space", "name"), [(space, name) for space in space_names() for name in skeletons_of(get_space(space))]
)
def test_every_option_changes_the_network(space: str, name: str) -> None:
    import torch

    target = get_space(space)
    dataset = next(iter(target.datasets), None)
    values = tuple(target.draw(1, 5)[0].tolist())
    plain = choose(target, name)
    before = skeletons.source(target, values, dataset, "", plain)
    changes: dict[str, Any] = {"channels": 12, "cells": 6, "classes": 7, "image_size": 64, "drop_path": 0.05}
    for option, default in skeletons_of(target)[name].items():
        changed = choose(target, name, **{option: changes.get(option, not default)})
        assert skeletons.source(target, values, dataset, "", changed) != before
        if option == "classes":
            with torch.device("meta"), torch.no_grad():
                network = skeletons.build(target, values, dataset, changed).eval()
                outputs = network(*skeletons.example(target, dataset, 2, changed))
            assert outputs.shape == (2, 7)


def test_counts_without_arithmetic_are_the_closed_forms() -> None:
    values = SPACE.reference()[[SPACE.key(BEST)]]
    for dataset in SPACE.datasets:
        expected = tuple(int(SPACE.closed_form(metric, values, dataset)[0]) for metric in ("params", "macs"))
        assert (
            skeletons.count_built(SPACE, BEST, dataset, None) == skeletons.count(SPACE, BEST, dataset, None) == expected
        )


def test_counts_follow_the_skeleton() -> None:
    wide = choose(SPACE, "cifar", channels=32)
    params, macs = skeletons.count(SPACE, BEST, "cifar10", wide)
    own = skeletons.count(SPACE, BEST, "cifar10", None)
    assert 3.9 < params / own[0] < 4.1
    assert 3.9 < macs / own[1] < 4.1
    assert skeletons.count(SPACE, BEST, "cifar10", choose(SPACE, "cifar")) == own
