"""NAS-Bench-NLP: recipes there and back, isomorphism, rules, legality, counts, networks and exported files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.nlp.cell import ARITIES, LINEAR
from dinas_cli.spaces.nlp.space import SPACE
from dinas_cli.spaces.nlp.values import EDGES, to_cell
from tests.support.spaces import legal_types

GRU = (
    "r=linear(x,h_prev_0);r_act=sigm(r);z=linear(x,h_prev_0);z_act=sigm(z);rh=prod(r_act,h_prev_0);"
    "t=linear(x,rh);t_act=tanh(t);h_new_0=blend(z_act,h_prev_0,t_act)"
)
RENAMED = (
    "h_new_0=blend(b,h_prev_0,c);c=tanh(d);d=linear(e,x);e=prod(h_prev_0,f);f=sigm(g);g=linear(h_prev_0,x);"
    "b=sigm(a);a=linear(h_prev_0,x)"
)


@pytest.fixture(scope="module")
def recipes(bench_data: Path) -> list[dict[str, object]]:
    with gzip.open(bench_data / "nasbench_nlp_ptb.jsonl.gz", "rt") as stream:
        return [json.loads(line) for line in stream]


def test_names_and_order_do_not_matter_but_gates_do() -> None:
    assert SPACE.encode(GRU) == SPACE.encode(RENAMED)
    swapped = GRU.replace("blend(z_act,h_prev_0,t_act)", "blend(z_act,t_act,h_prev_0)")
    assert SPACE.canonical_id(SPACE.encode(GRU)) != SPACE.canonical_id(SPACE.encode(swapped))


def test_known_counts_of_a_gated_unit() -> None:
    """The published recipe of the GRU has 9,174,800 parameters."""
    values = np.array([SPACE.encode(GRU)])
    assert int(SPACE.closed_form("params", values)[0]) == 9_174_800


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        ("h_new_0=linear(x,h_prev_0", "is not name=operation"),
        ("a=conv(x,h_prev_0);h_new_0=tanh(a)", "unknown operation"),
        ("a=linear(x,b);b=linear(x,a);h_new_0=tanh(b)", "cyclic"),
        ("a=linear(x);h_new_0=tanh(a)", "has 1 inputs; linear takes 2 or 3"),
        ("a=linear(x,x);h_new_0=tanh(a)", "same input twice"),
        ("h_new_0=elementwise_prod(x,h_prev_0)", "takes x, which has another size"),
        ("a=linear(x,h_prev_0);b=linear(x,h_prev_0);h_new_0=tanh(a)", "is not used"),
        ("a=linear(x,h_prev_1);h_new_0=tanh(a)", "h_prev_1"),
        ("a=linear(x,nowhere);h_new_0=tanh(a)", "no node and no input"),
        ("a=linear(x,h_prev_0);h_new_1=tanh(a)", "without gaps"),
        ("__import__('os').system('true')", "is not name=operation"),
        ('{"a": {"op": "linear"}}', "must have an op and an input"),
        ("{", "ends too early"),
        ("a" * 30_000, "30000 characters"),
    ],
)
def test_broken_rules_are_named(genotype: str, rule: str) -> None:
    with pytest.raises(GenotypeError) as caught:
        SPACE.encode(genotype)
    assert rule in str(caught.value)


def test_cells_of_more_layers_than_the_benchmark_has_are_refused() -> None:
    nodes = [f"n{i}=linear(x,{f'n{i - 1}' if i else 'h_prev_0'})" for i in range(12)]
    with pytest.raises(GenotypeError, match="1 to 11 nodes"):
        SPACE.encode(";".join([*nodes, "h_new_0=tanh(n11)"]))


def test_values_that_are_no_cell_are_refused() -> None:
    with pytest.raises(GenotypeError, match="113 variables"):
        SPACE.decode((0,) * 5)
    with pytest.raises(GenotypeError):
        SPACE.canonical_id((0,) * 113)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_edges_of_a_cell_are_legal_once_its_nodes_are_known(share: float) -> None:
    random, cells = np.random.default_rng(4), SPACE.draw(60, 4).astype(int)
    masked = random.random(cells.shape) < share
    masked[:, :14] = False
    legal = legal_types(SPACE, np.where(masked, SPACE.layout.choices, cells))
    assert np.take_along_axis(legal, cells[:, :, None], 2)[masked].all()
    for edge, (source, target) in enumerate(EDGES, 14):
        absent = (source >= 4) & (cells[:, source - 4] == 0) | (cells[:, target - 4] == 0)
        assert (legal[absent, edge].sum(1) == 1).all()
        assert legal[absent, edge, 0].all()


def test_draws_are_different_and_look_like_the_benchmark(recipes: list[dict[str, object]]) -> None:
    drawn = SPACE.draw(400, 5)
    assert len({SPACE.canonical_id(row) for row in drawn.tolist()}) == 400
    assert np.array_equal(drawn, SPACE.draw(400, 5))
    ours = [to_cell(row) for row in drawn.tolist()]
    theirs = [to_cell(SPACE.encode(json.dumps(recipe["recipe"]))) for recipe in recipes[::10]]

    def share(cells: list, which: int) -> float:  # type: ignore[type-arg]
        return float(np.mean([len(cell.outputs) == which for cell in cells]))

    for states in (1, 2, 3):
        assert share(ours, states) == pytest.approx(share(theirs, states), abs=0.1)
    linear = [np.mean([layer.op == LINEAR for cell in cells for layer in cell.layers]) for cells in (ours, theirs)]
    assert linear[0] == pytest.approx(linear[1], abs=0.1)


def test_params_equal_every_published_count(recipes: list[dict[str, object]]) -> None:
    values = np.array([SPACE.encode(json.dumps(recipe["recipe"])) for recipe in recipes])
    assert len(values) == 4322
    assert SPACE.closed_form("params", values).tolist() == [recipe["params_ptb"] for recipe in recipes]


def test_built_networks_give_logits_of_words() -> None:
    network = SPACE.build(SPACE.encode(GRU)).eval()
    assert network(SPACE.example(batch=2)[0][:3]).shape == (3, 2, 10_000)


def test_arguments_of_blend_are_drawn_with_their_roles() -> None:
    sketch = SPACE.sketch(SPACE.encode(GRU))[0]
    assert {label for _, _, label, _ in sketch.edges} == {"", "gate", "1", "0"}
    assert ARITIES[LINEAR] == (2, 3)
    assert sum(kind == "output" for _, kind in sketch.nodes) == 1
