"""Training-free proxies against closed forms: kernels of linear and one-layer networks, regions of hyperplanes."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from dinas_cli.oracles.proxies import calibrated, linear_regions, ntk, ntk_condition
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.shared.skeletons import Skeleton


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def gram(inputs: Tensor) -> Tensor:
    """Products ``(B, B)`` of the inputs with each other."""
    return inputs.double() @ inputs.double().T


@pytest.mark.parametrize("bias", [False, True])
def test_the_kernel_of_a_linear_network(bias: bool) -> None:
    inputs = torch.randn(6, 20)
    kernel = gram(inputs) + bias
    torch.testing.assert_close(ntk(nn.Linear(20, 1, bias=bias), inputs), kernel, rtol=1e-5, atol=1e-4)
    # Outputs are summed: each has parameters of its own, with the same gradient.
    torch.testing.assert_close(ntk(nn.Linear(20, 3, bias=bias), inputs), 3 * kernel, rtol=1e-5, atol=1e-4)
    assert ntk_condition(nn.Linear(20, 1, bias=bias), inputs) == pytest.approx(float(torch.linalg.cond(kernel)), 1e-4)


def test_the_kernel_of_one_hidden_layer() -> None:
    lower, upper = nn.Linear(2, 2, bias=False), nn.Linear(2, 1, bias=False)
    network = nn.Sequential(lower, nn.ReLU(), upper)
    with torch.no_grad():
        lower.weight.copy_(torch.tensor([[1.0, 0.0], [1.0, 1.0]]))
        upper.weight.copy_(torch.tensor([[2.0, 3.0]]))
    # Hidden values of (1, 1): 1 and 2. Of (-1, 3): 0 (inactive) and 2. The gradient of the first layer's row k is the
    # second layer's weight k times the input where unit k is active, that of the second layer the hidden values.
    inputs = torch.tensor([[1.0, 1.0], [-1.0, 3.0]])
    first = torch.tensor([[(4 + 9) * 2, 9 * 2], [9 * 2, 9 * 10]])
    second = torch.tensor([[1 + 4, 4], [4, 4]])
    torch.testing.assert_close(ntk(network, inputs), (first + second).double())


def test_the_kernel_of_any_hidden_layer_in_closed_form() -> None:
    lower, upper = nn.Linear(5, 40), nn.Linear(40, 1)
    network = nn.Sequential(lower, nn.ReLU(), upper)
    inputs = torch.randn(8, 5)
    hidden = lower(inputs).detach()
    active, weights = (hidden > 0).double(), upper.weight[0].detach().double()
    expected = (active * weights**2) @ active.T * (gram(inputs) + 1) + gram(hidden.relu()) + 1
    torch.testing.assert_close(ntk(network, inputs), expected, rtol=1e-5, atol=1e-5)


def test_equal_inputs_make_a_singular_kernel() -> None:
    inputs = torch.randn(1, 4).repeat(3, 1)
    assert ntk_condition(nn.Linear(4, 1), inputs) == math.inf


def test_the_units_of_one_layer_cut_a_line_into_one_part_more() -> None:
    layer = nn.Linear(1, 12)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0], [-1.0]]).repeat(6, 1))
        layer.bias.copy_(-layer.weight[:, 0] * torch.linspace(-0.9, 0.9, 12))
    network = nn.Sequential(layer, nn.ReLU())
    line = torch.linspace(-1, 1, 2000)[:, None]
    assert linear_regions(network, line) == 12 + 1
    assert linear_regions(network, line[:1000]) == 6 + 1
    # As many as there are inputs at the most.
    assert linear_regions(network, line[::1000]) == 2


@pytest.mark.parametrize("units", [1, 2, 3, 5])
def test_lines_in_general_position_cut_a_plane(units: int) -> None:
    angle = torch.arange(units) * math.pi / units
    layer = nn.Linear(2, units)
    with torch.no_grad():
        # Tangents to a circle: any two cross, no three in one point.
        layer.weight.copy_(torch.stack([angle.cos(), angle.sin()], 1))
        layer.bias.fill_(-0.2)
    network = nn.Sequential(layer, nn.ReLU())
    axis = torch.linspace(-4, 4, 400)
    plane = torch.cartesian_prod(axis, axis)
    assert linear_regions(network, plane) == 1 + units + units * (units - 1) // 2


def test_deeper_layers_cut_on() -> None:
    # |x| folds the line, so that the second layer's unit cuts it on both sides: at -1, 0 and 1.
    first, second = nn.Linear(1, 2), nn.Linear(2, 1)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.0], [-1.0]]))
        first.bias.zero_()
        second.weight.fill_(1.0)
        second.bias.fill_(-1.0)
    network = nn.Sequential(first, nn.ReLU(), second, nn.ReLU())
    assert linear_regions(network, torch.linspace(-2, 2, 1000)[:, None]) == 4


def test_without_relu_there_is_one_region() -> None:
    assert linear_regions(nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2)), torch.randn(50, 3)) == 1


def test_calibrated_batch_norms_have_the_statistics_of_the_inputs() -> None:
    inputs = 3 + 2 * torch.randn(64, 5, 4, 4)
    network = calibrated(nn.Sequential(nn.BatchNorm2d(5)), inputs)
    assert not network.training
    found = network(inputs)
    torch.testing.assert_close(found.mean((0, 2, 3)), torch.zeros(5), atol=1e-5, rtol=0)
    torch.testing.assert_close(found.std((0, 2, 3)), torch.ones(5), atol=1e-2, rtol=0)
    # Once more with others: nothing is left of the first.
    again = calibrated(network, inputs - 7)(inputs - 7)
    torch.testing.assert_close(again, found, atol=1e-4, rtol=1e-4)


def test_of_a_real_network() -> None:
    skeleton = Skeleton("cifar", cells=3, channels=2, classes=10, image_size=8)
    values = SPACE.draw(1, 0)[0].tolist()
    images = SPACE.example(None, 6, skeleton=skeleton)[0]
    network = calibrated(SPACE.build(values, skeleton=skeleton), images)
    gradients = []
    for image in images:
        network.zero_grad()
        network(image[None]).sum().backward()
        gradients.append(torch.cat([each.grad.flatten() for each in network.parameters()]))  # type: ignore[union-attr]
    rows = torch.stack(gradients).double()
    torch.testing.assert_close(ntk(network, images), rows @ rows.T, rtol=1e-3, atol=1e-2)
    assert 1 < ntk_condition(network, images) < math.inf
    assert linear_regions(network, images) == 6
    assert linear_regions(network, images[:1].repeat(4, 1, 1, 1)) == 1
