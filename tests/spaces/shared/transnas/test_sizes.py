"""TransNAS networks for images of any size and other classes: built, written and counted alike."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dinas_cli.errors import UsageProblem
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared import skeletons


@pytest.mark.parametrize("name", ["transnas-micro", "transnas-macro"])
@pytest.mark.parametrize("size", [8, 28, 50])
def test_counts_are_those_of_the_network(name: str, size: int) -> None:
    space = get_space(name)
    chosen = skeletons.choose(space, "taskonomy", classes=7, image_size=size, in_channels=1)
    for values in space.draw(2, size).tolist():
        built = skeletons.build(space, values, "class_object", chosen).eval()
        assert built(torch.zeros(2, 1, size, size)).shape == (2, 7)
        counted = skeletons.count(space, values, "class_object", chosen)
        assert counted == skeletons.count_built(space, values, "class_object", chosen)
        more = space.closed_form("memory", np.array([values]), "class_object", skeleton=chosen)  # type: ignore[call-arg]
        assert 4 * size**2 < int(more[0])


def test_other_tasks_keep_their_sizes() -> None:
    space = get_space("transnas-micro")
    chosen = skeletons.choose(space, "taskonomy", classes=7)
    with pytest.raises(UsageProblem, match="networks for normal have fixed sizes"):
        skeletons.build(space, space.draw(1, 0)[0], "normal", chosen)
