"""The bundled models, for tests that need real ones: read once, with none of the user's own devices."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from shutil import copyfile

import pytest

from dinas_cli.checkpoints.registry import weights_dir
from dinas_cli.oracles.answers import Oracles
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.nasbench201.space import SPACE

GENERATOR = weights_dir() / "nasbench201.safetensors"
SURROGATE = weights_dir() / "nasbench201-surrogate.safetensors"
needs_weights = pytest.mark.skipif(
    not (GENERATOR.is_file() and SURROGATE.is_file()), reason=f"no bundled weights in {weights_dir()}"
)


@lru_cache
def guess() -> Oracles:
    """What the tool knows of nasbench201 without a table."""
    return Oracles(SPACE, None, Surrogate.load(SURROGATE))


def copies(folder: Path, *, surrogate: bool = True) -> Path:
    """The generator (and its surrogate beside it) as files of the user's own; returns the generator's."""
    copyfile(GENERATOR, folder / "mine.safetensors")
    if surrogate:
        copyfile(SURROGATE, folder / "mine-surrogate.safetensors")
    return folder / "mine.safetensors"


def quantile(column: str, share: float) -> float:
    """The cost that ``share`` of the space is predicted to keep to."""
    assert guess().surrogate is not None
    edges = guess().surrogate.profile(column).edges  # type: ignore[union-attr]
    return float(edges[round(share * (len(edges) - 1))])


def reconfigured(source: Path, target: Path, **config: object) -> Path:
    """A copy of a model file whose config has other entries."""
    import json

    from safetensors import safe_open
    from safetensors.torch import load_file, save_file

    with safe_open(source, framework="pt") as file:
        metadata = dict(file.metadata())
    metadata["config"] = json.dumps(json.loads(metadata["config"]) | config)
    save_file(load_file(source), target, metadata)
    return target


def limited() -> list[str]:
    """Options of ``dinas generate`` that leave plenty to choose from."""
    return ["--acc", "top30", "--latency", f"{quantile('latency/fpga@cifar10', 0.6)}ms", "--device", "fpga", "-n", "3"]
