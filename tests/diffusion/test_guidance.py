"""Guidance: the joint form, weights per condition, conditions that are not sharpened."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dinas_cli.diffusion.denoiser import Denoiser, DenoiserConfig
from dinas_cli.diffusion.guidance import Conditions, Guidance
from tests.support.toy import LAYOUT, SIZES

WIDTHS = (2, 5, 4)
EVERYTHING = (True, True, True)


@pytest.fixture(scope="module")
def denoiser() -> Denoiser:
    torch.manual_seed(4)
    return Denoiser(LAYOUT, WIDTHS, DenoiserConfig(**SIZES)).eval()


def conditions(*present: tuple[bool, ...]) -> Conditions:
    generator = torch.Generator().manual_seed(1)
    features = [torch.randn(len(present), width, generator=generator) for width in WIDTHS]
    return Conditions(features, torch.tensor(present))


def values(count: int) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    choices = torch.tensor(LAYOUT.choices)
    return (torch.rand(count, LAYOUT.size, generator=generator) * (choices + 1)).long()


def plain(denoiser: Denoiser, asked: Conditions, *present: tuple[bool, ...]) -> Tensor:
    """Unguided log-probabilities when ``present`` is asked for."""
    view = torch.tensor(present).expand(len(asked.present), -1)
    logits: Tensor = denoiser(values(len(view)), denoiser.condition(asked.features, view))
    return logits.log_softmax(-1)


def same(found: Tensor, expected: Tensor) -> None:
    """Equal where types exist and -inf where they do not."""
    padding = torch.isinf(expected)
    assert torch.equal(found == -torch.inf, padding)
    torch.testing.assert_close(found[~padding], expected[~padding], rtol=1e-4, atol=1e-4)


def combined(*terms: tuple[float, Tensor]) -> Tensor:
    """A weighted sum of log-probabilities; what does not exist stays -inf."""
    padding = torch.isinf(terms[0][1])
    total = torch.stack([factor * logits.masked_fill(padding, 0.0) for factor, logits in terms]).sum(0)
    return total.masked_fill(padding, -torch.inf)


@torch.inference_mode()
def test_weight_zero_is_the_conditional(denoiser: Denoiser) -> None:
    asked = conditions(EVERYTHING, EVERYTHING, EVERYTHING)
    same(Guidance(denoiser, asked, 0.0)(values(3)), plain(denoiser, asked, EVERYTHING))


@pytest.mark.parametrize("weight", [0.5, 2.0, -1.0])
@torch.inference_mode()
def test_joint_form(denoiser: Denoiser, weight: float) -> None:
    asked = conditions(EVERYTHING, EVERYTHING, EVERYTHING)
    c, u = plain(denoiser, asked, EVERYTHING), plain(denoiser, asked, (False, False, False))
    same(Guidance(denoiser, asked, weight)(values(3)), combined((1 + weight, c), (-weight, u)))


@torch.inference_mode()
def test_a_kept_condition_stays_in_both_terms(denoiser: Denoiser) -> None:
    asked, keep = conditions(EVERYTHING, EVERYTHING), torch.tensor([True, False, False])
    c, u = plain(denoiser, asked, EVERYTHING), plain(denoiser, asked, (True, False, False))
    same(Guidance(denoiser, asked, 2.0, keep)(values(2)), combined((3.0, c), (-2.0, u)))
    # Alone, it is not sharpened at all.
    only = conditions((True, False, False), (True, False, False))
    same(Guidance(denoiser, only, 2.0, keep)(values(2)), plain(denoiser, only, (True, False, False)))


@torch.inference_mode()
def test_weights_per_condition(denoiser: Denoiser) -> None:
    asked, weights = conditions(EVERYTHING, EVERYTHING), torch.tensor([0.5, 3.0, -1.0])
    u = plain(denoiser, asked, (False, False, False))
    alone = [plain(denoiser, asked, tuple(i == j for j in range(3))) for i in range(3)]
    steps = [(float(w), combined((1.0, c), (-1.0, u))) for w, c in zip(weights, alone, strict=True)]
    same(Guidance(denoiser, asked, weights)(values(2)), combined((1.0, u), *steps))


@torch.inference_mode()
def test_weights_with_a_kept_condition(denoiser: Denoiser) -> None:
    asked, keep = conditions((True, True, False), (True, True, False)), torch.tensor([True, False, False])
    u, c = plain(denoiser, asked, (True, False, False)), plain(denoiser, asked, (True, True, False))
    found = Guidance(denoiser, asked, torch.tensor([9.0, 1.5, 9.0]), keep)(values(2))
    same(found, combined((1 - 1.5, u), (1.5, c)))


@pytest.mark.parametrize("weight", [0.0, 2.0, torch.tensor([1.0, 2.0, 3.0])])
@torch.inference_mode()
def test_nothing_asked_is_the_unconditional(denoiser: Denoiser, weight: float | Tensor) -> None:
    nothing = (False, False, False)
    asked = conditions(nothing, nothing)
    same(Guidance(denoiser, asked, weight)(values(2)), plain(denoiser, asked, nothing))


@torch.inference_mode()
def test_rows_may_ask_for_different_things(denoiser: Denoiser) -> None:
    rows = ((True, True, False), (False, False, True), (False, False, False))
    asked = conditions(*rows)
    for weight in (2.0, torch.tensor([1.0, 0.5, 2.0])):
        whole = Guidance(denoiser, asked, weight)(values(3))
        for i, row in enumerate(rows):
            one = Conditions([f[i : i + 1] for f in asked.features], torch.tensor([row]))
            same(Guidance(denoiser, one, weight)(values(3)[i : i + 1]), whole[i : i + 1])


@torch.inference_mode()
def test_one_request_for_a_batch(denoiser: Denoiser) -> None:
    one, three = conditions((True, False, True)), values(3)
    asked = Conditions([f.expand(3, -1) for f in one.features], one.present.expand(3, -1))
    same(Guidance(denoiser, one, 1.5)(three), Guidance(denoiser, asked, 1.5)(three))
