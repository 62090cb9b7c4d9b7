"""Whether exported sources alone, in an interpreter that has no dinas, compute what ``build`` computes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dinas_cli.exporting.files import write
from dinas_cli.exporting.plan import Network

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
    print(json.dumps(max((found - expected).abs().max().item() for found, expected in pairs)), flush=True)
"""


def gaps(networks: Sequence[Network], folder: Path, batch: int = 2) -> list[float]:
    """Largest difference of outputs per network, with the same weights and inputs; files go into ``folder``.

    Raises :class:`RuntimeError` with what the other interpreter said when it failed.
    """
    import torch
    from torch.utils._pytree import tree_leaves

    files = write(networks, "pytorch", folder).files
    assert len(files) == len(networks), "equal networks"
    for number, (network, (path,)) in enumerate(zip(networks, files, strict=True)):
        built, inputs = network.build(number), network.example(batch, seed=number)
        with torch.no_grad():
            built(*inputs)  # moves the running statistics of batch norm away from their defaults
            outputs = tree_leaves(built.eval()(*inputs))
        torch.save({"weights": built.state_dict(), "inputs": inputs, "outputs": outputs}, f"{path}.pt")
    paths = [str(path.resolve()) for (path,) in files]
    done = subprocess.run(
        [sys.executable, "-I", "-c", _CHECK, *paths], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 or done.stderr:
        raise RuntimeError(done.stderr or f"the other interpreter ended with {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines()]
