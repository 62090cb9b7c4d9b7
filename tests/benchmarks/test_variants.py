"""Variants of the training take away what they say, and nothing that is not there any more."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.train_variants import VARIANTS, deaf_to_descriptors, without_descriptor
from dinas_cli.diffusion.arrays import Mlp
from dinas_cli.diffusion.encoding import ConditionSpec, budget_features


@pytest.mark.parametrize("name", VARIANTS)
def test_what_a_variant_replaces_is_there(name: str) -> None:
    for module, attribute, value in VARIANTS[name]:
        assert type(getattr(module, attribute)) is type(value)


def test_weights_without_descriptors_read_any_device_as_they_were_trained() -> None:
    rng = np.random.default_rng(0)
    specs = (ConditionSpec("acc", "rank"), ConditionSpec("latency", "budget", descriptor=5))
    tensors = {}
    for number, spec in enumerate(specs):
        tensors[f"embed.{number}.0.weight"] = rng.normal(size=(8, spec.width)).astype(np.float32)
        tensors[f"embed.{number}.0.bias"] = rng.normal(size=8).astype(np.float32)
        tensors[f"embed.{number}.2.weight"] = rng.normal(size=(4, 8)).astype(np.float32)
        tensors[f"embed.{number}.2.bias"] = rng.normal(size=4).astype(np.float32)
    deaf = deaf_to_descriptors(tensors, specs)
    limit = rng.normal(size=(3, 5)), rng.normal(size=3), rng.random(3), rng.random((3, 2))
    as_trained = Mlp.read(tensors, "embed.1")(without_descriptor(*limit))
    assert np.allclose(Mlp.read(deaf, "embed.1")(budget_features(*limit)), as_trained, atol=1e-5)
    assert not np.allclose(Mlp.read(tensors, "embed.1")(budget_features(*limit)), as_trained, atol=1e-2)
    assert (deaf["embed.0.0.weight"] == tensors["embed.0.0.weight"]).all()
