"""A generator from its file: samples, requests it was not trained for, files that are damaged or foreign."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dinas_cli.diffusion.generator import SAMPLERS, SCHEMA, Conditioning, Generator, Limit
from dinas_cli.errors import CorruptFileError, UsageProblem
from dinas_cli.oracles.profiles import BINS, LEVELS, Profile
from dinas_cli.spaces.nasbench201 import space as nasbench201
from dinas_cli.spaces.shared.protocol import Space
from tests.support import toy as toys
from tests.support.bundled import GENERATOR, needs_weights

KERNELS = ("absorbing", "marginal")
DEVICE = Profile("latency/x", "ms", 5.0, np.arange(1.0, 9.0), np.linspace(1, 90, len(LEVELS)), np.ones(BINS), 48)
ASKED = Conditioning("hard", 5.0, {"latency": [Limit(DEVICE, 30.0)]})


@pytest.fixture
def path(toy: Space, tmp_path: Path) -> Path:
    return toys.generator_file(tmp_path / "toy.safetensors")


@pytest.mark.parametrize("kernel", KERNELS)
def test_samples_depend_on_seed_and_index_alone(toy: Space, tmp_path: Path, kernel: str) -> None:
    model = Generator.load(toys.generator_file(tmp_path / "toy.safetensors", kernel))
    whole = model.sample(ASKED, 40, seed=3)
    assert whole.dtype == np.int64
    assert whole.shape == (40, 7)
    assert (whole >= 0).all()
    assert (whole < toy.layout.choices).all()
    chunks = [model.sample(ASKED, n, seed=3, first=first) for first, n in ((0, 1), (1, 16), (17, 23))]
    assert np.array_equal(np.concatenate(chunks), whole)
    assert not np.array_equal(model.sample(ASKED, 40, seed=4), whole)
    again = Generator.load(tmp_path / "toy.safetensors").sample(ASKED, 40, seed=3)
    assert np.array_equal(again, whole)


def test_the_callers_random_numbers_are_left_alone(path: Path) -> None:
    np.random.seed(1)
    Generator.load(path).sample(Conditioning(), 4)
    after = np.random.random()
    np.random.seed(1)
    assert np.random.random() == after


def test_what_is_asked_for_changes_the_samples(path: Path) -> None:
    model = Generator.load(path)
    one = model.sample(ASKED, 200, guidance=3.0)
    others = [
        model.sample(Conditioning("easy", 5.0, ASKED.budgets), 200, guidance=3.0),
        model.sample(Conditioning("hard", None, ASKED.budgets), 200, guidance=3.0),
        model.sample(Conditioning("hard", 5.0), 200, guidance=3.0),
        model.sample(ASKED, 200, guidance=0.0),
        model.sample(ASKED, 200, guidance={"latency": 3.0, "acc": 0.5}),
        model.sample(ASKED, 200, guidance=3.0, steps=1),
    ]
    assert not any(np.array_equal(one, other) for other in others)
    assert np.array_equal(model.sample(ASKED, 200, guidance=3.0, steps=500, sampler="any-order"), one)


def test_conditions_of_a_request(path: Path) -> None:
    model = Generator.load(path)
    assert model.conditions(ASKED).present.tolist() == [True, True, True]
    assert model.conditions(Conditioning(None, None, {})).present.tolist() == [False, False, False]
    assert [f.shape[1] for f in model.conditions(Conditioning()).features] == [spec.width for spec in model.specs]
    with pytest.raises(UsageProblem, match="no condition 'latancy'") as caught:
        model.conditions(Conditioning("hard", None, {"latancy": [Limit(DEVICE, 3.0)]}))
    assert "did you mean 'latency'?" in str(caught.value.hint)
    with pytest.raises(UsageProblem, match="not trained on 'harrd'") as caught:
        model.conditions(Conditioning("harrd"))
    assert "did you mean 'hard'?" in str(caught.value.hint)
    with pytest.raises(UsageProblem, match="no condition 'flops' to weight"):
        model.sample(ASKED, 1, guidance={"flops": 1.0})


def test_several_limits_where_the_checkpoint_knows_them(path: Path) -> None:
    both = Conditioning("hard", None, {"latency": [Limit(DEVICE, 30.0), Limit(DEVICE, 10.0, least=True)]})
    model = Generator.load(path)
    two = Conditioning("hard", None, {"latency": [Limit(DEVICE, 30.0), Limit(DEVICE, 10.0)]})
    alone = Conditioning("hard", None, {"latency": [Limit(DEVICE, 10.0)]})
    assert np.array_equal(model.conditions(two).features[2], model.conditions(alone).features[2]), "the strictest"
    assert model.passed_over(two) == {"latency": 1}
    assert model.passed_over(alone) == {}
    with pytest.raises(UsageProblem, match="no lower limits on latency"):
        model.conditions(Conditioning("hard", None, {"latency": [Limit(DEVICE, 10.0, least=True)]}))
    config = read_config(path)
    config["conditions"][2] |= {"limits": 3, "sides": 2}
    model = Generator(config, load_file(path))
    assert [len(rows) for rows in model.conditions(both).features] == [1, 1, 2]
    assert model.passed_over(both) == {}
    swapped = replace(both, budgets={"latency": both.budgets["latency"][::-1]})
    assert np.array_equal(model.sample(both, 50, seed=1), model.sample(swapped, 50, seed=1)), "limits have no order"
    assert not np.array_equal(model.sample(both, 50, seed=1), model.sample(ASKED, 50, seed=1))


def test_a_checkpoint_without_ranks(toy: Space, tmp_path: Path) -> None:
    whole = load_file(toys.generator_file(tmp_path / "whole.safetensors"))
    config = read_config(tmp_path / "whole.safetensors")
    config["conditions"].pop(1)
    kept = {n: t for n, t in whole.items() if not n.startswith("embed.1.")}
    kept = {n.replace("embed.2.", "embed.1."): t for n, t in kept.items()} | {"null": whole["null"][[0, 2]]}
    model = Generator(config, kept)
    with pytest.raises(UsageProblem, match="cannot be asked for a rank"):
        model.sample(ASKED, 1)
    assert model.sample(Conditioning("hard", None, ASKED.budgets), 2).shape == (2, 7)


@pytest.mark.parametrize(("kernel", "wrong"), [("absorbing", "ancestral"), ("marginal", "any-order"), (*KERNELS,)])
def test_a_sampler_of_the_other_kernel(toy: Space, tmp_path: Path, kernel: str, wrong: str) -> None:
    model = Generator.load(toys.generator_file(tmp_path / "toy.safetensors", kernel))
    with pytest.raises(UsageProblem, match=f"sampler '{wrong}' does not fit") as caught:
        model.sample(Conditioning(), 1, sampler=wrong)
    assert " or ".join(SAMPLERS[kernel]) in str(caught.value.hint)


def test_the_samplers_of_a_kernel(toy: Space, tmp_path: Path) -> None:
    model = Generator.load(toys.generator_file(tmp_path / "toy.safetensors", "marginal"))
    default = model.sample(ASKED, 60, steps=6)
    assert np.array_equal(model.sample(ASKED, 60, steps=6, sampler="ancestral"), default)
    other = model.sample(ASKED, 60, steps=6, sampler="iterative")
    assert not np.array_equal(other, default)
    assert (other < toy.layout.choices).all()
    assert np.array_equal(model.sample(ASKED, 20, first=40, steps=6, sampler="iterative"), other[40:])


def read_config(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    size = struct.unpack("<Q", content[:8])[0]
    config: dict[str, Any] = json.loads(json.loads(content[8 : 8 + size])["__metadata__"]["config"])
    return config


def refused(path: Path) -> str:
    with pytest.raises(CorruptFileError) as caught:
        Generator.load(path)
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize("length", [0, 1, 8, 100, -1, -1000])
def test_truncated(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    refused(path)


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(99), b"\x80\x02}q\x00.", bytes(5000), b"hello " * 40])
def test_foreign_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.pth"
    path.write_bytes(content)
    refused(path)


def test_other_safetensors_files(toy: Space, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    for metadata in (None, {"schema": "dinas/surrogate@1", "config": "{}"}, {"schema": "dinas/generator@2"}):
        save_file({"a": np.zeros(2)}, path, metadata)
        assert "is not a dinas generator" in refused(path)
    for config in ("{}", "[]", "3", "{", "null", '{"space": "toy"}', "[" * 5000, '{"space": ["toy"]}'):
        save_file({"a": np.zeros(2)}, path, {"schema": SCHEMA, "config": config})
        refused(path)
    refused(tmp_path)
    assert "unknown space 'toyy'" in refused(toys.generator_file(path, space="toyy"))


@pytest.mark.parametrize("kernel", KERNELS)
def test_wrong_shapes_and_values(toy: Space, tmp_path: Path, kernel: str) -> None:
    path = toys.generator_file(tmp_path / "toy.safetensors", kernel)
    metadata, tensors = {"schema": SCHEMA, "config": json.dumps(read_config(path))}, load_file(path)
    for name, tensor in tensors.items():
        if name in ("null", "kernel.marginals", "edge_out.2.weight", "embed.2.0.weight", "node_place"):
            save_file(tensors | {name: tensor[:-1].copy()}, path, metadata)
            refused(path)
            save_file({n: t for n, t in tensors.items() if n != name}, path, metadata)
            refused(path)
    save_file(tensors | {"more": np.zeros(1)}, path, metadata)
    refused(path)
    save_file(tensors | {"null": np.full_like(tensors["null"], np.nan)}, path, metadata)
    assert "not all finite" in refused(path)


@pytest.mark.parametrize("change", [{"kernel": "mask"}, {"conditions": []}, {"conditions": None}, {"denoiser": {}}])
def test_configs_that_do_not_fit_the_weights(toy: Space, tmp_path: Path, change: dict[str, Any]) -> None:
    refused(toys.generator_file(tmp_path / "toy.safetensors", **change))


def test_another_space_than_the_weights(tmp_path: Path) -> None:
    path = toys.generator_file(tmp_path / "x.safetensors", target=nasbench201.SPACE)
    assert Generator.load(path).sample(Conditioning("cifar10"), 2).shape == (2, 6)
    refused(toys.generator_file(path, space="nasbench201"))


def test_flipped_bits_in_the_header_never_surprise(path: Path) -> None:
    """Whatever changes there, the file loads (a name may have changed unseen) or is refused as corrupt."""
    content = path.read_bytes()
    end = 8 + struct.unpack("<Q", content[:8])[0]
    rng = np.random.default_rng(1)
    refusals = 0
    for _ in range(150):
        place, bit = int(rng.integers(end)), int(rng.integers(8))
        path.write_bytes(content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :])
        try:
            Generator.load(path).sample(Conditioning(), 1)
        except CorruptFileError:
            refusals += 1
    assert refusals > 100


@needs_weights
def test_sampling_imports_no_torch() -> None:
    script = (
        "import sys; from pathlib import Path; from dinas_cli.diffusion.generator import Conditioning, Generator; "
        "Generator.load(Path(sys.argv[1])).sample(Conditioning('cifar10', 5.0), 4); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script, str(GENERATOR)], check=False).returncode == 0
