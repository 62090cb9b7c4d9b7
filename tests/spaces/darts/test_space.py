"""The DARTS space: dialects, rules, architecture ids, legal edge types, counts of the published rows."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import numpy as np

from dinas_cli.spaces.darts import cells
from dinas_cli.spaces.darts.cells import EDGES, NODES, OPERATIONS
from dinas_cli.spaces.darts.space import SPACE
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import KINDS
from tests.support.spaces import drawn_from_legal_types

V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)
"""The architecture that DARTS (second order) found."""
COMPACT = "0313-0313-0213-0225:0010-1022-0022-1022"
DRAWN = [tuple(row) for row in SPACE.draw(300, 7).tolist()]


def rows(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as stream:
        return list(csv.DictReader(stream))


def test_registered_under_name_and_aliases() -> None:
    assert get_space("darts") is get_space("nasbench301") is get_space("nb301") is SPACE


def test_layout_has_two_cells_that_share_no_edge() -> None:
    layout = SPACE.layout
    assert (len(layout.nodes), layout.size, layout.free_nodes, set(layout.choices)) == (12, 28, (), {8})
    first, second = layout.free_edges[:14], layout.free_edges[14:]
    assert first == EDGES == ((0, 2), (1, 2), (0, 3), (1, 3), (2, 3), *((i, 4) for i in range(4)), *EDGES[9:])
    assert second == tuple((i + 6, j + 6) for i, j in EDGES)


def test_ids_are_those_of_cells_up_to_renumbering() -> None:
    found = 0
    for values in DRAWN[:100]:
        for other in SPACE.isomorphic(values):
            found += other != values
            assert SPACE.canonical_id(other) == SPACE.canonical_id(values)
            assert (SPACE.key(other) == SPACE.key(values)) == (other == values)
    assert found > 100


def test_ids_and_keys_tell_architectures_apart() -> None:
    changed = set(DRAWN)
    for values in DRAWN:
        for edge in np.flatnonzero(values)[::3]:
            changed.add((*values[:edge], values[edge] % 7 + 1, *values[edge + 1 :]))
        changed.add((*values[14:], *values[:14]))  # the other cell first
    assert len({SPACE.key(values) for values in changed}) == len(changed)
    classes = {tuple(map(cells.canonical, cells.checked(values))) for values in changed}
    assert len({SPACE.canonical_id(values) for values in changed}) == len(classes) > 0.99 * len(changed)


def test_keys_fit_a_table() -> None:
    last = (7, 7, 0, 7, 7, 0, 0, 7, 7, 0, 0, 0, 7, 7)
    assert SPACE.key(last * 2) == (180 * 7**8) ** 2 - 1 < 2**63
    assert SPACE.key((1, 1, 1, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0) * 2) == 0


def test_draw_is_uniform_and_valid() -> None:
    drawn = SPACE.draw(20_000, 3)
    assert drawn.shape == (20_000, 28)
    assert drawn.dtype == np.int8
    assert np.array_equal(drawn, SPACE.draw(20_000, 3))
    for values in drawn[:500].tolist():
        cells.checked(values)
    present = (drawn != 0).reshape(-1, 14).mean(0)
    expected = [2 / node for node in NODES for _ in range(node)]
    np.testing.assert_allclose(present, expected, atol=0.01)
    operations = np.bincount(drawn[drawn > 0], minlength=8)[1:] / (drawn > 0).sum()
    np.testing.assert_allclose(operations, 1 / 7, atol=0.005)
    assert len(SPACE.reference()) == 8192


def test_whatever_is_drawn_from_legal_types_is_valid() -> None:
    for row in drawn_from_legal_types(SPACE, 2000, 0).tolist():
        SPACE.canonical_id(row)


def test_legal_says_no_more_than_it_must() -> None:
    """Every valid architecture can be drawn, in any order."""
    random = np.random.default_rng(1)
    for values in DRAWN[:50]:
        partial = np.full((1, 28), 8)
        for place in random.permutation(28):
            allowed = SPACE.legal(partial, np.array([place]))
            assert allowed is not None
            assert allowed[0, values[place]]
            partial[0, place] = values[place]


def test_features_and_operators() -> None:
    features = SPACE.features(np.array(DRAWN))
    assert features.dtype == np.float32
    assert np.array_equal(features.reshape(-1, 28, 8).argmax(-1), DRAWN)
    operators = np.concatenate(SPACE.operators(np.array(DRAWN)), 1)
    for values, counted in zip(DRAWN, operators, strict=True):
        expected = np.zeros((8, 8), int)
        for cell, nodes in enumerate(cells.checked(values)):
            read = Counter(source for inputs in nodes for source, _ in inputs)
            for node, inputs in enumerate(nodes, 2):
                for source, operation in inputs:
                    expected[0 if cell == 0 else 1 if source < 2 else 2, operation] += 1
                    # By places: the normal cell's first input and its second, the reduction cell's first.
                    expected[3, operation] += (cell, source) == (0, 0)
                    expected[4, operation] += (cell, source) == (0, 1)
                    expected[5, operation] += (cell, source) == (1, 0)
                    expected[6 + cell, operation] += read[node]
        assert np.array_equal(counted, expected[:, 1:].ravel())
    # A surrogate file is checked with values that no architecture has.
    assert [ways.shape for ways in SPACE.operators(np.zeros((1, 28), np.int8))] == [(1, 21), (1, 35)]


def test_sketches_show_both_cells() -> None:
    for sketch, cell in zip(SPACE.sketch(SPACE.encode(V2)), ("normal cell", "reduction cell"), strict=True):
        assert sketch.title == cell
        assert len(sketch.nodes) == 7
        assert {kind for _, kind in sketch.nodes} <= set(KINDS)
        assert len(sketch.edges) == 8 + 4
        assert all(start < end for start, end, *_ in sketch.edges)
    assert (2, 5, "dil 3×3", "conv") in SPACE.sketch(SPACE.encode(V2))[0].edges


def test_published_genotypes(bench_data: Path) -> None:
    found = rows(bench_data / "nasbench301" / "xgb_v1_labels_1218.csv.gz")
    values = [SPACE.encode(row["genotype"]) for row in found]
    assert len({SPACE.key(each) for each in values}) == 1218
    assert [SPACE.encode(SPACE.decode(each)) for each in values] == values
    for each, row in zip(values[:200], found, strict=False):
        pairs = [(name, source) for name, source in json.loads(row["genotype"])["normal"]]
        cell, _ = cells.checked(each)
        for node, inputs in enumerate(cell):
            assert sorted((i, OPERATIONS[op]) for i, op in inputs) == sorted(
                (source, name) for name, source in pairs[2 * node : 2 * node + 2]
            )
