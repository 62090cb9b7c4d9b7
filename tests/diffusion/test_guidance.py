"""Guidance: the joint form, weights per condition in the order of definition, conditions that are not sharpened."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from dinas_cli.diffusion.denoiser import Denoiser
from dinas_cli.diffusion.guidance import Conditions, Guidance
from dinas_cli.diffusion.parameters import DenoiserConfig
from dinas_cli.training.denoiser import Denoiser as Trained
from tests.support.toy import LAYOUT, SIZES

WIDTHS = (2, 5, 4)
EVERYTHING = (True, True, True)
VALUES = np.array([[4, 1, 2, 0, 1, 2, 2], [0, 4, 2, 2, 2, 1, 0], [4, 4, 2, 2, 2, 2, 2]])
MASKED: np.ndarray = np.equal(VALUES, LAYOUT.choices)


@pytest.fixture(scope="module")
def denoiser() -> Denoiser:
    torch.manual_seed(4)
    config = DenoiserConfig(**SIZES)
    tensors = Trained(LAYOUT, WIDTHS, config).state_dict()
    return Denoiser(LAYOUT, WIDTHS, config, {name: tensor.numpy() for name, tensor in tensors.items()})


def conditions(*present: bool) -> Conditions:
    rng = np.random.default_rng(1)
    return Conditions([rng.standard_normal((1, width)).astype(np.float32) for width in WIDTHS], np.array(present))


def normal(logits: np.ndarray) -> np.ndarray:
    """Log-probabilities of masked variables; the others count as zero."""
    total = np.log(np.exp(logits[MASKED]).sum(-1, keepdims=True))
    out = np.zeros_like(logits)
    out[MASKED] = logits[MASKED] - total
    return out


def plain(denoiser: Denoiser, asked: Conditions, *present: bool) -> np.ndarray:
    """Unguided log-probabilities when ``present`` is asked for."""
    embedded = denoiser.condition(asked.features, np.array([present]))
    out = np.full((*VALUES.shape, 4), -np.inf, np.float32)
    for part in denoiser(VALUES, denoiser.ask(embedded), MASKED):
        out[part.sample, part.variable, : part.values.shape[-1]] = part.values[:, 0]
    return normal(out)


def same(found: np.ndarray, expected: np.ndarray) -> None:
    """Equal where types exist, but for a constant per variable; -inf where they do not, and where nothing is masked."""
    assert np.isneginf(found[~MASKED]).all()
    np.testing.assert_allclose(normal(found), normal(expected), rtol=1e-4, atol=1e-4)


def combined(*terms: tuple[float, np.ndarray]) -> np.ndarray:
    """A weighted sum of log-probabilities; what does not exist stays -inf."""
    padding = np.isneginf(terms[0][1])
    total = sum(factor * np.where(padding, 0.0, logits) for factor, logits in terms)
    return np.where(padding, -np.inf, total).astype(np.float32)


def test_weight_zero_is_the_conditional(denoiser: Denoiser) -> None:
    asked = conditions(*EVERYTHING)
    same(Guidance(denoiser, asked, 0.0)(VALUES), plain(denoiser, asked, *EVERYTHING))


@pytest.mark.parametrize("weight", [0.5, 2.0, -1.0])
def test_joint_form(denoiser: Denoiser, weight: float) -> None:
    asked = conditions(*EVERYTHING)
    c, u = plain(denoiser, asked, *EVERYTHING), plain(denoiser, asked, False, False, False)
    same(Guidance(denoiser, asked, weight)(VALUES), combined((1 + weight, c), (-weight, u)))


def test_a_kept_condition_stays_in_both_terms(denoiser: Denoiser) -> None:
    asked, order = conditions(*EVERYTHING), (1, 2)
    c, u = plain(denoiser, asked, *EVERYTHING), plain(denoiser, asked, True, False, False)
    same(Guidance(denoiser, asked, 2.0, order)(VALUES), combined((3.0, c), (-2.0, u)))
    # Alone, it is not sharpened at all.
    only = conditions(True, False, False)
    same(Guidance(denoiser, only, 2.0, order)(VALUES), plain(denoiser, only, True, False, False))


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 2, 0), (2, 0, 1)])
def test_each_condition_is_weighted_inside_those_before_it(denoiser: Denoiser, order: tuple[int, ...]) -> None:
    asked, weights = conditions(*EVERYTHING), np.array([0.5, 3.0, 0.0])
    nested = [plain(denoiser, asked, *(i in order[:count] for i in range(3))) for count in range(4)]
    steps = [
        (1 + float(weights[condition]), combined((1.0, inner), (-1.0, outer)))
        for condition, outer, inner in zip(order, nested, nested[1:], strict=False)
    ]
    same(Guidance(denoiser, asked, weights, order)(VALUES), combined((1.0, nested[0]), *steps))


def test_what_is_not_asked_for_has_no_weight(denoiser: Denoiser) -> None:
    asked = conditions(True, True, False)
    u, c = plain(denoiser, asked, True, False, False), plain(denoiser, asked, True, True, False)
    found = Guidance(denoiser, asked, np.array([9.0, 1.5, 9.0]), (2, 1))(VALUES)
    same(found, combined((1 + 1.5, c), (-1.5, u)))


@pytest.mark.parametrize("weight", [0.0, 0.1, 2.0])
def test_equal_weights_are_one_number(denoiser: Denoiser, weight: float) -> None:
    """To the last bit, and at its cost."""
    asked, order = conditions(*EVERYTHING), (2, 1)
    one, each = (Guidance(denoiser, asked, w, order) for w in (weight, np.full(3, weight)))
    assert len(each.factors) == len(one.factors) == (2 if weight else 1)
    assert np.array_equal(each(VALUES), one(VALUES))


@pytest.mark.parametrize("weight", [0.0, 2.0, np.array([1.0, 2.0, 3.0])])
def test_nothing_asked_is_the_unconditional(denoiser: Denoiser, weight: float | np.ndarray) -> None:
    nothing = (False, False, False)
    asked = conditions(*nothing)
    same(Guidance(denoiser, asked, weight)(VALUES), plain(denoiser, asked, *nothing))


def test_a_batch_is_the_same_in_pieces(denoiser: Denoiser, monkeypatch: pytest.MonkeyPatch) -> None:
    guidance = Guidance(denoiser, conditions(*EVERYTHING), 1.5)
    whole = guidance(VALUES)
    monkeypatch.setattr("dinas_cli.diffusion.guidance.LARGEST", 1)
    np.testing.assert_allclose(guidance(VALUES), whole, rtol=1e-4, atol=1e-4)
    assert guidance(VALUES[:0]).shape == (0, *whole.shape[1:])
