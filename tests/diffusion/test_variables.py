"""The flat vector of free variables, the graph it stands for, and equal rows."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.diffusion.variables import Variables, distinct
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.shared.protocol import Layout
from tests.support.toy import LAYOUT, OWN

ONLY_NODES = Layout((0, 2, 0), ("ends", "conv", "pool"), ("none", "plain"), free_nodes=(1, 2), free_edges=())
FIXED = Layout(
    (0, 0, 0), ("conv", "pool"), ("none", "plain", "gated"), (1,), ((1, 2), (0, 1)), fixed_edges=((0, 2, 2),)
)
LAYOUTS = {"nasbench201": SPACE.layout, "toy": LAYOUT, "only nodes": ONLY_NODES, "fixed edges": FIXED}


def samples(layout: Layout, count: int = 200) -> np.ndarray:
    """Random variables, mask tokens among them."""
    return np.random.default_rng(5).integers(np.array(layout.choices) + 1, size=(count, layout.size))


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_value_stands_where_its_variable_says(name: str) -> None:
    layout = LAYOUTS[name]
    variables, values = Variables(layout), samples(layout)
    nodes, edges = variables.types(values)
    assert nodes.shape == (len(layout.nodes), 200)
    assert edges.shape == (len(variables.pairs), 200)
    assert nodes.dtype == edges.dtype == np.int64
    split = len(layout.free_nodes)
    for place, node in enumerate(layout.free_nodes):
        assert np.array_equal(nodes[node], values[:, place])
    for place, edge in enumerate(layout.free_edges):
        assert np.array_equal(edges[variables.pairs.index(edge)], values[:, split + place])


@pytest.mark.parametrize("name", LAYOUTS)
def test_constant_parts_are_filled_in(name: str) -> None:
    layout = LAYOUTS[name]
    variables = Variables(layout)
    nodes, edges = variables.types(samples(layout))
    for node, kind in enumerate(layout.nodes):
        if node not in layout.free_nodes:
            assert (nodes[node] == kind).all()
    for start, end, kind in layout.fixed_edges:
        assert (edges[variables.pairs.index((start, end))] == kind).all()
    assert set(variables.pairs) == {*layout.free_edges, *((i, j) for i, j, _ in layout.fixed_edges)}


def test_a_batch_is_not_shared_with_its_input() -> None:
    variables, values = Variables(LAYOUT), samples(LAYOUT, 3)
    before = values.copy()
    for types in variables.types(values):
        types[:] = 9
    masked = variables.masked(2)
    masked[0] = 0
    assert np.array_equal(values, before)
    assert np.array_equal(masked[1], variables.choices)
    assert np.array_equal(variables.choices, LAYOUT.choices)


def test_widths_and_padding() -> None:
    variables = Variables(LAYOUT)
    assert (variables.size, variables.width) == (7, 4)
    assert (~variables.padding).sum(1).tolist() == [4, 4, 2, 2, 2, 2, 2]
    assert variables.padding[2].tolist() == [False, False, True, True]
    assert not Variables(SPACE.layout).padding.any()
    assert np.array_equal(variables.masked(5), [LAYOUT.choices] * 5)


def test_values_of_own_vocabularies_are_types_of_their_own() -> None:
    variables = Variables(OWN)
    assert OWN.choices == (2, 3, 3, 2, 2)
    nodes, _ = variables.types(np.array([[0, 2, 1, 0, 0], variables.choices, [1, 0, 2, 1, 1]]))
    assert nodes.T.tolist() == [[6, 0, 5, 4], [6, 6, 6, 6], [6, 1, 1, 2]]
    assert Variables(LAYOUT).columns is None


@pytest.mark.parametrize("count", [0, 1, 300])
def test_equal_rows_are_found(count: int) -> None:
    values = np.random.default_rng(1).integers(3, size=(count, 4))
    rows, place = distinct(values)
    assert np.array_equal(rows[place], values)
    assert len(rows) == len({tuple(row) for row in values.tolist()})
