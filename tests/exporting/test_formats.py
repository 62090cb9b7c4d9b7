"""What a network is written as: files that load and compute what it computes, and refusals in one line."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli.architectures.schema import Record
from dinas_cli.errors import DinasError, NotFoundError
from dinas_cli.exporting import formats
from dinas_cli.exporting.files import write
from dinas_cli.exporting.plan import FORMATS, Network, plan
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.spaces.shared.protocol import Space
from dinas_cli.spaces.shared.skeletons import skeletons_of
from tests.support.nightly import by_day
from tests.support.spaces import LARGER, small

EVERY = [name for name in space_names() if name not in LARGER]
SPACES = by_day(EVERY, ("nasbench201", "nats-size"))
SMALL = {"channels": 8, "cells": 1}
"""Of a network that is quickly traced."""
CELLS = {"darts": 3}
"""How many it takes for one of every kind, where that is more than one."""


def network(space: str, seed: int = 3, **changes: Any) -> Network:
    """A network of a random architecture, small where the space has a skeleton for that."""
    target = get_space(space)
    record = Record("", space, target.decode(target.draw(1, seed)[0].tolist()), **changes)
    if skeletons_of(target).get("cifar", {}).keys() >= SMALL.keys():
        return plan(record, skeleton="cifar", options=SMALL | {"cells": CELLS.get(space, 1)})
    return plan(record)


def outputs(built: Any, inputs: Any) -> list[np.ndarray]:
    import torch
    from torch.utils._pytree import tree_leaves

    with torch.no_grad():
        return [tensor.numpy() for tensor in tree_leaves(built(*inputs))]


def assert_close(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        assert np.abs(one - other).max() <= 1e-5


@pytest.mark.parametrize("space", by_day(EVERY, ("nasbench201", "nasbench-graph", "gpt-s", "mnasnet")))
def test_module_loads_in_two_lines_in_an_interpreter_without_dinas(
    tmp_path: Path, space: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    small(monkeypatch, space)
    torch.set_num_threads(1)
    net = network(space)
    write([net], "module", tmp_path / "net.py", seed=5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.py", "net.safetensors"]
    built = net.build(5).eval()
    inputs = net.example(2)
    torch.save({"inputs": inputs, "outputs": list(map(torch.from_numpy, outputs(built, inputs)))}, tmp_path / "io.pt")
    code = """
import sys; sys.path.insert(0, "."); sys.modules["dinas_cli"] = None
import torch
from net import load
network = load()
saved = torch.load("io.pt")
with torch.no_grad():
    found = torch.utils._pytree.tree_leaves(network.eval()(*saved["inputs"]))
assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(found, saved["outputs"], strict=True))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_weights_follow_the_seed_and_say_what_they_are(tmp_path: Path) -> None:
    import torch
    from safetensors import safe_open

    net = network("nasbench201")
    torch.manual_seed(1)
    first = formats.render(net, "module", 7)
    drawn = torch.rand(1)
    torch.manual_seed(2)
    assert formats.render(net, "module", 7) == first
    assert formats.render(net, "module", 8)[1] != first[1]
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), drawn)  # nobody else's random numbers are touched
    assert "\n# weights: initialised with seed 7\n" in first[0].decode()
    (tmp_path / "net.safetensors").write_bytes(first[1])
    with safe_open(tmp_path / "net.safetensors", "numpy") as opened:
        about = {"id": net.record.id, "space": "nasbench201", "genotype": net.record.genotype, "seed": 7}
        assert opened.metadata() == {"about": json.dumps(about)}
        assert set(opened.keys()) == set(net.build().state_dict())


@pytest.mark.parametrize("space", SPACES)
def test_torch_export_program_computes_the_same_at_any_batch_size(
    tmp_path: Path, space: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    small(monkeypatch, space)
    torch.set_num_threads(1)
    net = network(space)
    write([net], "torch-export", tmp_path / "net.pt2", seed=5)
    extra = {"architecture.json": ""}
    program = torch.export.load(tmp_path / "net.pt2", extra_files=extra).module()
    assert json.loads(extra["architecture.json"])["genotype"] == net.record.genotype
    built = net.build(5).eval()
    for batch in (1, 2, 5):
        inputs = net.example(batch, seed=batch)
        assert_close(outputs(program, inputs), outputs(built, inputs))


@pytest.mark.parametrize("space", SPACES)
def test_onnx_model_computes_the_same_at_any_batch_size(
    tmp_path: Path, space: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnx
    import onnxruntime
    import torch

    small(monkeypatch, space)
    torch.set_num_threads(1)
    net = network(space)
    write([net], "onnx", tmp_path / "net.onnx", seed=5)
    model = onnx.load(tmp_path / "net.onnx")
    onnx.checker.check_model(model)
    assert {entry.key: entry.value for entry in model.metadata_props}["dinas.genotype"] == net.record.genotype
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", options, providers=["CPUExecutionProvider"])
    built = net.build(5).eval()
    for batch in (1, 2, 5):
        inputs = net.example(batch, seed=batch)
        named = {item.name: tensor.numpy() for item, tensor in zip(session.get_inputs(), inputs, strict=True)}
        assert_close(session.run(None, named), outputs(built, inputs))
    if space == "nasbench201":
        assert [(item.name, item.shape) for item in session.get_inputs()] == [("images", ["batch", 3, 32, 32])]
        assert [(item.name, item.shape) for item in session.get_outputs()] == [("output", ["batch", 10])]


def test_a_graph_that_computes_something_else_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the runtime had another idea of one operation."""
    runtime = formats.runtime
    monkeypatch.setattr(formats, "runtime", lambda content: lambda *x: [y + 1e-3 for y in runtime(content)(*x)])
    with pytest.raises(DinasError, match="onnxruntime computes something else than the network of nb201-"):
        write([network("nasbench201")], "onnx", tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_cannot_be_traced_is_refused_in_one_line(
    toy: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    import torch
    from torch import nn

    class Moody(nn.Module):
        """Its graph depends on its input."""

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            logging.getLogger("torch.onnx").warning("a warning of torch's own")
            sys.stdout.write("words of torch's own")
            return images if images.sum() > 0 else -images

    monkeypatch.setattr(toy, "build", lambda values, dataset=None: Moody())
    for form in ("torch-export", "onnx"):
        ending = FORMATS[form][0]
        with pytest.raises(DinasError, match=f"networks of toy cannot be written with --to {form}: ") as caught:
            write([network("toy")], form, tmp_path / f"net{ending}")
        assert caught.value.hint == "--to pytorch and --to module work for every network"
        assert "\n" not in caught.value.message
    assert list(tmp_path.iterdir()) == []
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_source_without_a_place_for_weights_is_refused(toy: Space, tmp_path: Path) -> None:
    with pytest.raises(DinasError, match="the source of toy networks has no place for weights"):
        write([network("toy")], "module", tmp_path / "net.py")
    assert list(tmp_path.iterdir()) == []


def test_missing_packages_are_named_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # how Python says that there is none
    with pytest.raises(NotFoundError, match="--to onnx needs onnxruntime") as caught:
        write([network("nasbench201")], "onnx", tmp_path / "new" / "nets")
    assert caught.value.hint == "pip install 'dinas[onnx]'"
    assert list(tmp_path.iterdir()) == []
