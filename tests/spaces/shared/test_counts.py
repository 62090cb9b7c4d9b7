"""Closed forms of parameters and multiply-accumulates, against networks built in skeletons of all sizes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.skeletons import build, choose, count, count_built, example, skeletons_of, source

SKELETONS = [(space, name) for space in space_names() for name in skeletons_of(get_space(space))]
SIZED = [(space, name) for space, name in SKELETONS if "channels" in skeletons_of(get_space(space))[name]]

SIZES: list[dict[str, Any]] = [
    {},
    {"channels": 5, "cells": 1, "classes": 1, "image_size": 8},
    {"channels": 6, "cells": 2, "classes": 7, "image_size": 1024},
    {"channels": 7, "cells": 3, "classes": 99_999, "image_size": 36, "in_channels": 1, "auxiliary": True},
    {"channels": 31, "cells": 4, "classes": 13, "image_size": 224, "in_channels": 1, "auxiliary": True},
    {"channels": 64, "cells": 8, "classes": 2, "image_size": 96, "in_channels": 12, "drop_path": 0.3},
]
"""With one cell both reductions of a DARTS network fall together, with two there is no normal cell."""


def sizes_for(space: str, name: str, number: int) -> dict[str, Any]:
    """Those of the sizes that a skeleton has; images of the ImageNet stem are multiples of 32, for its head 224."""
    known = skeletons_of(get_space(space))[name]
    sizes = {option: size for option, size in SIZES[number].items() if option in known}
    if name == "imagenet" and "image_size" in sizes:
        sizes["image_size"] = max(-(-sizes["image_size"] // 32) * 32, 224 if sizes.get("auxiliary") else 32)
    return sizes


@pytest.mark.parametrize("number", range(len(SIZES)))
@pytest.mark.parametrize(("space", "name"), SKELETONS)
def test_closed_forms_are_the_counts_of_built_networks(space: str, name: str, number: int) -> None:
    target = get_space(space)
    skeleton = choose(target, name, **sizes_for(space, name, number))
    for place, row in enumerate(target.draw(2, 100 + number).tolist()):
        dataset = target.datasets[place % len(target.datasets)] if target.datasets else None
        assert count(target, row, dataset, skeleton) == count_built(target, row, dataset, skeleton), (row, dataset)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")  # half of one channel
@pytest.mark.parametrize(("space", "name"), [pair for pair in SIZED if pair[0] != "nasbench101"])
def test_one_channel(space: str, name: str) -> None:
    target = get_space(space)
    skeleton = choose(target, name, channels=1, cells=2)
    for row in target.draw(3, 0).tolist():
        assert count(target, row, None, skeleton) == count_built(target, row, None, skeleton)


@pytest.mark.parametrize(("space", "name"), SIZED)
def test_the_largest_networks_do_not_overflow(space: str, name: str) -> None:
    """From six cells on, three more always add the same."""
    target = get_space(space)
    (row,) = target.draw(1, 1).tolist()
    sizes = {"channels": 4096, "classes": 100_000, "image_size": 1024}
    six, nine, most = (count(target, row, None, choose(target, name, **sizes, cells=cells)) for cells in (6, 9, 198))
    assert most == tuple(first + 64 * (second - first) for first, second in zip(six, nine, strict=True))


@pytest.mark.parametrize(("space", "name"), SIZED)
def test_many_architectures_at_once(space: str, name: str) -> None:
    target = get_space(space)
    skeleton, rows = choose(target, name, channels=8), target.draw(20, 2)
    columns = [target.closed_form(metric, rows, None, skeleton=skeleton) for metric in ("params", "macs")]  # type: ignore[call-arg]  # an Adjustable
    assert np.stack(columns, 1).tolist() == [list(count(target, row, None, skeleton)) for row in rows.tolist()]


def test_the_benchmarks_own_network_is_a_skeleton_too() -> None:
    for space, name in (("nasbench201", "cifar"), ("nasbench101", "cifar"), ("transnas-macro", "taskonomy")):
        target = get_space(space)
        (row,) = target.draw(1, 3).tolist()
        assert count(target, row, None, choose(target, name)) == count(target, row, None, None)


@pytest.mark.parametrize(("space", "name"), SKELETONS)
def test_images_of_one_channel(space: str, name: str) -> None:
    """What is built and what is written take them, on every dataset; the first convolution alone is smaller."""
    import torch

    target = get_space(space)
    grey = choose(target, name, in_channels=1)
    (row,) = target.draw(1, 4).tolist()
    for dataset in target.datasets or (None,):
        (images,) = example(target, dataset, 2, grey)
        assert images.shape[-3] == 1
        if dataset in (*target.datasets[:1], None):
            namespace: dict[str, Any] = {"__name__": "net"}
            exec(source(target, row, dataset, "", grey), namespace)
            assert namespace["INPUT_SHAPE"] == tuple(images.shape[1:])
            with torch.device("meta"), torch.no_grad():
                written, built = namespace["build"]().eval(), build(target, row, dataset, grey).eval()
                assert written(images.to("meta")).shape == built(images.to("meta")).shape
        less = count(target, row, dataset, choose(target, name))[0] - count(target, row, dataset, grey)[0]
        with torch.device("meta"):
            kernels = next(p for p in build(target, row, dataset, grey).parameters() if p.ndim == 4)
        assert kernels.shape[1] == 1
        assert less == 2 * kernels.numel()


@pytest.mark.parametrize("size", [10, 30, 33])
def test_images_that_cannot_be_halved_are_refused(size: int) -> None:
    """NAS-Bench-201's residual blocks add what convolutions and pooling make of an image, alike for even sizes."""
    target = get_space("nasbench201")
    (row,) = target.draw(1, 3).tolist()
    for ask in (count, count_built):
        with pytest.raises(UsageProblem, match=f"--image-size {size} cannot be halved twice"):
            ask(target, row, None, choose(target, "cifar", image_size=size))


CODE = """
import sys
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.skeletons import choose, count, skeletons_of
for space in map(get_space, space_names()):
    (row,) = space.draw(1, 0).tolist()
    for name in skeletons_of(space):
        assert min(count(space, row, None, choose(space, name))) > 0
sys.exit('torch' in sys.modules)
"""


def test_counting_needs_no_torch() -> None:
    assert subprocess.run([sys.executable, "-c", CODE], check=False).returncode == 0
