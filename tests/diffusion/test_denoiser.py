"""The numpy denoiser: equal to the network that is trained, whatever is asked of it in whatever company."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from dinas_cli.checkpoints.registry import weights_dir
from dinas_cli.diffusion.denoiser import Denoiser
from dinas_cli.diffusion.generator import Generator
from dinas_cli.diffusion.parameters import CONFIGS, DenoiserConfig, shapes
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import space_names
from dinas_cli.spaces.shared.protocol import Layout
from dinas_cli.training.denoiser import Denoiser as Trained
from tests.support.toy import LAYOUT, OWN, SIZES

WIDTHS = (3, 9, 21)
LAYOUTS = {
    "nasbench201": SPACE.layout,
    "toy": LAYOUT,
    "only nodes": Layout((0, 0, 0), ("conv", "pool"), ("none", "plain", "gated"), free_nodes=(0, 2), free_edges=()),
    "own vocabularies": OWN,
    "fixed edges": Layout((0, 1, 1), ("a", "b"), ("no", "x"), (1,), ((1, 2),), fixed_edges=((0, 1, 1),)),
}
CONFIGURATIONS = {"absorbing": DenoiserConfig(**SIZES), "marginal": DenoiserConfig(**SIZES, time=True)}


def pair(layout: Layout, config: DenoiserConfig = CONFIGURATIONS["absorbing"]) -> tuple[Denoiser, Trained]:
    torch.manual_seed(0)
    trained = Trained(layout, WIDTHS, config).eval()
    tensors = {name: tensor.numpy() for name, tensor in trained.state_dict().items()}
    return Denoiser(layout, WIDTHS, config, tensors), trained


def noisy(denoiser: Denoiser, count: int) -> np.ndarray:
    """Random variables, mask tokens among them."""
    return np.random.default_rng(0).integers(denoiser.variables.choices + 1, size=(count, denoiser.variables.size))


def conditions(widths: tuple[int, ...], count: int = 3) -> tuple[list[np.ndarray], np.ndarray]:
    """Random features, of two limits for the last condition, and a random choice of what is asked for.

    They are no larger than those of real requests: far beyond, rounding is all that a comparison sees.
    """
    rng = np.random.default_rng(1)
    limits = [*[1] * (len(widths) - 1), 2]
    features = [rng.random((rows, width), np.float32) / 2 for rows, width in zip(limits, widths, strict=True)]
    return features, rng.random((count, len(widths))) < 0.5


def as_trained(features: list[np.ndarray], present: np.ndarray) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """The same for the network of torch, with room for a third limit that is not asked for."""
    count = len(present)
    room = [np.concatenate([f, np.full((1, f.shape[1]), np.nan, np.float32)]) for f in features]
    there = []
    for rows, asked in zip(features, present.T, strict=True):
        there.append(asked[:, None] & (np.arange(len(rows) + 1) < len(rows)))
    return [torch.from_numpy(f).expand(count, -1, -1) for f in room], [torch.from_numpy(t) for t in there]


def logits(denoiser: Denoiser, values: np.ndarray, condition: np.ndarray, time: float | None = None) -> np.ndarray:
    """All of them as one array ``(D, B, V, W)``."""
    variables = denoiser.variables
    out = np.full((len(condition), len(values), variables.size, variables.width), -np.inf, np.float32)
    for part in denoiser(values, denoiser.ask(condition, time), np.ones_like(values, bool)):
        out[:, part.sample, part.variable, : part.values.shape[-1]] = part.values.swapaxes(0, 1)
    return np.where(variables.padding, -np.inf, out)


@torch.inference_mode()
def same(denoiser: Denoiser, trained: Trained, widths: tuple[int, ...], time: float | None = None) -> None:
    """Whether both say the same about random states under random conditions."""
    values, (features, present) = noisy(denoiser, 20), conditions(widths)
    condition = denoiser.condition(features, present)
    expected = trained.condition(*as_trained(features, present))
    np.testing.assert_allclose(condition, expected.numpy(), rtol=1e-4, atol=2e-5)
    every = torch.from_numpy(values).repeat(len(present), 1)
    level = None if time is None else torch.full((len(every),), time)
    reference = trained(every, expected.repeat_interleave(len(values), 0), level).view(len(present), *values.shape, -1)
    found = logits(denoiser, values, condition, time)
    padding = np.broadcast_to(denoiser.variables.padding, found.shape)
    assert np.isneginf(found[padding]).all()
    # Sums of single precision, in another order: of weights that make logits of 20, the last of seven digits differs.
    np.testing.assert_allclose(found[~padding], reference.numpy()[~padding], rtol=1e-5, atol=2e-4)


@pytest.mark.parametrize("name", space_names())
def test_bundled_weights_say_what_they_say_in_torch(name: str) -> None:
    path = weights_dir() / f"{name}.safetensors"
    if not path.is_file():
        pytest.skip(f"no bundled weights in {path.parent}")
    model = Generator.load(path)
    widths = tuple(spec.width for spec in model.specs)
    trained = Trained(model.space.layout, widths, model.denoiser.config)
    trained.load_state_dict(_tensors(path))
    same(model.denoiser, trained.eval(), widths)


def _tensors(path: Any) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return {name: tensor.float() for name, tensor in load_file(path).items()}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("kernel", CONFIGURATIONS)
def test_any_layout_and_kernel(name: str, kernel: str) -> None:
    same(*pair(LAYOUTS[name], CONFIGURATIONS[kernel]), WIDTHS, 0.3 if kernel == "marginal" else None)


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("config", [*CONFIGURATIONS.values(), *CONFIGS.values()])
def test_weights_have_the_names_and_shapes_of_those_trained(name: str, config: DenoiserConfig) -> None:
    trained = Trained(LAYOUTS[name], WIDTHS, config)
    assert shapes(LAYOUTS[name], WIDTHS, config) == {n: tuple(t.shape) for n, t in trained.state_dict().items()}


@pytest.mark.parametrize("name", LAYOUTS)
def test_samples_do_not_see_each_other(name: str) -> None:
    denoiser, _ = pair(LAYOUTS[name])
    values, condition = noisy(denoiser, 9), denoiser.condition(*conditions(WIDTHS))
    whole = logits(denoiser, values, condition)
    for i in range(9):
        np.testing.assert_allclose(
            logits(denoiser, values[i : i + 1], condition), whole[:, i : i + 1], rtol=1e-4, atol=1e-5
        )
    for i in range(3):
        np.testing.assert_allclose(
            logits(denoiser, values, condition[i : i + 1]), whole[i : i + 1], rtol=1e-4, atol=1e-5
        )
    assert logits(denoiser, values[:0], condition).shape == (3, 0, *whole.shape[2:])


def test_only_what_is_wanted_is_computed() -> None:
    denoiser, _ = pair(LAYOUT)
    values, condition = noisy(denoiser, 6), denoiser.condition(*conditions(WIDTHS))
    whole, wanted = logits(denoiser, values, condition), np.random.default_rng(3).random((6, LAYOUT.size)) < 0.4
    found = denoiser(values, denoiser.ask(condition), wanted)
    places = [place for part in found for place in zip(part.sample.tolist(), part.variable.tolist(), strict=True)]
    assert sorted(places) == list(map(tuple, np.argwhere(wanted).tolist()))
    for part in found:
        expected = whole[:, part.sample, part.variable, : part.values.shape[-1]].swapaxes(0, 1)
        np.testing.assert_allclose(part.values, expected, rtol=1e-4, atol=1e-5)


def test_what_is_not_asked_for_is_the_null_vector_whatever_its_features() -> None:
    denoiser, _ = pair(LAYOUT)
    (features, _), nothing = conditions(WIDTHS, 1), np.zeros((1, 3), bool)
    features[1][:] = np.nan
    np.testing.assert_allclose(denoiser.condition(features, nothing)[0], denoiser.null.sum(0), rtol=1e-5)


@pytest.mark.parametrize(("kernel", "time"), [("absorbing", 0.5), ("marginal", None)])
def test_the_noise_level_is_an_input_where_the_configuration_says_so(kernel: str, time: float | None) -> None:
    denoiser, _ = pair(LAYOUT, CONFIGURATIONS[kernel])
    with pytest.raises(ValueError, match="noise level"):
        denoiser.ask(np.zeros((1, SIZES["glob"]), np.float32), time)


def test_weights_that_do_not_fit_are_named() -> None:
    tensors = {
        name: np.zeros(shape, np.float32) for name, shape in shapes(LAYOUT, WIDTHS, DenoiserConfig(**SIZES)).items()
    }
    for changed, message in (
        ({n: t for n, t in tensors.items() if n != "null"}, "lacks 'null'"),
        (tensors | {"more": np.zeros(1)}, "has no 'more'"),
        (tensors | {"null": tensors["null"][1:]}, r"'null' has the shape \(2, .*\), not \(3, "),
    ):
        with pytest.raises(ValueError, match=message):
            Denoiser(LAYOUT, WIDTHS, DenoiserConfig(**SIZES), changed)
