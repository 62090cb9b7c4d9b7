"""Batches of graphs and the flat vector of their free variables."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dinas_cli.diffusion.variables import Variables
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.protocol import Layout
from tests.support.toy import LAYOUT

ONLY_NODES = Layout((0, 2, 0), ("ends", "conv", "pool"), ("none", "plain"), free_nodes=(1, 2), free_edges=())
LAYOUTS = {"nasbench201": SPACE.layout, "toy": LAYOUT, "only nodes": ONLY_NODES}


def samples(layout: Layout, count: int = 200) -> Tensor:
    """Random variables, mask tokens among them."""
    generator = torch.Generator().manual_seed(5)
    choices = torch.tensor(layout.choices)
    return (torch.rand(count, layout.size, generator=generator) * (choices + 1)).long()


@pytest.mark.parametrize("name", LAYOUTS)
def test_there_and_back(name: str) -> None:
    layout = LAYOUTS[name]
    variables, values = Variables(layout), samples(layout)
    graphs = variables.to_graph(values)
    nodes = len(layout.nodes)
    assert graphs.X.shape == graphs.mask.shape == (200, nodes)
    assert graphs.E.shape == (200, nodes, nodes)
    assert graphs.X.dtype == graphs.E.dtype == torch.int64
    assert graphs.mask.all()
    back = variables.from_graph(graphs)
    assert back.dtype == torch.int64
    assert torch.equal(back, values)


@pytest.mark.parametrize("name", LAYOUTS)
def test_constant_parts_are_filled_in(name: str) -> None:
    layout = LAYOUTS[name]
    graphs = Variables(layout).to_graph(samples(layout))
    assert not graphs.E.tril().any()
    for node, kind in enumerate(layout.nodes):
        if node not in layout.free_nodes:
            assert (graphs.X[:, node] == kind).all()
    for i in range(len(layout.nodes)):
        for j in range(i + 1, len(layout.nodes)):
            if (i, j) not in layout.free_edges:
                assert not graphs.E[:, i, j].any()


def test_every_value_stands_where_its_variable_says() -> None:
    graphs = Variables(LAYOUT).to_graph(torch.tensor([[1, 4, 2, 0, 1, 0, 2]]))  # 4 and 2 are mask tokens here
    assert graphs.X.tolist() == [[0, 1, 4, 0]]
    assert graphs.E[0].tolist() == [[0, 2, 0, 0], [0, 0, 1, 0], [0, 0, 0, 2], [0, 0, 0, 0]]


def test_a_batch_is_not_shared_with_its_input() -> None:
    variables, values = Variables(LAYOUT), samples(LAYOUT, 3)
    before = values.clone()
    graphs = variables.to_graph(values)
    graphs.X.fill_(9)
    graphs.E.fill_(9)
    masked = variables.masked(2)
    masked[0] = 0
    assert torch.equal(values, before)
    assert torch.equal(masked[1], variables.choices)
    assert torch.equal(variables.choices, torch.tensor(LAYOUT.choices))


def test_widths_and_padding() -> None:
    variables = Variables(LAYOUT)
    assert (variables.size, variables.width) == (7, 4)
    assert (~variables.padding).sum(1).tolist() == [4, 4, 2, 2, 2, 2, 2]
    assert variables.padding[2].tolist() == [False, False, True, True]
    assert not Variables(SPACE.layout).padding.any()
    assert torch.equal(variables.masked(5), torch.tensor([LAYOUT.choices] * 5))


def test_an_empty_batch() -> None:
    variables = Variables(LAYOUT)
    assert variables.from_graph(variables.to_graph(variables.masked(0))).shape == (0, 7)
