"""The micro space of TransNAS-Bench-101: dialects, identity of cells, features and exact counts."""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import GenotypeError, UsageProblem
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.skeletons import COUNTS
from dinas_cli.spaces.shared.summing_cells import EDGES
from dinas_cli.spaces.transnas_micro.space import PATHS, SPACE, structure
from tests.support.spaces import assert_refused

CELLS = [tuple(int(op) for op in cell) for cell in SPACE.reference()]


def test_registered_under_name_and_aliases() -> None:
    assert get_space("transnas-micro") is SPACE
    assert all(get_space(alias) is SPACE for alias in SPACE.aliases)
    assert SPACE.aliases == ("transnas", "tnb101-micro")


def test_the_cell_of_the_benchmarks_own_example() -> None:
    """Its documentation: node 1 skips node 0, node 2 adds a 1x1 convolution of node 1, node 3 3x3 ones of all."""
    values = SPACE.encode("64-41414-1_02_333")
    assert values == (1, 0, 2, 3, 3, 3) == SPACE.encode(" 1_02_333\n")
    assert SPACE.decode(values) == "64-41414-1_02_333"
    assert SPACE.decode(values, "compact") == "1_02_333"
    assert structure(values) == "+".join(
        sorted(["conv_3x3(x)", "conv_3x3(reduce(x))", "conv_3x3(conv_1x1(reduce(x)))"])
    )


@pytest.mark.parametrize("dialect", SPACE.dialects)
def test_round_trip_of_every_cell(dialect: str) -> None:
    texts = [SPACE.decode(cell, dialect) for cell in CELLS]
    assert len(set(texts)) == len(CELLS) == SPACE.table_rows == 4096
    assert [SPACE.encode(text) for text in texts] == CELLS


def test_keys_number_the_reference() -> None:
    assert [SPACE.key(cell) for cell in CELLS] == list(range(4**6))
    assert SPACE.key((1, 0, 0, 0, 0, 0)) == 1


def test_the_benchmarks_architectures_are_the_space(bench_data: Path) -> None:
    with gzip.open(bench_data / "transnas_bench_101.csv.gz", "rt") as stream:
        archs = [row["arch"] for row in csv.DictReader(stream) if row["space"] == "micro"]
    assert {SPACE.encode(arch) for arch in archs} == set(CELLS)
    assert {SPACE.decode(cell) for cell in CELLS} == set(archs)


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        ("", "1, 2 and 3 operations"),
        ("resnet50", "1, 2 and 3 operations"),
        ("333320", "1, 2 and 3 operations"),
        ("3_33_32", "1, 2 and 3 operations"),
        ("3_33_3200", "1, 2 and 3 operations"),
        ("3_33_320_1", "1, 2 and 3 operations"),
        ("4_33_320", "digits 0 to 3"),
        ("٣_33_320", "digits 0 to 3"),
        ("3_33_32\x1b", "digits 0 to 3"),
        ("64-41414-", "1, 2 and 3 operations"),
        ("64-41414-basic", "1, 2 and 3 operations"),
        ("64-41414-64-41414-3_33_320", "1, 2 and 3 operations"),
        ("64-111114-basic", "start with 64-41414-"),
        ("32-41414-3_33_320", "start with 64-41414-"),
        ("64-4141-3_33_320", "start with 64-41414-"),
        ("41414-3_33_320", "start with 64-41414-"),
        ("__import__('os')", "1, 2 and 3 operations"),
        ("3" * 5000, "5000 characters"),
    ],
)
def test_malformed_genotypes_are_refused_with_the_rule(genotype: str, rule: str) -> None:
    assert_refused(SPACE, genotype, rule)


def test_text_only_is_a_genotype() -> None:
    with pytest.raises(GenotypeError, match="text, not tuple"):
        SPACE.encode((1, 0, 2, 3, 3, 3))  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [(), (0,) * 5, (0,) * 7, (0, 0, 0, 0, 0, 4), (0, 0, 0, 0, 0, -1)])
def test_values_outside_the_space_are_refused(values: Sequence[int]) -> None:
    for method in (SPACE.decode, SPACE.key, SPACE.canonical_id, SPACE.build, SPACE.source, SPACE.sketch):
        with pytest.raises(GenotypeError, match="6 operations numbered 0 to 3"):
            method(values)


def test_unknown_dialect_and_dataset() -> None:
    with pytest.raises(UsageProblem, match="unknown dialect 'archs'"):
        SPACE.decode(CELLS[0], "archs")
    for call in (SPACE.build, SPACE.source):
        with pytest.raises(UsageProblem, match="unknown dataset 'jigsw'") as caught:
            call(CELLS[0], "jigsw")
        assert str(caught.value.hint).startswith("did you mean 'jigsaw'?")


def test_ids_are_equal_exactly_for_equal_functions() -> None:
    """An independent canonical form: both kinds of cells run on numbers modulo a prime.

    Operations are random quadratic maps without constant, others where the shape changes; a skip is one only there.
    Two cells agree on random inputs only if they are the same expressions (up to a chance of about 2^-60 per pair).
    """
    prime, draw = 2**61 - 1, random.Random(0)
    maps = [[(draw.randrange(prime), draw.randrange(prime)) for _ in range(4)] for _ in range(2)]

    def run(cell: tuple[int, ...], x: int, reduction: bool) -> int:
        nodes = [x, 0, 0, 0]
        for op, (i, j) in zip(cell, EDGES, strict=True):
            changes = reduction and i == 0
            a, b = maps[changes][op]
            keeps = op == 1 and not changes
            term = 0 if op == 0 else nodes[i] if keeps else a * nodes[i] + b * nodes[i] ** 2
            nodes[j] = (nodes[j] + term) % prime
        return nodes[3]

    inputs = [draw.randrange(prime) for _ in range(2)]
    functions = [tuple(run(cell, x, kind) for x in inputs for kind in (False, True)) for cell in CELLS]
    ids = [SPACE.canonical_id(cell) for cell in CELLS]
    assert len(set(functions)) == len(set(ids)) == len(set(zip(functions, ids, strict=True))) == 1229


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0_00_300", "3_00_010"),  # a skip after the convolution
        ("0_00_300", "1_11_300"),  # inner nodes that reach no output
        ("3_00_020", "0_30_002"),  # the same chain through another node
        ("0_00_000", "3_33_000"),  # nothing reaches the output
    ],
)
def test_equal_functions_by_hand(one: str, other: str) -> None:
    assert SPACE.canonical_id(SPACE.encode(one)) == SPACE.canonical_id(SPACE.encode(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0_00_300", "1_00_030"),  # a skip before the convolution is convolutions where the shape changes
        ("0_00_100", "1_00_110"),  # multiplicity counts
        ("3_00_020", "2_00_030"),  # the order of a chain counts
    ],
)
def test_different_functions_by_hand(one: str, other: str) -> None:
    assert SPACE.canonical_id(SPACE.encode(one)) != SPACE.canonical_id(SPACE.encode(other))


def test_ids_do_not_change_between_versions() -> None:
    assert SPACE.canonical_id(SPACE.encode("1_02_333")) == "tnmicro-839232f4beea"


def test_paths_are_all_ways_from_input_to_output() -> None:
    def ways(node: int) -> list[list[int]]:
        if node == 0:
            return [[]]
        return [[*way, edge] for edge, (i, j) in enumerate(EDGES) if j == node for way in ways(i)]

    assert sorted(PATHS) == sorted(ways(3))


def test_features_tell_what_they_say() -> None:
    features = SPACE.features(SPACE.reference())
    assert features.shape == (4096, 64)
    assert features.dtype == np.float32
    assert np.array_equal(features[:, :24].reshape(-1, 6, 4).argmax(-1), SPACE.reference())
    # Without an edge between them, the inner nodes can be exchanged.
    cells = SPACE.reference()[SPACE.reference()[:, 2] == 0]
    exchanged = cells[:, [1, 0, 2, 3, 5, 4]]
    assert not np.array_equal(cells, exchanged)
    assert np.array_equal(SPACE.features(cells)[:, 48:], SPACE.features(exchanged)[:, 48:])
    # One 3x3 convolution alone on a path, and one after another.
    single, double = (features[SPACE.key(SPACE.encode(text)), 48:58] for text in ("0_00_300", "3_00_030"))
    assert single.sum() == double.sum() == 1
    assert single.argmax() != double.argmax()


def test_draws_are_repeatable_and_cover_the_space() -> None:
    drawn = SPACE.draw(20_000, 1)
    assert drawn.shape == (20_000, 6)
    assert drawn.dtype == np.int8
    assert np.array_equal(drawn, SPACE.draw(20_000, 1))
    assert not np.array_equal(drawn, SPACE.draw(20_000, 2))
    assert np.abs(np.array([[np.mean(drawn[:, v] == t) for t in range(4)] for v in range(6)]) - 0.25).max() < 0.02
    assert SPACE.legal(drawn, np.zeros(len(drawn), int)) is None


@pytest.mark.parametrize("task", SPACE.datasets)
def test_costs_are_linear_in_the_operators(task: str) -> None:
    cells = SPACE.reference()
    (operators,) = SPACE.operators(cells)
    design = np.concatenate([operators, np.ones((len(cells), 1))], 1)
    for metric in COUNTS:
        costs = SPACE.closed_form(metric, cells, task)
        weights = np.linalg.lstsq(design, costs, rcond=None)[0]
        np.testing.assert_allclose(design @ weights, costs, rtol=1e-9)
        assert (weights[:5] > 0).all()


def test_sketch_leaves_out_what_is_none() -> None:
    (sketch,) = SPACE.sketch(SPACE.encode("1_02_333"))
    assert [label for label, _ in sketch.nodes] == ["in", "1", "2", "out"]
    assert sketch.edges == (
        (0, 1, "skip", "skip"),
        (1, 2, "conv 1×1", "conv"),
        (0, 3, "conv 3×3", "conv"),
        (1, 3, "conv 3×3", "conv"),
        (2, 3, "conv 3×3", "conv"),
    )
