"""Networks that give the maps after each stage: those that hooks see in the whole network, in every written form."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from runpy import run_path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from dinas_cli import build
from dinas_cli.spaces.registry import get_space
from tests.conftest import Cli

SIZES = {"channels": 8, "cells": 1, "image_size": 32, "in_channels": 1}
ONE_OPERATION = "|none~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|"


def seen(network: nn.Module, images: Tensor, parts: list[nn.Module]) -> list[Tensor]:
    """What parts of a network give."""
    found: list[Tensor] = []
    hooks = [part.register_forward_hook(lambda _part, _given, output: found.append(output)) for part in parts]
    network(images)
    for hook in hooks:
        hook.remove()
    return found


STAGES: dict[str, tuple[dict[str, int], Callable[[nn.Module], list[nn.Module]]]] = {
    "nasbench201": (SIZES, lambda net: [net.get_submodule(f"cells.{n}") for n in (0, 2, 4)]),
    "nasbench101": (SIZES, lambda net: [net.get_submodule(f"stacks.{n}") for n in range(3)]),
    "darts": (SIZES | {"cells": 6}, lambda net: [net.get_submodule(f"cells.{n}") for n in (1, 3, 5)]),
    "transnas-micro": (
        {"image_size": 32, "in_channels": 1},
        lambda net: [net.get_submodule(f"encoder.network.{n}") for n in ("stem", "layer1", "layer3", "layer4")],
    ),
}


@pytest.mark.parametrize("space", STAGES)
def test_maps_are_those_of_the_whole_network(space: str, cli: Cli, tmp_path: Path) -> None:
    sizes, stages = STAGES[space]
    target = get_space(space)
    genotype = target.decode(target.draw(1, 2)[0])
    name = next(iter(target.skeletons))  # type: ignore[attr-defined]
    whole = build(genotype, space, skeleton=name, **sizes).eval()  # type: ignore[arg-type]
    save_file(whole.state_dict(), tmp_path / "whole.safetensors")
    options = [item for option, size in sizes.items() for item in (f"--{option.replace('_', '-')}", size)]
    common = ["export", genotype, "-s", space, "--skeleton", name, *options, "--features"]
    result = cli(*common, "--to", "module", "--weights", tmp_path / "whole.safetensors", "-o", tmp_path / "maps.py")
    assert result.code == 0, result.err
    features = run_path(str(tmp_path / "maps.py"))["load"]().eval()
    images = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        expected = seen(whole, images, stages(whole))
        found = features(images)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one, other)
    edges = [one.shape[-1] for one in found]
    assert edges == sorted(set(edges), reverse=True)
    assert not {key for key in features.state_dict() if key.startswith(("classifier", "decoder", "lastact"))}


def test_the_benchmarks_own_network(cli: Cli, tmp_path: Path) -> None:
    result = cli("export", "301004", "-s", "nasbench201", "--features", "-o", tmp_path / "maps.py")
    assert result.code == 0, result.err
    maps = run_path(str(tmp_path / "maps.py"))["build"]()(torch.zeros(1, 3, 32, 32))
    assert [tuple(one.shape) for one in maps] == [(1, 16, 32, 32), (1, 32, 16, 16), (1, 64, 8, 8)]
    plain = cli("export", "301004", "-s", "nasbench201").out
    assert "class Features" not in plain
    assert [tuple(one.shape) for one in build("301004", "nasbench201", features=True)(torch.zeros(1, 3, 32, 32))]


def test_as_a_graph(cli: Cli, tmp_path: Path) -> None:
    args = ["export", ONE_OPERATION, "-s", "nasbench201", "--features", "--skeleton", "cifar"]
    args += ["--channels", "4", "--cells", "1"]
    result = cli(*args, "--image-size", 8, "--to", "torch-export", "-o", tmp_path / "maps.pt2")
    assert result.code == 0, result.err
    program = torch.export.load(tmp_path / "maps.pt2").module()
    assert [one.shape[-1] for one in program(torch.zeros(3, 3, 8, 8))] == [8, 4, 2]


def test_spaces_without_images(cli: Cli) -> None:
    genotype = json.dumps(get_space("nlp").decode(get_space("nlp").draw(1, 0)[0]))
    result = cli("export", json.loads(genotype), "-s", "nlp", "--features")
    assert result.code == 2
    assert "networks of nlp have no maps of images" in result.err
    result = cli("export", "1_11_111", "-s", "transnas-micro", "-d", "jigsaw", "--features")
    assert result.code == 2
    assert "jigsaw sees tiles, not images" in result.err
