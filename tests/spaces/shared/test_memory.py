"""Peak activation memory: the closed walk against the operators of networks that are built, in every space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared import skeletons
from dinas_cli.spaces.shared.memory import Tape
from tests.support.activations import peak_elements
from tests.support.nightly import NIGHTLY

SMALL = {"channels": 8, "cells": 2, "image_size": 32, "in_channels": 1}
CASES = [
    ("nasbench201", None, "own", {}),
    ("nasbench201", "imagenet16-120", "cifar", {"cells": 1}),
    ("nasbench201", None, "cifar", SMALL),
    ("nasbench101", None, "own", {}),
    ("nasbench101", None, "cifar", SMALL),
    ("darts", None, "own", {}),
    ("darts", None, "cifar", {"cells": 5, "channels": 9, "auxiliary": True}),
    ("darts", None, "cifar", {"cells": 1, "channels": 4}),
    ("darts", None, "imagenet", {"cells": 4, "channels": 12, "image_size": 64}),
    *[("transnas-micro", task, "own", {}) for task in ("class_scene", "jigsaw")],
    *[("transnas-macro", task, "own", {}) for task in ("segmentsemantic", "autoencoder")],
    ("transnas-macro", "jigsaw", "taskonomy", {"in_channels": 1}),
]


@pytest.mark.parametrize(("name", "dataset", "skeleton", "sizes"), CASES)
def test_what_is_walked_is_what_runs(name: str, dataset: str | None, skeleton: str, sizes: dict[str, int]) -> None:
    space = get_space(name)
    chosen = skeletons.choose(space, skeleton, **sizes)
    rows = space.draw(3, 5)[: None if NIGHTLY else 1]
    given: dict[str, Any] = {} if chosen is None else {"skeleton": chosen}
    found = space.closed_form("memory", rows, dataset, **given)
    with torch.device("meta"):
        for row, number in zip(rows.tolist(), found.tolist(), strict=True):
            network = skeletons.build(space, row, dataset, chosen)
            assert number == 4 * peak_elements(network, skeletons.example(space, dataset, 1, chosen)), space.decode(row)
    int8 = space.closed_form("memory_int8", rows, dataset, **given)
    assert np.array_equal(4 * int8, found)


def test_cells_of_nothing() -> None:
    """Where nothing reaches the output, zeros do."""
    for name in ("nasbench201", "transnas-micro"):
        (found,) = get_space(name).closed_form("memory", np.zeros((1, 6), np.int8))
        assert found > 0


def test_a_diamond() -> None:
    """The input is kept until its second reader is done; what nothing reads does not run."""
    tape = Tape(10)
    left = tape.make(4, [0])
    tape.make(1000, [left])
    right = tape.make(5, [0])
    tape.make(6, [left, right])
    assert tape.peak() == 10 + 4 + 5
    assert tape.run(3, None) is None
    assert tape.add(3, None, left) == left
    assert tape.join(4, [left]) == left


def test_spaces_whose_networks_are_not_of_images_do_not_know_it() -> None:
    for name in ("nlp", "nasbench-graph"):
        assert "memory" not in [spec.name for spec in get_space(name).metrics]
