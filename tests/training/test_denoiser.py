"""The denoiser as it is trained: shapes, null tokens, independence of samples, layouts without free nodes, sizes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dinas_cli.diffusion.parameters import CONFIGS, DenoiserConfig
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.protocol import Layout
from dinas_cli.training.denoiser import Denoiser
from tests.support.toy import LAYOUT, OWN, SIZES

WIDTHS = (3, 9, 21)
TINY = DenoiserConfig(**SIZES)
LAYOUTS = {
    "nasbench201": SPACE.layout,
    "toy": LAYOUT,
    "own vocabularies": OWN,
    "only nodes": Layout((0, 0, 0), ("conv", "pool"), ("none", "plain", "gated"), free_nodes=(0, 2), free_edges=()),
}


def make(layout: Layout, config: DenoiserConfig = TINY, seed: int = 0) -> Denoiser:
    torch.manual_seed(seed)
    return Denoiser(layout, WIDTHS, config).eval()


def noisy(denoiser: Denoiser, count: int, seed: int = 0) -> Tensor:
    """Random variables, mask tokens among them."""
    generator = torch.Generator().manual_seed(seed)
    choices = torch.from_numpy(denoiser.variables.choices)
    return (torch.rand(count, len(choices), generator=generator) * (choices + 1)).long()


def features(count: int, seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(count, 1, width, generator=generator) for width in WIDTHS]


def each(present: Tensor) -> list[Tensor]:
    """Which conditions are asked for, ``(B, C)``, as the one limit of each."""
    return list(present.T[..., None])


@pytest.mark.parametrize("name", LAYOUTS)
@torch.inference_mode()
def test_shapes_and_padding(name: str) -> None:
    layout = LAYOUTS[name]
    denoiser = make(layout)
    condition = denoiser.condition(features(5), each(torch.ones(5, 3, dtype=torch.bool)))
    assert condition.shape == (5, SIZES["glob"])
    logits = denoiser(noisy(denoiser, 5), condition)
    padding = denoiser.padding.expand(5, -1, -1)
    assert logits.shape == (5, layout.size, max(layout.choices)) == padding.shape
    assert (logits[padding] == -torch.inf).all()
    assert logits[~padding].isfinite().all()


@pytest.mark.parametrize("name", LAYOUTS)
@torch.inference_mode()
def test_no_samples_at_all(name: str) -> None:
    denoiser = make(LAYOUTS[name])
    condition = denoiser.condition(features(0), each(torch.ones(0, 3, dtype=torch.bool)))
    assert denoiser(torch.from_numpy(denoiser.variables.masked(0)), condition).shape == (0, *denoiser.padding.shape)


@pytest.mark.parametrize("name", LAYOUTS)
@torch.inference_mode()
def test_samples_do_not_see_each_other(name: str) -> None:
    denoiser = make(LAYOUTS[name])
    values, present = noisy(denoiser, 9), torch.rand(9, 3, generator=torch.Generator().manual_seed(1)) < 0.5
    given = features(9)
    whole = denoiser(values, denoiser.condition(given, each(present)))
    for i in range(9):
        one = slice(i, i + 1)
        alone = denoiser(values[one], denoiser.condition([f[one] for f in given], each(present[one])))
        torch.testing.assert_close(alone, whole[one], rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_what_is_not_asked_for_is_the_null_token_whatever_its_features() -> None:
    denoiser = make(LAYOUT)
    present = torch.tensor([[True, False, True], [False, False, False]])
    one, other = features(2, 1), features(2, 2)
    other[0][0], other[2][0] = one[0][0], one[2][0]
    other[1][0] = torch.nan
    found, again = denoiser.condition(one, each(present)), denoiser.condition(other, each(present))
    assert torch.equal(found, again)
    torch.testing.assert_close(found[1], denoiser.null.sum(0))
    expected = denoiser.embed[0](one[0][0])[0] + denoiser.null[1] + denoiser.embed[2](one[2][0])[0]
    torch.testing.assert_close(found[0], expected)


@torch.inference_mode()
def test_every_condition_and_variable_matters() -> None:
    denoiser = make(LAYOUT)
    values, given = noisy(denoiser, 1), features(1)
    everything = torch.ones(1, 3, dtype=torch.bool)
    usual = denoiser(values, denoiser.condition(given, each(everything)))
    for i in range(3):
        without = everything.clone()
        without[0, i] = False
        assert not torch.allclose(denoiser(values, denoiser.condition(given, each(without))), usual, atol=1e-4)
    condition = denoiser.condition(given, each(everything))
    for v in range(LAYOUT.size):
        changed = values.clone()
        changed[0, v] = (changed[0, v] + 1) % (denoiser.variables.choices[v] + 1)
        moved = (denoiser(changed, condition) - usual)[0].nan_to_num(0.0).abs().amax(1)
        assert (moved > 1e-5).all(), "one variable reaches every other"


@pytest.mark.parametrize("part", ["nodes", "edges"])
@torch.inference_mode()
def test_edges_have_a_direction(part: str) -> None:
    """Were directions the same, a reversed cell would get the reversed answer when all places are alike."""
    path = Layout((0, 0, 0), ("conv", "pool"), ("none", "plain"), free_nodes=(0, 1, 2), free_edges=((0, 1), (1, 2)))
    denoiser = make(path)
    # Nothing but attention along edges can tell nodes apart, and nothing but their two ends edges.
    for name, parameter in denoiser.named_parameters():
        if name in ("node_place", "edge_place") or name.startswith("layers.0.glob."):
            parameter.zero_()
    condition = denoiser.condition(features(1), each(torch.ones(1, 3, dtype=torch.bool)))
    cell, reversed_cell = torch.tensor([0, 1, 1, 1, 0]), torch.tensor([1, 1, 0, 0, 1])
    forward, backward = (denoiser(values[None], condition)[0] for values in (cell, reversed_cell))
    there, back = ([0, 1, 2], [2, 1, 0]) if part == "nodes" else ([3, 4], [4, 3])
    assert not torch.allclose(forward[there], backward[back], atol=1e-4)


@torch.inference_mode()
def test_time_is_an_input_where_the_configuration_says_so() -> None:
    with pytest.raises(ValueError, match="noise level"):
        make(LAYOUT)(noisy(make(LAYOUT), 1), torch.zeros(1, SIZES["glob"]), torch.tensor([0.5]))
    denoiser = make(LAYOUT, DenoiserConfig(**SIZES, time=True))
    with pytest.raises(ValueError, match="noise level"):
        denoiser(noisy(denoiser, 1), torch.zeros(1, SIZES["glob"]))
    condition = denoiser.condition(features(3), each(torch.ones(3, 3, dtype=torch.bool)))
    values = noisy(denoiser, 1).expand(3, -1)
    condition = condition[:1].expand(3, -1)
    early, middle, late = denoiser(values, condition, torch.tensor([0.0, 0.5, 1.0])).nan_to_num(0.0)
    assert not torch.allclose(early, middle, atol=1e-4)
    assert not torch.allclose(early, late, atol=1e-4)


def test_nodes_and_edges_are_learned_alike() -> None:
    """Every parameter takes part, and a conditional distribution over nodes and edges is fitted in a moment."""
    torch.manual_seed(0)
    denoiser = Denoiser(LAYOUT, (2,), DenoiserConfig(layers=2, nodes=16, edges=16, glob=32, heads=2))
    clean = torch.tensor([[1, 2, 0, 1, 1, 0, 1], [3, 0, 1, 0, 1, 1, 0]])
    asked = [torch.eye(2)[:, None]]
    optimiser = torch.optim.AdamW(denoiser.parameters(), lr=1e-2)
    loss, first = torch.zeros(()), 0.0
    for step in range(60):
        condition = denoiser.condition(asked, [torch.tensor([[True], [step > 0]])])  # the first step has a null token
        logits = denoiser(torch.from_numpy(denoiser.variables.masked(2)), condition)
        loss = -logits.log_softmax(-1).gather(2, clean[..., None]).mean()
        optimiser.zero_grad()
        loss.backward()
        if step == 0:
            first = loss.item()
            unused = [n for n, p in denoiser.named_parameters() if p.grad is None or not p.grad.any()]
            assert unused == []
        optimiser.step()
    assert loss.item() < 0.02 < first
    assert torch.equal(logits.argmax(-1), clean)


def test_sizes() -> None:
    paper = CONFIGS["paper"]
    assert (paper.layers, paper.nodes, paper.edges, paper.glob, paper.heads) == (5, 256, 64, 64, 8)
    assert paper.to_dict() == DenoiserConfig(**paper.to_dict()).to_dict()
    counts = {
        name: sum(p.numel() for p in Denoiser(SPACE.layout, WIDTHS, config).parameters())
        for name, config in CONFIGS.items()
    }
    assert counts["compact"] < 1_000_000 < counts["paper"]
