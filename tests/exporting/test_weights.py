"""Published weights: state dicts of original networks come out under our names and compute the same, or are refused."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError, NotFoundError
from dinas_cli.exporting.files import write
from dinas_cli.exporting.plan import plan
from dinas_cli.exporting.weights import read
from dinas_cli.spaces.nasbench101.cells import compact, edges_of
from dinas_cli.spaces.registry import get_space
from dinas_cli.testing.alone import compare
from tests.support import original_nasbench101, original_nlp, original_transnas
from tests.support.weights import assert_same, randomised

NB101 = ("conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3")


def saved(path: Path, network: Any, state: Mapping[str, Any] | None = None, wrap: str = "") -> Path:
    """The state dict of a network, as training code leaves it."""
    import torch

    found = {name: tensor.float() for name, tensor in (state or network.state_dict()).items()}
    torch.save({wrap: found, "epoch": 3} if wrap else found, path)
    return path


def spec(seed: int, useless: bool = False) -> tuple[str, list[list[int]], list[str]]:
    """A random cell of nasbench101 whose vertices come in a random order: its text, its pruned matrix and operations.

    ``useless`` gives the text a vertex that leads nowhere.
    """
    space, order = get_space("nasbench101"), random.Random(seed)
    values = space.draw(1, seed)[0].tolist()
    operations, edges = compact(values)
    last = len(operations) + 1
    assert len(edges) == len(edges_of(values))
    found: list[int] = []
    while len(found) < len(operations):
        ready = [v for v in range(1, last) if v not in found and all(i in (0, *found) for i, j in edges if j == v)]
        found.append(order.choice(ready))
    place = {0: 0, last: last, **{vertex: number for number, vertex in enumerate(found, 1)}}
    matrix = [[0] * (last + 1) for _ in range(last + 1)]
    for i, j in edges:
        matrix[place[i]][place[j]] = 1
    ops = ["input", *(NB101[operations[vertex - 1]] for vertex in found), "output"]
    wide, named = matrix, ops
    if useless:
        wide = [[*row[:last], 0, row[last]] for row in matrix]
        wide = [*wide[:last], [0] * (last + 2), wide[last]]
        wide[0][last] = 1
        named = [*ops[:last], NB101[0], "output"]
    return json.dumps({"matrix": wide, "ops": named}), matrix, ops


@pytest.mark.parametrize("seed", range(8))
def test_nasbench101(tmp_path: Path, seed: int) -> None:
    """With 16 channels and three ends of a cell their widths differ, and with them what the order of vertices means."""
    import torch

    torch.set_num_threads(1)
    text, matrix, ops = spec(seed, useless=seed == 3)
    original = randomised(original_nasbench101.OriginalNetwork(matrix, ops, 16, 2, 5)).eval()
    weights = read(saved(tmp_path / "official.pt", original, wrap="state_dict"))
    sizes = {"channels": 16, "cells": 2, "classes": 5, "image_size": 8}
    network = plan(Record("", "nasbench101", text), None, "cifar", sizes, weights)
    built, images = network.build().double().eval(), torch.rand(2, 3, 8, 8, dtype=torch.float64)
    with torch.no_grad():
        assert_same(built(images), original.float().double()(images))
    assert network.counts[0] == sum(p.numel() for p in built.parameters())
    # What the file says of itself is what it holds.
    assert json.loads(network.record.genotype)["ops"] == ops
    again = plan(Record("", "nasbench101", network.record.genotype), None, "cifar", sizes, weights)
    with torch.no_grad():
        assert_same(again.build().double().eval()(images), original(images))


def recipe(seed: int) -> tuple[str, original_nlp.Recipe]:
    """A random cell of nlp with names of its own, its nodes and their inputs in a random order."""
    space, order = get_space("nlp"), random.Random(seed)
    plain: original_nlp.Recipe = json.loads(space.decode(space.draw(1, seed)[0].tolist()))
    names = {name: f"n{number}" if name.startswith("node_") else name for number, name in enumerate(plain)}
    three = "h_new_2" in plain and seed % 2
    swapped = {f"h_{when}_{i}": f"h_{when}_{3 - i}" for when in ("new", "prev") for i in (1, 2)} if three else {}
    found = {}
    for name in order.sample(list(plain), len(plain)):
        inputs = [swapped.get(source, names.get(source, source)) for source in plain[name]["input"]]
        if plain[name]["op"] != "blend":
            order.shuffle(inputs)
        found[swapped.get(name, names[name])] = {"op": plain[name]["op"], "input": inputs}
    return json.dumps(found), found


@pytest.mark.parametrize("seed", range(6))
def test_nlp(tmp_path: Path, seed: int) -> None:
    import torch

    torch.set_num_threads(1)
    text, nodes = recipe(seed)
    original: Any = randomised(original_nlp.OriginalModel(nodes, 10_000, 400, 600)).eval()
    with torch.no_grad():
        for parameter in original.parameters():
            parameter.mul_(0.1).copy_(parameter.float())
    weights = read(saved(tmp_path / "official.pt", original, original.official_state()))
    network = plan(Record("", "nlp", text), weights=weights)
    tokens = torch.randint(10_000, (4, 2))
    with torch.no_grad():
        assert_same(network.build().double().eval()(tokens), original(tokens))


def test_encoder_and_decoder_that_were_saved_apart(tmp_path: Path) -> None:
    import torch

    torch.set_num_threads(1)
    original = randomised(original_transnas.OriginalNetwork("64-1214-basic", "normal")).float().eval()
    parts = {name: getattr(original, name).state_dict() for name in ("encoder", "decoder")}
    parts["encoder"] = {f"module.{name}": tensor for name, tensor in parts["encoder"].items()}
    torch.save({**parts, "discriminator": {"weight": torch.ones(3)}}, tmp_path / "both.pt")
    network = plan(Record("", "transnas-macro", "1214"), "normal", weights=read(tmp_path / "both.pt"))
    images = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(network.build().eval()(images), original(images), atol=1e-6)


def test_a_module_with_published_weights_stands_alone(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    torch.set_num_threads(1)
    text, matrix, ops = spec(1)
    original = randomised(original_nasbench101.OriginalNetwork(matrix, ops, 16, 2, 5)).float()
    weights = read(saved(tmp_path / "official.pt", original))
    sizes = {"channels": 16, "cells": 2, "classes": 5, "image_size": 8}
    network = plan(Record("", "nasbench101", text), None, "cifar", sizes, weights)
    write([network], "module", tmp_path / "net.py")
    source = (tmp_path / "net.py").read_text("utf-8")
    assert f"# weights: official.pt, sha256 {weights.sha256}\n" in source
    assert str(tmp_path) not in source
    built = network.build()
    state = load_file(tmp_path / "net.safetensors")
    assert all(torch.equal(tensor, state[name]) for name, tensor in built.state_dict().items())
    (answer,) = compare([(tmp_path / "net.py", built, network.example(2))])
    assert answer.gap <= 1e-6


class Anything:
    """What no file of weights may ask for."""


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    import torch

    record = Record("", "nasbench201", "333132")
    space = get_space("nasbench201")
    own = space.build(space.encode("333132")).state_dict()
    other = space.build(space.encode("133132")).state_dict()
    hundred = space.build(space.encode("333132"), "cifar100").state_dict()
    grown = {**own, "cells.0.layers.0.op.1.wei\x1bght": torch.ones(1), **{f"x{i}": torch.ones(1) for i in range(5)}}
    for state, message in (
        (other, "it has no cells.0.layers.0.op.1.weight, cells.0.layers.0.op.2.weight, cells.0.layers.0.op.2.bias and"),
        (grown, "the network has no cells.0.layers.0.op.1.wei"),
        (hundred, "classifier.weight is (100, 64), not (10, 64)"),
    ):
        torch.save(state, tmp_path / "official.pt")
        with pytest.raises(DinasError) as told:
            plan(record, weights=read(tmp_path / "official.pt")).build()
        assert told.value.message.startswith(f"official.pt does not fit the network: {message}"), told.value.message
        assert told.value.message.isprintable()
        assert told.value.hint is not None
    # The counters that old versions of torch did not save.
    torch.save({name: t for name, t in own.items() if not name.endswith("batches_tracked")}, tmp_path / "official.pt")
    built = plan(record, weights=read(tmp_path / "official.pt")).build()
    assert torch.equal(built.state_dict()["stem.0.weight"], own["stem.0.weight"])


def test_nothing_but_tensors_is_read(tmp_path: Path) -> None:
    import torch

    torch.save({"state_dict": {"a": torch.ones(1)}, "args": Anything()}, tmp_path / "official.pt")
    (tmp_path / "short.safetensors").write_bytes(b"\xff" * 20)
    torch.save([1, 2], tmp_path / "list.pt")
    for name, error in (("official.pt", "holds something else than tensors"), ("list.pt", "holds no weights"),
                        ("short.safetensors", "holds something else than tensors")):  # fmt: skip
        with pytest.raises(DinasError, match=error) as told:
            read(tmp_path / name)
        assert told.value.hint == "save the tensors alone: torch.save(model.state_dict(), FILE)"
    with pytest.raises(NotFoundError, match=r"no such file: .*none.pt"):
        read(tmp_path / "none.pt")


def test_nasbench201(tmp_path: Path) -> None:
    """The benchmark's network written anew, with the names of its authors' code, under which its weights load as is."""
    import torch
    from torch import nn

    torch.set_num_threads(1)

    def conv(before: int, after: int, kernel: int, stride: int = 1) -> nn.Module:
        layers = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(after)
        made = nn.Module()
        made.op = nn.Sequential(nn.ReLU(), *layers)
        return made

    def cell(c: int) -> nn.Module:
        """|3x3~0|+|skip~0|1x1~1|+|pool~0|none~1|3x3~2|"""
        made = nn.Module()
        made.layers = nn.ModuleList(
            [conv(c, c, 3), nn.Identity(), conv(c, c, 1), nn.Identity(), nn.Identity(), conv(c, c, 3)]
        )
        return made

    def between(c: int) -> nn.Module:
        made = nn.Module()
        made.conv_a, made.conv_b = conv(c, 2 * c, 3, 2), conv(2 * c, 2 * c, 3)
        made.downsample = nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(c, 2 * c, 1, bias=False))
        return made

    original: Any = nn.Module()
    original.stem = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16))
    stages = [[cell(c) for _ in range(5)] for c in (16, 32, 64)]
    original.cells = nn.ModuleList([*stages[0], between(16), *stages[1], between(32), *stages[2]])
    original.lastact = nn.Sequential(nn.BatchNorm2d(64), nn.ReLU())
    original.classifier = nn.Linear(64, 10)
    randomised(original).float().double().eval()
    weights = read(saved(tmp_path / "official.pt", original, wrap="model"))
    text = "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|"
    built = plan(Record("", "nasbench201", text), weights=weights).build().double().eval()
    images = torch.rand(2, 3, 16, 16, dtype=torch.float64)
    with torch.no_grad():
        x = original.stem(images)
        for part in original.cells:
            if hasattr(part, "layers"):
                edge = part.layers
                one = edge[0].op(x)
                two = x + edge[2].op(one)
                x = nn.functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False) + edge[5].op(two)
            else:
                x = part.downsample(x) + part.conv_b.op(part.conv_a.op(x))
        assert_same(built(images), original.classifier(original.lastact(x).mean((2, 3))))
