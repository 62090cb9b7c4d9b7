"""The NAS-Bench-201 space: dialects, keys, architecture ids checked against independent definitions, features."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest

from dinas_cli.errors import GenotypeError, UsageProblem
from dinas_cli.spaces.nasbench201.cells import OPERATIONS, official_structure, structure
from dinas_cli.spaces.nasbench201.space import SPACE
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.summing_cells import EDGES, live_operations
from tests.support.spaces import assert_refused

CELLS = [tuple(int(op) for op in cell) for cell in SPACE.reference()]
BEST = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"


def test_registered_under_name_and_alias() -> None:
    assert get_space("nasbench201") is get_space("nb201") is SPACE


def test_layout_has_six_free_edges_in_the_order_of_the_genotype() -> None:
    layout = SPACE.layout
    assert (layout.nodes, layout.node_types, layout.free_nodes) == ((0, 0, 0, 0), ("sum",), ())
    assert layout.edge_types == ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    assert layout.free_edges == ((0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3))
    assert layout.choices == (5,) * 6


def test_the_best_cell_reads_as_published() -> None:
    assert SPACE.encode(BEST) == (3, 3, 3, 1, 3, 2)
    assert SPACE.decode((3, 3, 3, 1, 3, 2)) == BEST


@pytest.mark.parametrize("dialect", SPACE.dialects)
def test_round_trip_of_every_cell(dialect: str) -> None:
    texts = [SPACE.decode(cell, dialect) for cell in CELLS]
    assert len(set(texts)) == len(CELLS) == SPACE.table_rows
    assert [SPACE.encode(text) for text in texts] == CELLS


@pytest.mark.parametrize(
    "text",
    [
        "  333132\n",
        "nor_conv_3x3,nor_conv_3x3, nor_conv_3x3,skip_connect,nor_conv_3x3,nor_conv_1x1",
        "|nor_conv_3x3~0|+|nor_conv_3x3~1|nor_conv_3x3~0|+|nor_conv_1x1~2|nor_conv_3x3~1|skip_connect~0|",
        '[[["nor_conv_3x3",0]],[["nor_conv_3x3",0],["nor_conv_3x3",1]],'
        '[["skip_connect",0],["nor_conv_3x3",1],["nor_conv_1x1",2]]]',
        "[(('nor_conv_3x3', 0),), (('nor_conv_3x3', 0), ('nor_conv_3x3', 1)), "
        "(('skip_connect', 0), ('nor_conv_3x3', 1), ('nor_conv_1x1', 2),),]",
    ],
)
def test_other_ways_to_write_the_same_cell(text: str) -> None:
    assert SPACE.encode(text) == SPACE.encode(BEST)


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        ("", "no dialect"),
        ("resnet18", "no dialect"),
        ("333135", "no dialect"),
        ("٣٣٣١٣٢", "no dialect"),
        ("33313", "5 operations"),
        ("3331322", "7 operations"),
        ("none,none", "2 operations"),
        ("none,none,none,none,none,sep_conv", "unknown operation 'sep_conv'"),
        ("none,none,none,none,none,", "5 operations"),
        ("none,none,none,none,,none", "unknown operation ''"),
        ("15625", "no index: they go from 0 to 15624"),
        ("nasbench201:15625", "no index"),
        ("123", "3 operations, the space has 6 edges"),
        ("|", "node 1 must be written between two '|'"),
        ("||", "operation~node"),
        ("|none~0|+|none~0|none~1|", "2 nodes besides the input"),
        ("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|+|none~0|", "4 nodes besides the input"),
        ("|none~0|+|none~0|none~1|+none~0|none~1|none~2|", "node 3 must be written between two '|'"),
        ("|none~0|+|none~0|none|+|none~0|none~1|none~2|", "every edge of node 2 must be written operation~node"),
        ("|none~0|+|none~0|+|none~0|none~1|none~2|", "node 2 lacks its edge from node 1"),
        ("|none~0|+|none~0|none~0|+|none~0|none~1|none~2|", "node 2 has two edges from node 0"),
        ("|none~0|+|none~0|none~2|+|none~0|none~1|none~2|", "node 2 takes input from earlier nodes"),
        ("|none~1|+|none~0|none~1|+|none~0|none~1|none~2|", "node 1 takes input from earlier nodes"),
        ("|none~0|+|none~0|none~1|+|none~0|none~1|none~-1|", "node 3 takes input from earlier nodes"),
        ("|none~0|+|none~0|none~1|+|none~0|none~1|none~2~0|", "node 3 takes input from earlier nodes"),
        ("|none~0|+|none~0|none~1|+|none~0|none~1|none~ 2|", "node 3 takes input from earlier nodes"),
        ("|None~0|+|none~0|none~1|+|none~0|none~1|none~2|", "unknown operation 'None'"),
        ("|nor_conv_7x7~0|+|none~0|none~1|+|none~0|none~1|none~2|", "unknown operation 'nor_conv_7x7'"),
        ("|none\x1b[31m~0|+|none~0|none~1|+|none~0|none~1|none~2|", r"unknown operation 'none\x1b[31m'"),
        ("()", "must be a tuple of nodes"),
        ("((('none', 0],), (('none', 0), ('none', 1)))", "unexpected ']'"),
        ("((('none', 0),),)", "1 nodes besides the input"),
        ("(('none', 0), ('none', 0), ('none', 1))", "must be a tuple of nodes"),
        ("(((0, 'none'),),)", "must be a tuple of nodes"),
        ("(" * 900, "nested too deeply"),
        ("(((__import__('os').system('true'), 0),),)", "unexpected character '.'"),
        ("((('none', 0.5),),)", "must be a tuple of nodes"),
        ("((('no\\'ne', 0),),)", "unexpected character"),
        ("x" * 5000, "5000 characters"),
    ],
)
def test_malformed_genotypes_are_refused_with_the_rule(genotype: str, rule: str) -> None:
    assert_refused(SPACE, genotype, rule)


def test_text_only_is_a_genotype() -> None:
    with pytest.raises(GenotypeError, match="text, not list"):
        SPACE.encode([3, 3, 3, 1, 3, 2])  # type: ignore[arg-type]


def test_unknown_operation_suggests_the_closest() -> None:
    with pytest.raises(GenotypeError) as caught:
        SPACE.encode("|nor_conv3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean 'nor_conv_3x3'?")


@pytest.mark.parametrize("values", [(), (0,) * 5, (0,) * 7, (0, 0, 0, 0, 0, 5), (0, 0, 0, 0, 0, -1)])
def test_values_outside_the_space_are_refused(values: Sequence[int]) -> None:
    for method in (SPACE.decode, SPACE.key, SPACE.canonical_id, SPACE.build, SPACE.source):
        with pytest.raises(GenotypeError):
            method(values)


def test_fractions_are_no_operations() -> None:
    with pytest.raises(TypeError):
        SPACE.key([0.5] * 6)  # type: ignore[list-item]


def test_unknown_dialect_and_dataset() -> None:
    with pytest.raises(UsageProblem, match="unknown dialect 'tupel'"):
        SPACE.decode(CELLS[0], "tupel")
    with pytest.raises(UsageProblem, match="unknown dataset 'mnist'"):
        SPACE.source(CELLS[0], "mnist")


def test_keys_number_the_reference() -> None:
    assert [SPACE.key(cell) for cell in SPACE.reference()] == list(range(5**6))
    assert SPACE.key((1, 0, 0, 0, 0, 0)) == 1
    assert SPACE.key((0, 0, 0, 0, 0, 1)) == 5**5


def test_counts_are_those_of_the_literature() -> None:
    assert SPACE.counts() == {"genotypes": 15625, "official unique structures": 6466, "architecture ids": 4930}


def test_each_id_is_a_union_of_official_structures() -> None:
    ids = defaultdict(set)
    for cell in CELLS:
        ids[official_structure(cell)].add(SPACE.canonical_id(cell))
    assert all(len(found) == 1 for found in ids.values())


def test_ids_are_equal_exactly_for_equal_functions() -> None:
    """An independent canonical form: the cell run on numbers modulo a prime, each operation a random quadratic map.

    The maps send zero to zero and do not distribute over sums, so two cells agree on random inputs only if they are
    the same expression (up to a chance of about 2^-60 per pair).
    """
    prime, draw = 2**61 - 1, random.Random(0)
    maps = [(draw.randrange(prime), draw.randrange(prime)) for _ in OPERATIONS]

    def run(cell: tuple[int, ...], x: int) -> int:
        nodes = [x, 0, 0, 0]
        for op, (i, j) in zip(cell, EDGES, strict=True):
            a, b = maps[op]
            term = 0 if op == 0 else nodes[i] if op == 1 else a * nodes[i] + b * nodes[i] ** 2
            nodes[j] = (nodes[j] + term) % prime
        return nodes[3]

    inputs = [draw.randrange(prime) for _ in range(2)]
    functions = [tuple(run(cell, x) for x in inputs) for cell in CELLS]
    ids = [SPACE.canonical_id(cell) for cell in CELLS]
    assert len(set(functions)) == len(set(ids)) == len(set(zip(functions, ids, strict=True)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("000300", "300010"),  # a skip after the operation
        ("000300", "100030"),  # a skip before the operation
        ("000300", "111300"),  # inner nodes that reach no output
        ("300020", "030002"),  # the same chain through another node
        ("000000", "333000"),  # nothing reaches the output
        ("000000", "000033"),  # nothing leaves the input
    ],
)
def test_equal_functions_by_hand(one: str, other: str) -> None:
    assert SPACE.canonical_id(SPACE.encode(one)) == SPACE.canonical_id(SPACE.encode(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("000100", "100110"),  # x and x + x: multiplicity counts
        ("300020", "200030"),  # the order of a chain counts
        ("000300", "000200"),
        ("000000", "000100"),
    ],
)
def test_different_functions_by_hand(one: str, other: str) -> None:
    assert SPACE.canonical_id(SPACE.encode(one)) != SPACE.canonical_id(SPACE.encode(other))


def test_ids_do_not_change_between_versions() -> None:
    assert SPACE.canonical_id(SPACE.encode("333132")) == "nb201-4b74efc55394"
    assert structure(SPACE.encode("301004")) == "avg_pool_3x3(nor_conv_3x3(x))"


def test_live_operations_compute_the_same_and_are_minimal() -> None:
    live = live_operations(SPACE.reference())
    for cell, kept in zip(CELLS, live, strict=True):
        assert structure(kept) == structure(cell)
    assert np.array_equal(live_operations(live), live)
    # No kept edge can be left out without changing the function.
    for kept in live[::11]:
        for edge in np.flatnonzero(kept):
            without = kept.copy()
            without[edge] = 0
            assert structure(without) != structure(kept)


def test_features_are_one_hot_of_raw_and_live_operations() -> None:
    reference = SPACE.reference()
    features = SPACE.features(reference)
    assert features.shape == (15625, 60)
    assert features.dtype == np.float32
    blocks = features.reshape(-1, 2, 6, 5)
    assert np.array_equal(blocks.argmax(-1)[:, 0], reference)
    assert np.array_equal(blocks.argmax(-1)[:, 1], live_operations(reference))
    assert np.array_equal(blocks.sum(-1), np.ones((15625, 2, 6)))
