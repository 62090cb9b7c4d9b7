"""The macro space of TransNAS-Bench-101: its rules, dialects, what is legal while drawing, features and counts."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.errors import GenotypeError, UsageProblem
from dinas_cli.spaces.registry import get_space
from dinas_cli.spaces.shared.skeletons import COUNTS
from dinas_cli.spaces.transnas_macro.space import SPACE
from tests.support.spaces import assert_refused, drawn_from_legal_types, legal_types

NETWORKS = [tuple(int(kind) for kind in network) for network in SPACE.reference()]


def test_registered_under_name_and_alias() -> None:
    assert get_space("transnas-macro") is get_space("tnb101-macro") is SPACE


def test_layout_is_a_chain_of_six_free_nodes() -> None:
    layout = SPACE.layout
    assert (layout.size, layout.choices, layout.free_edges) == (6, (5,) * 6, ())
    assert layout.fixed_edges == ((0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 4, 1), (4, 5, 1))


def test_the_rules_give_the_benchmarks_architectures(bench_data: Path) -> None:
    with gzip.open(bench_data / "transnas_bench_101.csv.gz", "rt") as stream:
        archs = [row["arch"] for row in csv.DictReader(stream) if row["space"] == "macro"]
    assert {SPACE.decode(network) for network in NETWORKS} == set(archs)
    assert {SPACE.encode(arch) for arch in archs} == set(NETWORKS)


def test_the_space_has_the_published_size() -> None:
    assert len(NETWORKS) == len(set(NETWORKS)) == SPACE.table_rows == 3256
    assert Counter(6 - network.count(0) for network in NETWORKS) == {4: 210, 5: 750, 6: 2296}
    keys = [SPACE.key(network) for network in NETWORKS]
    assert keys == sorted(set(keys))
    assert len({SPACE.canonical_id(network) for network in NETWORKS}) == 3256


def test_every_other_sequence_of_types_is_refused() -> None:
    known = set(NETWORKS)
    for types in product(range(5), repeat=6):
        if types in known:
            SPACE.canonical_id(types)
        else:
            with pytest.raises(GenotypeError):
                SPACE.canonical_id(types)


@pytest.mark.parametrize("dialect", SPACE.dialects)
def test_round_trip_of_every_network(dialect: str) -> None:
    texts = [SPACE.decode(network, dialect) for network in NETWORKS]
    assert len(set(texts)) == len(NETWORKS)
    assert [SPACE.encode(text) for text in texts] == NETWORKS


def test_the_networks_of_the_benchmarks_own_example() -> None:
    assert SPACE.encode("64-1234-basic") == (1, 2, 3, 4, 0, 0) == SPACE.encode(" 1234 ")
    assert SPACE.decode((1, 2, 3, 4, 0, 0)) == "64-1234-basic"
    assert SPACE.decode((1, 2, 3, 4, 0, 0), "compact") == "1234"


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        ("", "64-<modules>-basic"),
        ("resnet50", "64-<modules>-basic"),
        ("32-1234-basic", "64-<modules>-basic"),
        ("64-1234-bottleneck", "64-<modules>-basic"),
        ("64-1234", "64-<modules>-basic"),
        ("64-41414-3_33_320", "64-<modules>-basic"),
        ("64--basic", "64-<modules>-basic"),
        ("١٢٣٤", "64-<modules>-basic"),
        ("1234\x1b[31m", "64-<modules>-basic"),
        ("-1234", "64-<modules>-basic"),
        ("234", "3 modules, the space has 4 to 6"),
        ("1234123", "7 modules, the space has 4 to 6"),
        ("123400", "types 1 to 4"),
        ("012340", "types 1 to 4"),
        ("12345", "types numbered 0 to 4"),
        ("1111", "0 of its modules double the channels, the space has 1 to 3"),
        ("3333", "0 of its modules double the channels, the space has 1 to 3"),
        ("22223", "4 of its modules double the channels, the space has 1 to 3"),
        ("1112", "0 of its modules halve the image, the space has 1 to 4"),
        ("433333", "6 of its modules halve the image, the space has 1 to 4"),
        ("1" * 5000, "5000 characters"),
    ],
)
def test_networks_that_break_a_rule_are_refused_with_it(genotype: str, rule: str) -> None:
    assert_refused(SPACE, genotype, rule)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ((), "6 types"),
        ((4, 1, 1, 1, 1), "6 types"),
        ((4, 1, 1, 1, 1, 5), "numbered 0 to 4"),
        ((4, 1, 1, 1, 1, -1), "numbered 0 to 4"),
        ((4, 1, 0, 1, 1, 1), "a module follows where there is none"),
        ((0, 4, 1, 1, 1, 1), "a module follows where there is none"),
        ((4, 1, 1, 0, 0, 0), "3 modules"),
    ],
)
def test_values_outside_the_space_are_refused(values: Sequence[int], rule: str) -> None:
    for method in (SPACE.decode, SPACE.key, SPACE.canonical_id, SPACE.build, SPACE.source, SPACE.sketch):
        with pytest.raises(GenotypeError, match=rule):
            method(values)


def test_unknown_dialect_and_dataset() -> None:
    with pytest.raises(UsageProblem, match="unknown dialect 'archs'"):
        SPACE.decode(NETWORKS[0], "archs")
    with pytest.raises(UsageProblem, match="unknown dataset 'jigsw'"):
        SPACE.build(NETWORKS[0], "jigsw")


def test_what_is_drawn_from_legal_types_in_any_order_is_a_network_of_the_space() -> None:
    values = drawn_from_legal_types(SPACE, 5000, 0)
    assert set(map(tuple, values.tolist())) <= set(NETWORKS)
    # Nothing is excluded for good: most of the space is reached.
    assert len(np.unique(values, axis=0)) > 2000


def test_legal_types_are_those_of_the_networks_that_agree() -> None:
    rng, networks = np.random.default_rng(1), SPACE.reference()
    values = np.where(rng.random((200, 6)) < 0.5, 5, networks[rng.integers(len(networks), size=200)])
    for partial, allowed in zip(values, legal_types(SPACE, values), strict=True):
        agree = networks[((networks == partial) | (partial == 5)).all(1)]
        for place in np.flatnonzero(partial == 5):
            assert set(np.flatnonzero(allowed[place])) == set(agree[:, place].tolist())


def test_draws_are_uniform_and_repeatable() -> None:
    drawn = SPACE.draw(20_000, 1)
    assert drawn.shape == (20_000, 6)
    assert drawn.dtype == np.int8
    assert np.array_equal(drawn, SPACE.draw(20_000, 1))
    found, counts = np.unique(drawn, axis=0, return_counts=True)
    assert set(map(tuple, found.tolist())) <= set(NETWORKS)
    assert len(found) > 3200  # of 3256, about exp(-20000 / 3256) = 0.2 % are missed
    assert counts.max() < 30


def test_features_tell_channels_and_size_at_every_place() -> None:
    features = SPACE.features(np.array([SPACE.encode("1234")]))[0]
    assert (features.shape, features.dtype) == ((89,), np.float32)
    types, doublings, halvings = (
        features[:30].reshape(6, 5),
        features[30:54].reshape(6, 4),
        features[54:84].reshape(6, 5),
    )
    assert types.argmax(1)[:4].tolist() == [1, 2, 3, 4]
    assert doublings.argmax(1)[:4].tolist() == [0, 1, 1, 2]
    assert halvings.argmax(1)[:4].tolist() == [0, 0, 1, 2]
    for block in (types, doublings, halvings):
        assert block.sum(1).tolist() == [1, 1, 1, 1, 0, 0]
    np.testing.assert_allclose(features[84:], np.array([2, 1, 1, 1, 1]) / 6, rtol=1e-6)
    assert len(np.unique(SPACE.features(SPACE.reference()), axis=0)) == 3256


@pytest.mark.parametrize("task", SPACE.datasets)
def test_costs_are_linear_in_the_operators(task: str) -> None:
    networks = SPACE.reference()
    (operators,) = SPACE.operators(networks)
    for metric in COUNTS:
        costs = SPACE.closed_form(metric, networks, task)
        weights = np.linalg.lstsq(operators, costs, rcond=None)[0]
        np.testing.assert_allclose(operators @ weights, costs, rtol=1e-9)


def test_sketch_is_a_chain_with_channels_and_sizes() -> None:
    (sketch,) = SPACE.sketch(SPACE.encode("1234"))
    labels = [label for label, _ in sketch.nodes]
    assert labels == ["stem 64×64×64", "1: 64×64×64", "2: 128×64×64", "3: 128×32×32", "4: 256×16×16", "decoder"]
    assert [(start, end) for start, end, _, _ in sketch.edges] == [(i, i + 1) for i in range(5)]
