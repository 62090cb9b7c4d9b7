"""State dicts of the original networks of TransNAS-Bench-101 load strictly into ours, and both compute the same."""

from __future__ import annotations

import pytest

from dinas_cli.spaces.registry import get_space
from tests.support.original_transnas import OriginalNetwork
from tests.support.weights import assert_same, loaded_from, randomised


@pytest.mark.parametrize(
    ("space", "architecture", "task"),
    [
        ("transnas-micro", "64-41414-3_12_320", "class_scene"),
        ("transnas-micro", "64-41414-1_01_231", "jigsaw"),
        ("transnas-macro", "64-4311-basic", "class_scene"),
        ("transnas-macro", "64-1214-basic", "segmentsemantic"),
        ("transnas-macro", "64-2113-basic", "normal"),
        ("transnas-macro", "64-33332-basic", "normal"),
    ],
)
def test_original_weights_load_and_compute_the_same(space: str, architecture: str, task: str) -> None:
    import torch

    torch.set_num_threads(1)
    target = get_space(space)
    values = target.encode(architecture)
    original = randomised(OriginalNetwork(architecture, task)).eval()
    state = original.state_dict()
    built = target.build(values, task).double()
    built.load_state_dict(state, strict=True)
    images = torch.rand((2, 9, 3, 32, 32) if task == "jigsaw" else (2, 3, 64, 64), dtype=torch.float64)
    with torch.no_grad():
        for network in (built, loaded_from(target.source(values, task), state)):
            assert_same(network.eval()(images), original(images))
