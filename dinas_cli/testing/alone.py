"""Exported sources alone, in an interpreter that has no dinas: do they compute what ``build`` computes?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dinas_cli.exporting.files import write
from dinas_cli.exporting.plan import Network

if TYPE_CHECKING:
    from torch import Tensor, nn

_CHECK = """
import importlib.util, json, sys, torch

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "dinas_cli":
            raise ImportError("the file must stand alone")

sys.meta_path.insert(0, Refuse())
torch.set_num_threads(1)
for path in sys.argv[1:]:
    spec = importlib.util.spec_from_file_location("net", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    saved = torch.load(path + ".pt")
    network = module.build().eval()
    network.load_state_dict(saved["weights"], strict=True)
    with torch.no_grad():
        outputs = torch.utils._pytree.tree_leaves(network(*saved["inputs"]))
    pairs = list(zip(outputs, saved["outputs"], strict=True))
    assert all(found.shape == expected.shape for found, expected in pairs), path
    gap = max((found - expected).abs().max().item() for found, expected in pairs)
    print(json.dumps([gap, getattr(module, "INPUT_SHAPE", None)]), flush=True)
"""


@dataclass(frozen=True)
class Answer:
    """What a file says about itself in the other interpreter."""

    gap: float
    """Largest difference of its outputs to those of the built network."""
    input_shape: tuple[int, ...] | None
    """Its constant of that name, without the batch; None where it has none."""


def compare(files: Sequence[tuple[Path, nn.Module, tuple[Tensor, ...]]]) -> list[Answer]:
    """Every file against a network built from the same architecture, with the network's weights and these inputs.

    The networks are left in evaluation mode, their running statistics moved away from the defaults. Raises
    :class:`RuntimeError` with what the other interpreter said when it failed.
    """
    import torch
    from torch.utils._pytree import tree_leaves

    for path, network, inputs in files:
        with torch.no_grad():
            network(*inputs)
            outputs = tree_leaves(network.eval()(*inputs))
        torch.save({"weights": network.state_dict(), "inputs": inputs, "outputs": outputs}, f"{path}.pt")
    paths = [str(path.resolve()) for path, _, _ in files]
    done = subprocess.run(
        [sys.executable, "-I", "-c", _CHECK, *paths],
        cwd=files[0][0].parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or done.stderr:
        raise RuntimeError(done.stderr or f"the other interpreter ended with {done.returncode}")
    answers = map(json.loads, done.stdout.splitlines())
    return [Answer(gap, None if shape is None else tuple(shape)) for gap, shape in answers]


def gaps(networks: Sequence[Network], folder: Path) -> list[float]:
    """Largest difference of outputs per network; files go into ``folder``. Raises like :func:`compare`."""
    files = write(networks, "pytorch", folder).files
    made = enumerate(zip(networks, files, strict=True))
    return [
        answer.gap for answer in compare([(path, net.build(i), net.example(2, seed=i)) for i, (net, (path,)) in made])
    ]
