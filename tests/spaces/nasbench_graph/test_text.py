"""Genotypes and values that are no architecture of NAS-Bench-Graph are refused with the rule that they break."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dinas_cli.errors import GenotypeError, UsageProblem
from dinas_cli.spaces.nasbench_graph.space import SPACE
from tests.support.spaces import assert_refused


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        ("", "no dialect"),
        ("gcn", "no dialect"),
        ("gcn,gat,skip,fc", "no dialect"),
        ("٣٠١٨٧", "no dialect"),
        ("123456", "no dialect"),
        ("([0, 0, 1, 2], ['gcn', 'gat', 'skip', 'fc']]", "unexpected ']'"),
        ("([[0, 0, 1, 2]], ['gcn', 'gat', 'skip', 'fc'])", "not a list of links"),
        ("__import__('os').system('true')", "no dialect"),
        ("(" * 250, "nested too deeply"),
        ("x" * 5000, "5000 characters"),
        ("90000", "five digits from 0 to 8"),
        ("00090", "five digits from 0 to 8"),
        ("88888", "all that reaches the output are skips"),
        ("0011:skip,skip,skip,skip", "all that reaches the output are skips"),
        ("001:gcn,gat,skip", "3 links and 3 operations"),
        ("00123:gcn,gat,skip,fc", "5 links and 4 operations"),
        ("0012:gcn,gat,skip", "4 links and 3 operations"),
        ("([], [])", "0 links and 0 operations"),
        ("1012:gcn,gat,skip,fc", "operation 1 takes the input (0), not '1'"),
        ("0212:gcn,gat,skip,fc", "operation 2 takes the input (0) or an earlier one (1 to 1), not '2'"),
        ("0014:gcn,gat,skip,fc", "operation 4 takes the input (0) or an earlier one (1 to 3), not '4'"),
        ("([0, 0, 1, -1], ['gcn', 'gat', 'skip', 'fc'])", "not '-1'"),
        ("([0, 0, 1, 1.0], ['gcn', 'gat', 'skip', 'fc'])", "not '1.0'"),
        ("([0, 0, 1, print(1)], ['gcn', 'gat', 'skip', 'fc'])", "unexpected 'print'"),
        ("0012:gcn,gat,skip,sgc", "unknown operation 'sgc'"),
        ("0012:gcn,gat,,skip", "unknown operation ''"),
        ("0012:gcn,gat,skip,\x1b[31mfc", r"unknown operation '\x1b[31mfc'"),
        ("([0, 0, 1, 2], ['GCN', 'gat', 'skip', 'fc'])", "unknown operation 'GCN'"),
        ("([0, 0, 1, 2], ['gcn, 'gat', 'skip', 'fc'])", "unexpected character"),
    ],
)
def test_malformed_genotypes_are_refused_with_the_rule(genotype: str, rule: str) -> None:
    assert_refused(SPACE, genotype, rule)


def test_text_only_is_a_genotype() -> None:
    with pytest.raises(GenotypeError, match="text, not list"):
        SPACE.encode([0, 0, 1, 2])  # type: ignore[arg-type]


def test_unknown_operation_suggests_the_closest() -> None:
    with pytest.raises(GenotypeError) as caught:
        SPACE.encode("0012:gcn,gat,skip,chebs")
    assert str(caught.value.hint).startswith("did you mean 'cheb'?")


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ((), "4 operations from 0 to 8"),
        ((0,) * 9, "4 operations from 0 to 8"),
        ((0,) * 3 + (9,) + (0,) * 6, "4 operations from 0 to 8"),
        ((0,) * 9 + (2,), "4 operations from 0 to 8"),
        ((0,) * 9 + (-1,), "4 operations from 0 to 8"),
        ((0, 0, 0, 0, 0, 1, 1, 0, 0, 0), "operation 3 takes input from both 1 and 2"),
        ((0, 0, 0, 0, 0, 0, 0, 1, 0, 1), "operation 4 takes input from both 1 and 3"),
        ((8, 8, 8, 8, 1, 0, 0, 0, 0, 0), "all that reaches the output are skips"),
    ],
)
def test_values_outside_the_space_are_refused(values: Sequence[int], rule: str) -> None:
    for method in (SPACE.decode, SPACE.key, SPACE.canonical_id, SPACE.build, SPACE.source, SPACE.sketch):
        with pytest.raises(GenotypeError, match=rule):
            method(values)


def test_fractions_are_no_operations() -> None:
    with pytest.raises(TypeError):
        SPACE.key([0.5] * 10)  # type: ignore[list-item]


def test_unknown_dialect_and_dataset() -> None:
    values = SPACE.reference()[0]
    with pytest.raises(UsageProblem, match="unknown dialect 'archs'"):
        SPACE.decode(values, "archs")
    with pytest.raises(UsageProblem, match="unknown dataset 'coral'"):
        SPACE.source(values, "coral")
