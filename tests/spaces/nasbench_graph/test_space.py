"""The NAS-Bench-Graph space: forms checked against the official package, rules, legality, exact counts, features."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from dinas_cli.files.unpickle import load_plain
from dinas_cli.spaces.nasbench_graph.read_official import find_installed
from dinas_cli.spaces.nasbench_graph.space import SPACE
from dinas_cli.spaces.nasbench_graph.trees import LINKS, OPERATIONS, from_values, numbers, to_values
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.protocol import KINDS
from tests.support.spaces import drawn_from_legal_types, legal_types

WRITTEN = "([0, 0, 1, 2], ['gcn', 'gat', 'skip', 'fc'])"


def all_links() -> list[tuple[int, ...]]:
    """Every way to link four operations."""
    return list(product(*(range(node + 1) for node in range(4))))


def test_registered_under_name_and_aliases() -> None:
    assert get_space("nasbench-graph") is get_space("nbgraph") is get_space("nasbenchgraph") is SPACE


def test_layout_has_four_operations_and_six_possible_links() -> None:
    layout = SPACE.layout
    assert layout.choices == (9,) * 4 + (2,) * 6
    assert layout.free_edges == ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))


def test_the_space_has_the_architectures_of_the_official_files() -> None:
    official = load_plain(next(path for path in find_installed() if path.stem == "cora"), "the official file")
    reference = SPACE.reference()
    keys = [SPACE.key(values) for values in reference]
    assert len(reference) == len(set(map(tuple, reference))) == SPACE.table_rows == 26_206
    assert keys == sorted(official) == numbers().tolist()
    assert len({SPACE.canonical_id(values) for values in reference}) == 26_206


def test_forms_are_those_of_the_official_package() -> None:
    """Of every way to link operations 150 random choices of them: one number here and there."""
    from nas_bench_graph.architecture import Arch

    draw = np.random.default_rng(0)
    for links in all_links():
        # Skips are what the rules are about, so half of all operations are.
        for operations in np.minimum(draw.integers(16, size=(150, 4)), 8):
            names = [OPERATIONS[operation] for operation in operations]
            if set(names) == {"skip"}:
                continue
            values = SPACE.encode(f"{''.join(map(str, links))}:{','.join(names)}")
            assert SPACE.key(values) == Arch(list(links), names).valid_hash()


@pytest.mark.parametrize("dialect", SPACE.dialects)
def test_round_trip_of_every_architecture(dialect: str) -> None:
    rows = [tuple(int(value) for value in values) for values in SPACE.reference()]
    texts = [SPACE.decode(values, dialect) for values in rows]
    assert len(set(texts)) == len(rows)
    assert [SPACE.encode(text) for text in texts] == rows


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN,
        " Arch([0,0,1,2],['gcn','gat','skip','fc'])\n",
        '[[0, 0, 1, 2], ["gcn", "gat", "skip", "fc"]]',
        "((0, 0, 1, 2,), ('gcn', \"gat\", 'skip', 'fc',),)",
        "([0, 0, 2, 1], ['gat', 'gcn', 'skip', 'fc'])",
        "0012:gcn,gat,skip,fc",
        "0103:gcn, skip, gat, fc",
        "31087",
        "68017",
    ],
)
def test_ways_to_write_the_same_architecture(text: str) -> None:
    values = SPACE.encode(text)
    # The only taker of gcn is a skip, so it moves before all else: fc(gat(x)) and gcn(x) behind a skip.
    assert SPACE.decode(values) == "([0, 1, 1, 2], ['skip', 'gat', 'gcn', 'fc'])"
    assert SPACE.decode(values, "compact") == "0112:skip,gat,gcn,fc"
    assert SPACE.decode(values, "hash") == "68017"
    assert SPACE.canonical_id(values) == "nbg-68017"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0000:gat,gcn,gin,fc", "0000:fc,gin,gcn,gat"),  # equal places
        ("0123:gcn,skip,gat,fc", "0123:skip,gcn,gat,fc"),  # a skip in a chain
        ("0000:skip,gcn,gat,fc", "0111:skip,gat,gcn,fc"),  # a skip of the input
        ("0012:gcn,gat,fc,fc", "0021:gat,gcn,fc,fc"),
    ],
)
def test_measured_as_one(one: str, other: str) -> None:
    assert SPACE.encode(one) == SPACE.encode(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0123:gcn,gat,fc,fc", "0123:gat,gcn,fc,fc"),  # the order of a chain
        ("0112:skip,gcn,gat,fc", "0112:skip,gcn,fc,gat"),
        ("0111:gcn,gat,gat,skip", "0123:skip,gcn,gat,gat"),  # a skip beside others reaches the output
    ],
)
def test_measured_apart(one: str, other: str) -> None:
    assert SPACE.encode(one) != SPACE.encode(other)


def test_values_in_another_form_are_the_same_architecture() -> None:
    for links in all_links()[::3]:
        values = to_values((links, (4, 8, 1, 0)))
        canonical = SPACE.encode(SPACE.decode(values))
        assert SPACE.key(values) == SPACE.key(canonical)
        assert SPACE.canonical_id(values) == SPACE.canonical_id(canonical)
        assert from_values(values) == (links, (4, 8, 1, 0))


def test_whatever_is_drawn_from_legal_types_is_an_architecture() -> None:
    values = drawn_from_legal_types(SPACE, 4096, 3)
    assert np.isin([SPACE.key(row) for row in values], numbers()).all()
    assert all(SPACE.encode(SPACE.decode(row)) == tuple(row) for row in values)


def test_legal_types_are_those_of_the_architectures_that_agree() -> None:
    draw, reference = np.random.default_rng(4), SPACE.reference()
    choices = np.array(SPACE.layout.choices)
    partly = np.where(draw.random((40, 10)) < 0.6, choices, SPACE.draw(40, 4)).astype(np.int8)
    for values, types in zip(partly, legal_types(SPACE, partly), strict=True):
        for variable in range(10):
            others = (values == choices) | (np.arange(10) == variable)
            agreeing = reference[((reference == values) | others).all(1), variable]
            assert set(np.flatnonzero(types[variable])) == set(agreeing.tolist())


def test_draws_are_uniform_and_repeatable() -> None:
    drawn = SPACE.draw(50_000, 1)
    assert drawn.dtype == np.int8
    assert np.array_equal(drawn, SPACE.draw(50_000, 1))
    trees = [LINKS.index(from_values(values)[0]) for values in drawn[:5000]]
    expected = np.bincount(numbers() // 10_000) / 26_206
    assert np.abs(np.bincount(trees) / 5000 - expected).max() < 0.03


def test_params_are_those_of_the_official_files() -> None:
    """All of eight datasets; of physics those 24,639 whose three runs were of one network."""
    reference, known = SPACE.reference(), numbers()
    for path in find_installed():
        official = load_plain(path, "the official file")
        rows = np.searchsorted(known, list(official))
        counts = np.rint([entry["para"] * 1e6 for entry in official.values()])
        own = SPACE.closed_form("params", reference[rows], path.stem)
        assert (own == counts).sum() == {"physics": 24_639, "proteins": 2_021}.get(path.stem, 26_206)


def test_sketch_shows_where_outputs_go() -> None:
    (sketch,) = SPACE.sketch(SPACE.encode("0011:gcn,fc,skip,gat"))
    assert [label for label, _ in sketch.nodes] == ["in", "gcn", "fc", "gat", "skip", "out"]
    assert {kind for _, kind in sketch.nodes} == {"input", "graph", "linear", "skip", "output"} <= set(KINDS)
    assert [edge[:2] for edge in sketch.edges] == [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (3, 5), (4, 5)]


def test_features_tell_architectures_apart_and_count_right() -> None:
    reference = SPACE.reference()
    features = SPACE.features(reference)
    assert features.shape == (26_206, 206)
    assert features.dtype == np.float32
    assert len(np.unique(features, axis=0)) == 26_206
    values = SPACE.encode("0112:skip,gcn,fc,gat")
    assert SPACE.decode(values, "compact") == "0112:skip,gcn,fc,gat"
    (row,) = SPACE.features(np.array([values]))
    assert {OPERATIONS[op]: count for op, count in enumerate(row[52:61]) if count} == dict.fromkeys(
        ("gat", "gcn", "fc", "skip"), 1
    )
    at_depth = [{OPERATIONS[op] for op in np.flatnonzero(level)} for level in row[61:97].reshape(4, 9)]
    assert at_depth == [{"skip"}, {"gcn", "fc"}, {"gat"}, set()]
    assert {OPERATIONS[op] for op in np.flatnonzero(row[97:106])} == {"fc", "gat"}
    taken = {(OPERATIONS[a], OPERATIONS[b]) for a, b in np.argwhere(row[106:187].reshape(9, 9))}
    assert taken == {("skip", "gcn"), ("skip", "fc"), ("gcn", "gat")}
    assert row[187:191].tolist() == [0, 1, 0, 0]  # two outputs
    assert row[191:196].tolist() == [1, 0, 1, 0, 0]  # of paths that look at neighbours never and twice
    assert row[196:206].reshape(2, 5).argmax(1).tolist() == [2, 0]
