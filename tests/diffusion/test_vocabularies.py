"""Vocabularies of free nodes: what all share may be written out for each, and types are told apart by node."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from dinas_cli.checkpoints.registry import weights_dir
from dinas_cli.diffusion.denoiser import Denoiser
from dinas_cli.diffusion.generator import Conditioning, Generator
from dinas_cli.diffusion.guidance import Conditions, Guidance
from dinas_cli.diffusion.parameters import DenoiserConfig
from dinas_cli.diffusion.samplers import any_order, uniforms
from dinas_cli.spaces.registry import get_space, space_names
from dinas_cli.training.denoiser import Denoiser as Trained
from tests.support.toy import OWN, SIZES


def shares_a_vocabulary(name: str) -> bool:
    """Whether a space has free nodes, and none with types of its own."""
    layout = get_space(name).layout
    return bool(layout.free_nodes) and not layout.vocabularies


@pytest.mark.parametrize("name", [name for name in space_names() if shares_a_vocabulary(name)])
def test_samples_are_the_same_where_the_shared_vocabulary_is_written_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = weights_dir() / f"{name}.safetensors"
    if not path.is_file():
        pytest.skip(f"no bundled weights in {path.parent}")
    space = get_space(name)
    asked = Conditioning(space.datasets[0] if space.datasets else None, 5.0)
    before = Generator.load(path).sample(asked, 40, seed=3)
    monkeypatch.setattr(type(space), "layout", replace(space.layout, vocabularies=space.layout.vocabulary))
    after = Generator.load(path)
    assert after.denoiser.variables.columns is not None
    assert np.array_equal(after.sample(asked, 40, seed=3), before)


def test_guided_samples_stay_within_each_vocabulary() -> None:
    torch.manual_seed(0)
    config, asked = DenoiserConfig(**SIZES), Conditions([np.ones((1, 2), np.float32)], np.ones(1, bool))
    tensors = {name: tensor.numpy() for name, tensor in Trained(OWN, (2,), config).state_dict().items()}
    tensors["node_out.2.bias"] = np.arange(6, dtype=np.float32)
    denoiser = Denoiser(OWN, (2,), config, tensors)
    guided = Guidance(denoiser, asked, 2.0)
    variables = denoiser.variables
    logits = guided(variables.masked(1))[0]
    assert np.isneginf(logits[variables.padding]).all()
    assert np.isfinite(logits[~variables.padding]).all()
    assert logits[:3].argmax(1).tolist() == [1, 2, 1], "the types with the largest bias among those of the node"
    drawn = any_order(variables, guided, uniforms(0, 0, 300, 2 * variables.size))
    assert (drawn < OWN.choices).all()
    assert (drawn.max(0) == np.array(OWN.choices) - 1).all()
