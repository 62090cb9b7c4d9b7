"""The NAS-Bench-101 space: rules, module hash, canonical order, catalogue, drawing, legality, counts, features."""

from __future__ import annotations

import csv
import gzip
import json
from itertools import combinations, islice, product
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.nasbench101 import graphs
from dinas_cli.spaces.nasbench101.cells import EDGES, OPERATIONS, checked
from dinas_cli.spaces.nasbench101.space import SPACE
from dinas_cli.spaces.registry import get_space
from tests.support.spaces import drawn_from_legal_types, legal_types

INCEPTION = (
    '{"matrix": [[0,1,1,1,0,1,0],[0,0,0,0,0,0,1],[0,0,0,0,0,0,1],[0,0,0,0,1,0,0],[0,0,0,0,0,0,1],[0,0,0,0,0,0,1],'
    '[0,0,0,0,0,0,0]], "ops": ["input", "conv1x1-bn-relu", "conv3x3-bn-relu", "conv3x3-bn-relu", "conv3x3-bn-relu", '
    '"maxpool3x3", "output"]}'
)
"""The example in the official library's documentation."""
KNOWN = "7:100110100001001010101:02001"
Cell = tuple[int, ...]


def other_orders(cell: Cell, random: np.random.Generator, tries: int = 8) -> list[Cell]:
    """The same cell with its inner vertices in other orders in which edges run forwards."""
    size = 5 - cell[:5].count(0)
    found = []
    for _ in range(tries):
        rank = random.random(size)
        edges = [(i, j) for (i, j), there in zip(EDGES, cell[5:], strict=True) if there]
        for i, j in edges:  # push every vertex behind its sources; edges are sorted by their start
            if i > 0 and j < 6:
                rank[j - 1] = max(rank[j - 1], rank[i - 1] + random.random() * 0.1)
        place = {0: 0, 6: 6} | {int(v) + 1: p for p, v in enumerate(np.argsort(rank), 1)}
        nodes = [0] * 5
        for vertex in range(1, size + 1):
            nodes[place[vertex] - 1] = cell[vertex - 1]
        moved = {(place[i], place[j]) for i, j in edges}
        found.append((*nodes, *(int(edge in moved) for edge in EDGES)))
    return found


def drawn(count: int, seed: int) -> list[Cell]:
    return [tuple(row) for row in SPACE.draw(count, seed).tolist()]


def test_registered_under_name_and_alias() -> None:
    assert get_space("nasbench101") is get_space("nb101") is SPACE


def test_layout() -> None:
    layout = SPACE.layout
    assert layout.size == 26
    assert layout.choices == (4,) * 5 + (2,) * 21
    assert [layout.node_types[layout.nodes[node]] for node in (0, 6)] == ["input", "output"]
    assert layout.free_edges == tuple(combinations(range(7), 2))


def test_a_published_cell_has_its_published_hash() -> None:
    cell = SPACE.encode(KNOWN)
    assert SPACE.canonical_id(cell) == "nb101-00005c142e6f48ac74fdcf73e3439874"
    assert SPACE.key(cell) == 0x00005C142E6F48A < 2**60
    assert SPACE.decode(cell, "compact") == KNOWN
    spec = json.loads(SPACE.decode(cell))
    assert spec["ops"][1:-1] == [OPERATIONS[int(digit)] for digit in "02001"]
    assert [spec["matrix"][i][j] for i, j in combinations(range(7), 2)] == [int(bit) for bit in KNOWN.split(":")[1]]


@pytest.mark.parametrize("dialect", SPACE.dialects)
def test_round_trip(dialect: str) -> None:
    for cell in [*drawn(300, 1), SPACE.encode("2:1:"), SPACE.encode("3:111:2")]:
        text = SPACE.decode(cell, dialect)
        assert SPACE.encode(text) == SPACE.encode(f" {text}\n") == cell
        assert "\n" not in text


def test_isomorphic_cells_are_one() -> None:
    random = np.random.default_rng(0)
    moved = 0
    for cell in drawn(150, 2):
        same = other_orders(cell, random)
        moved += sum(other != cell for other in same)
        assert {SPACE.canonical_id(other) for other in same} == {SPACE.canonical_id(cell)}
        assert {SPACE.decode(other) for other in same} == {SPACE.decode(cell)}
        assert {SPACE.encode(SPACE.decode(other, "compact")) for other in same} == {cell}
        assert (graphs.canonical(np.array(same)) == cell).all()
        assert np.ptp(SPACE.closed_form("params", np.array(same))) == 0
        assert np.ptp(SPACE.features(np.array(same)), axis=0).max() == 0
    assert moved > 300


def test_useless_vertices_are_left_out() -> None:
    dangling = (
        '{"matrix": [[0,1,0,1],[0,0,0,0],[0,0,0,1],[0,0,0,0]], "ops": ["input","maxpool3x3","maxpool3x3","output"]}'
    )
    assert SPACE.encode(dangling) == SPACE.encode("2:1:")
    # Nine vertices and eleven edges, of which seven and nine remain.
    spec = json.loads(SPACE.decode(SPACE.encode(INCEPTION)))
    for starts, ends in ((0, None), (None, -1)):  # fed but without effect; with effect but not fed
        for row in spec["matrix"]:
            row.insert(3, 0)
        spec["matrix"].insert(3, [0] * len(spec["matrix"][0]))
        spec["ops"].insert(3, "conv1x1-bn-relu")
        if starts is not None:
            spec["matrix"][starts][3] = 1
        if ends is not None:
            spec["matrix"][3][ends] = 1
    assert len(spec["ops"]) == 9
    assert SPACE.encode(json.dumps(spec)) == SPACE.encode(INCEPTION)


def test_the_catalogue_is_every_cell_once() -> None:
    """Small cells against all matrices with all operations, told apart by the module hash alone."""
    cells = graphs.unfold(graphs.catalogue())
    assert len(cells) == len(np.unique(cells, axis=0)) == SPACE.table_rows == 423_624
    sizes = (cells[:, :5] > 0).sum(1)
    assert np.bincount(sizes).tolist() == [1, 6, 84, 2441, 62010, 359082]
    assert (graphs.canonical(cells[::20]) == cells[::20]).all()
    for size in range(3):
        places = [e for e, (i, j) in enumerate(EDGES) if (i <= size) and (j <= size or j == 6)]
        hashes = set()
        for bits in product((0, 1), repeat=len(places)):
            edges = [0] * len(EDGES)
            for place, bit in zip(places, bits, strict=True):
                edges[place] = bit
            for nodes in product((1, 2, 3), repeat=size):
                try:
                    hashes.add(SPACE.canonical_id([*nodes, *[0] * (5 - size), *edges]))
                except GenotypeError:
                    break  # the edges decide
        assert hashes == {SPACE.canonical_id(row) for row in cells[sizes == size].tolist()}


def test_draw_is_uniform() -> None:
    cells = SPACE.draw(200_000, 7)
    assert cells.dtype == np.int8
    sizes = np.bincount((cells[:, :5] > 0).sum(1), minlength=6) / len(cells)
    np.testing.assert_allclose(sizes[3:], np.array([2441, 62010, 359082]) / 423624, atol=4e-3)
    # How often each cell comes: a Poisson number, whose mean and variance are equal.
    counts = np.unique(graphs.canonical_numbers(cells), return_counts=True)[1]
    mean, absent = len(cells) / 423624, 423624 - len(counts)
    variance = ((counts - mean) ** 2).sum() / 423624 + absent * mean**2 / 423624
    assert variance == pytest.approx(mean, rel=0.02)
    assert np.array_equal(SPACE.draw(100, 7), SPACE.draw(100, 7))
    assert not np.array_equal(SPACE.draw(100, 7), SPACE.draw(100, 8))


def test_reference_is_a_fixed_sample_of_cells() -> None:
    reference = SPACE.reference()
    assert reference.shape == (8192, 26)
    assert reference is SPACE.reference()
    assert len(np.unique(reference, axis=0)) > 8000
    for row in reference[::40].tolist():
        checked(row)


def test_whatever_is_drawn_from_legal_types_is_a_cell() -> None:
    ids = {SPACE.canonical_id(row) for row in drawn_from_legal_types(SPACE, 512, 3).tolist()}
    assert len(ids) > 200


def test_legal_types_are_all_that_cells_have() -> None:
    """Of half-masked cells, what was masked is legal; of wholly masked ones, everything that exists."""
    random = np.random.default_rng(4)
    cells = SPACE.draw(300, 4).astype(int)
    masked = np.where(random.random(cells.shape) < 0.5, SPACE.layout.choices, cells)
    legal = legal_types(SPACE, masked)
    assert np.take_along_axis(legal, cells[:, :, None], 2).all()
    everything = legal_types(SPACE, np.array([SPACE.layout.choices]))
    assert everything[0].sum(1).tolist() == list(SPACE.layout.choices)


def test_what_can_become_no_cell_any_more_is_not_steered() -> None:
    values = np.array([SPACE.layout.choices])
    values[0, 0], values[0, 5] = 0, 1  # no first vertex, but an edge to it
    legal = legal_types(SPACE, values)
    assert legal[0].sum(1).tolist() == list(SPACE.layout.choices)


def test_parameters_and_hashes_are_those_of_the_table(bench_data: Path) -> None:
    with gzip.open(bench_data / "nasbench101_30k.csv.gz", "rt") as stream:
        rows = list(csv.DictReader(stream))
    texts = [f"{row['n_vertices']}:{row['adj_upper']}:{row['ops']}" for row in rows]
    cells = [SPACE.encode(text) for text in texts]
    assert [SPACE.canonical_id(cell) for cell in cells[::40]] == [f"nb101-{row['hash']}" for row in rows[::40]]
    assert SPACE.closed_form("params", np.array(cells)).tolist() == [int(row["params"]) for row in rows]


def test_features() -> None:
    features = SPACE.features(SPACE.reference())
    assert features.dtype == np.float32
    assert features.shape[0] == 8192
    assert features.shape[1] <= 400
    assert np.isfinite(features).all()
    assert len(np.unique(features, axis=0)) == len(np.unique(SPACE.reference(), axis=0))


def test_a_linear_model_of_the_features_ranks_unseen_cells(bench_data: Path) -> None:
    with gzip.open(bench_data / "nasbench101_30k.csv.gz", "rt") as stream:
        rows = list(islice(csv.DictReader(stream), 5000))
    cells = np.array([SPACE.encode(f"{row['n_vertices']}:{row['adj_upper']}:{row['ops']}") for row in rows])
    ranks = np.argsort(np.argsort([float(row["val_acc_108"]) for row in rows])) / len(rows)
    inputs = SPACE.features(cells).astype(np.float64)
    weights = np.linalg.lstsq(inputs[:4000], ranks[:4000], rcond=1e-6)[0]
    guess = inputs[4000:] @ weights
    agree = np.sign(guess[:, None] - guess) * np.sign(ranks[4000:, None] - ranks[4000:])
    assert agree.sum() / (1000 * 999) > 0.7  # Kendall's tau


def test_sketch() -> None:
    (sketch,) = SPACE.sketch(SPACE.encode("4:110011:02"))
    assert sketch.nodes == (("in", "input"), ("conv 3×3", "conv"), ("max 3×3", "pool"), ("out", "output"))
    assert {edge[:2] for edge in sketch.edges} == {(0, 1), (0, 2), (1, 3), (2, 3)}
