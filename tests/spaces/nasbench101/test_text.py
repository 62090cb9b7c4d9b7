"""Genotypes and values that are no NAS-Bench-101 cell are refused with the rule that they break."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.errors import GenotypeError, UsageProblem
from dinas_cli.spaces.nasbench101.cells import EDGES
from dinas_cli.spaces.nasbench101.space import SPACE
from tests.spaces.nasbench101.test_space import INCEPTION, KNOWN, Cell
from tests.support.spaces import assert_refused


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        ("", "no dialect"),
        ("resnet18", "no dialect"),
        ("2:1", "no dialect"),
        ("3:111:3", "no dialect"),
        ("3:112:0", "no dialect"),
        ("٣:111:0", "no dialect"),
        ("0::", "at least two vertices"),
        ("1::", "at least two vertices"),
        ("3:11:0", "2 edge bits, 3 vertices need 3"),
        ("3:111:00", "2 operations, 3 vertices need 1"),
        ("2:0:", "no path"),
        ("4:110000:01", "no path"),
        ("5:1111111111:012", "10 edges, nasbench101 allows 9"),
        ("8:" + "1000000" + "100000" + "10000" + "1000" + "100" + "10" + "1" + ":000000", "8 vertices"),
        ("{", "ends too early"),
        ("{" * 3000, "unexpected '{'"),
        ('{"matrix": ' + "[" * 3000, "nested too deeply"),
        ('{"matrix": [[0, NaN], [0, 0]], "ops": ["input", "output"]}', "not 0 or 1"),
        ("{}", "a matrix and ops"),
        ('{"matrix": [[0, 1], [0, 0]]}', "a matrix and ops"),
        ('{"matrix": [[0, 1], [0, 0]], "ops": ["input", "output"], "code": "x"}', "nothing else"),
        ('{"matrix": [[0, 1], [0, 0]], "ops": "io"}', "list of names"),
        ('{"matrix": [[0, 1], [0, 0]], "ops": [1, 2]}', "list of names"),
        ('{"matrix": [[0]], "ops": ["input"]}', "list of names"),
        ('{"matrix": 7, "ops": ["input", "output"]}', "a row and a column"),
        ('{"matrix": [[0, 1]], "ops": ["input", "output"]}', "1 rows for 2 operations"),
        ('{"matrix": [[0, 1], [0]], "ops": ["input", "output"]}', "a row and a column"),
        ('{"matrix": [[0, 2], [0, 0]], "ops": ["input", "output"]}', "entry 0,1"),
        ('{"matrix": [[0, true], [0, 0]], "ops": ["input", "output"]}', "entry 0,1"),
        ('{"matrix": [[0, 1.0], [0, 0]], "ops": ["input", "output"]}', "entry 0,1"),
        ('{"matrix": [[0, "1"], [0, 0]], "ops": ["input", "output"]}', "entry 0,1"),
        ('{"matrix": [[0, 1], [1, 0]], "ops": ["input", "output"]}', "cyclic"),
        ('{"matrix": [[1, 1], [0, 0]], "ops": ["input", "output"]}', "cyclic"),
        ('{"matrix": [[0, 1], [0, 0]], "ops": ["output", "input"]}', "start with input"),
        (INCEPTION.replace("maxpool3x3", "avgpool3x3"), "unknown operation 'avgpool3x3'"),
        (INCEPTION.replace("maxpool3x3", "x\\u001b[31m"), "unknown operation 'x\\x1b[31m'"),
        (INCEPTION.replace("maxpool3x3", "input"), "unknown operation 'input'"),
        ("__import__('os').system('true')", "no dialect"),
        ("x" * 5000, "5000 characters"),
    ],
)
def test_malformed_genotypes_are_refused_with_the_rule(genotype: str, rule: str) -> None:
    assert_refused(SPACE, genotype, rule)


def test_the_documented_example_is_a_cell() -> None:
    assert SPACE.decode(SPACE.encode(INCEPTION), "compact").startswith("7:")


def test_unknown_operation_suggests_the_closest() -> None:
    with pytest.raises(GenotypeError) as caught:
        SPACE.encode(INCEPTION.replace("maxpool3x3", "maxpool3X3"))
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean 'maxpool3x3'?")


def changed(text: str, **values: int) -> Cell:
    """The cell of a genotype with some variables replaced: ``n2=0`` the second vertex, ``e15=1`` edge 1-5."""
    cell = list(SPACE.encode(text))
    for name, value in values.items():
        cell[int(name[1:]) - 1 if name[0] == "n" else 5 + EDGES.index((int(name[1]), int(name[2])))] = value
    return tuple(cell)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ((), "5 vertices from 0 to 3, 21 edges 0 or 1"),
        ((0,) * 25, "21 edges 0 or 1"),
        (changed("2:1:", n1=4), "vertices from 0 to 3"),
        (changed("2:1:", e06=2), "edges 0 or 1"),
        (changed("2:1:", e06=-1), "edges 0 or 1"),
        (changed("2:1:", n2=1), "must be the last ones"),
        (changed("3:111:0", e02=1), "edge 0-2 of a nasbench101 cell ends at an absent vertex"),
        (changed("3:111:0", e56=1), "edge 5-6 of a nasbench101 cell ends at an absent vertex"),
        (changed("2:1:", e06=0), "vertex 0 of a nasbench101 cell is on no path"),
        (changed("3:111:0", e16=0), "vertex 1 of a nasbench101 cell is on no path"),
        (changed("3:111:0", e01=0), "vertex 1 of a nasbench101 cell is on no path"),
        (changed("5:1111110111:012", e12=1, e13=1, e23=1, e16=1, e26=1), "10 edges, nasbench101 allows 9"),
    ],
)
def test_values_that_break_a_rule_are_refused(values: Cell, rule: str) -> None:
    for method in (SPACE.decode, SPACE.key, SPACE.canonical_id, SPACE.build, SPACE.source, SPACE.sketch):
        with pytest.raises(GenotypeError, match=rule):
            method(values)


def test_fractions_text_and_unknown_names_are_refused() -> None:
    cell = SPACE.encode(KNOWN)
    with pytest.raises(TypeError):
        SPACE.key([0.5] * 26)  # type: ignore[list-item]
    with pytest.raises(GenotypeError, match="text, not list"):
        SPACE.encode([0] * 26)  # type: ignore[arg-type]
    with pytest.raises(UsageProblem, match="unknown dialect 'speck'"):
        SPACE.decode(cell, "speck")
    with pytest.raises(UsageProblem, match="unknown dataset 'cifar10'"):
        SPACE.source(cell, "cifar10")
    with pytest.raises(UsageProblem, match="'acc' has no closed form"):
        SPACE.closed_form("acc", np.array([cell]))
