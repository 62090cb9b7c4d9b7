"""Genotypes of DARTS cells: every way to write them, and refusals that name the broken rule."""

from __future__ import annotations

import json

import pytest

from dinas_cli.errors import GenotypeError, UsageProblem
from dinas_cli.spaces.darts.space import SPACE
from tests.spaces.darts.test_space import COMPACT, DRAWN, V2
from tests.support.spaces import assert_refused


def test_the_published_architecture_in_every_dialect() -> None:
    values = SPACE.encode(V2)
    assert SPACE.decode(values) == V2
    assert SPACE.decode(values, "compact") == "0313-0313-1302-0225:0010-2210-0022-2210"
    assert SPACE.decode(SPACE.encode(SPACE.decode(values, "json"))) == V2
    # Plain values know no order, and the inputs of a node come by their sources.
    assert SPACE.decode(tuple(values), "compact") == COMPACT == SPACE.decode(SPACE.encode(COMPACT), "compact")
    assert json.loads(SPACE.decode(values, "json"))["normal"][:2] == [["sep_conv_3x3", 0], ["sep_conv_3x3", 1]]
    assert SPACE.canonical_id(values) == "darts-970428e4d45f"


@pytest.mark.parametrize(
    "text",
    [
        V2.replace("[2, 3, 4, 5]", "range(2, 6)"),
        V2.replace("[", "(").replace("]", ")").replace("'", '"').replace(" ", "\n\t"),
        V2.replace("normal_concat=[2, 3, 4, 5]", "normal_concat=[5, 4, 3, 2]").replace(")])", "),],)"),
        V2.replace(", reduce_concat=[2, 3, 4, 5]", ""),
        V2.replace("('sep_conv_3x3', 1), ('skip_connect', 0), (", "('skip_connect', 0), ('sep_conv_3x3', 1), ("),
        "(((0, 3), (1, 3), (1, 3), (0, 3), (0, 2), (1, 3), (0, 2), (2, 5)),"
        "((0, 0), (1, 0), (1, 0), (2, 2), (0, 0), (2, 2), (1, 0), (2, 2)))",
        f"  {COMPACT}\n",
        COMPACT.replace("1022", "2210"),
    ],
)
def test_other_ways_to_write_the_same(text: str) -> None:
    assert SPACE.encode(text) == SPACE.encode(V2)


@pytest.mark.parametrize(
    ("genotype", "rule"),
    [
        ("", "no dialect"),
        ("resnet18", "no dialect"),
        (COMPACT[:-1], "no dialect"),
        (COMPACT.replace("0", "٠"), "no dialect"),
        (COMPACT.replace("0225", "0227"), "unknown operation '7'"),
        (COMPACT.replace("0225", "0205"), "node 5 of the normal cell takes both inputs from 0; they must differ"),
        (COMPACT.replace(":0010", ":0020"), "node 2 of the reduce cell takes its inputs from 0 to 1, not '2'"),
        (V2.replace("sep_conv_3x3', 0)", "sep_conv_7x7', 0)", 1), "unknown operation 'sep_conv_7x7'"),
        (V2.replace("sep_conv_3x3', 0)", "none', 0)", 1), "unknown operation 'none'"),
        (
            V2.replace("('skip_connect', 0), ('dil", "('skip_connect', -1), ('dil"),
            "node 5 of the normal cell takes its inputs from 0 to 4, not '-1'",
        ),
        (V2.replace("('skip_connect', 0), ('dil", "('skip_connect', 5), ('dil"), "node 5 of the normal cell takes"),
        (V2.replace(", ('dil_conv_3x3', 2)]", "]"), "the normal cell has 7 inputs"),
        (V2.replace(", ('dil_conv_3x3', 2)]", ", ('dil_conv_3x3', 2), ('skip_connect', 1)]"), "has 9 inputs"),
        (V2.replace("normal_concat=[2, 3, 4, 5]", "normal_concat=[3, 4, 5]"), "normal_concat is not [2, 3, 4, 5]"),
        (V2.replace("normal_concat=[2, 3, 4, 5]", "normal_concat=range(2, 7)"), "normal_concat is not [2, 3, 4, 5]"),
        (V2.replace("normal_concat=[2, 3, 4, 5]", "normal_concat=range(0, 999999999)"), "normal_concat is not"),
        (V2.replace("normal_concat=[2, 3, 4, 5]", "normal_concat=4"), "normal_concat is not [2, 3, 4, 5]"),
        (V2.replace("normal_concat", "concat"), "unknown member 'concat'"),
        (V2.replace("reduce_concat", "normal_concat"), "names a member twice"),
        (V2[: V2.index(", reduce=")] + ")", "has no member 'reduce'"),
        (V2[:-1], "ends too early"),
        (V2 + ")", "unexpected ')'"),
        (V2.replace("[('sep_conv_3x3', 0)", "[__import__('os')", 1), "unexpected '__import__'"),
        (V2.replace("range", "eval").replace("[2, 3, 4, 5]", "eval(2, 6)"), "unexpected 'eval'"),
        (V2.replace("'sep_conv_3x3', 0", "0, 'sep_conv_3x3'", 1), "unknown operation '0'"),
        (V2.replace("sep_conv_3x3', 0)", "sep\x1b[31m', 0)", 1), r"unknown operation 'sep\x1b[31m'"),
        ("Genotype", "no dialect"),
        ("Genotype(", "ends too early"),
        ("Genotype(normal=range(2))", "has no member 'reduce'"),
        ("Genotype(normal=range())", "unexpected 'range'"),
        ("Genotype(normal=[[[[[[[[[]]]]]]]]])", "nested too deeply"),
        ("(" * 1900, "nested too deeply"),
        ("((), ())", "the normal cell has 0 inputs"),
        ("(((0, 3),),)", "not two cells"),
        ("((1, 2), (3, 4))", "not a list of pairs"),
        ("{", "ends too early"),
        ('{"normal": ' + "[" * 1900, "nested too deeply"),
        ('{"normal": [], "normal": []}', "names a member twice"),
        ('{"normal": 3, "reduce": 4}', "the normal cell is not a list of pairs"),
        ('{"normal": [[true, 0]], "reduce": []}', "the normal cell has 1 inputs"),
        ("x" * 9000, "9000 characters"),
    ],
)
def test_malformed_genotypes_are_refused_with_the_rule(genotype: str, rule: str) -> None:
    assert_refused(SPACE, genotype, rule)


def test_json_sources_are_whole_numbers() -> None:
    text = SPACE.decode(DRAWN[0], "json")
    for wrong in ("true", "0.0", '"0"', "null"):
        with pytest.raises(GenotypeError, match="takes its inputs from 0 to 1"):
            SPACE.encode(text.replace(",0],", f",{wrong}],", 1))


def test_text_only_is_a_genotype() -> None:
    with pytest.raises(GenotypeError, match="text, not list"):
        SPACE.encode([1] * 28)  # type: ignore[arg-type]


def test_values_outside_the_space_are_refused_with_the_rule() -> None:
    good = list(DRAWN[0])
    three, one = good.copy(), good.copy()
    three[14:19] = [1, 1, 1, 1, 1]
    one[0] = 0
    for values, rule in (
        (good[:-1], "2 x 14 edge types"),
        ([*good[:-1], 8], "2 x 14 edge types"),
        ([*good[:-1], -1], "2 x 14 edge types"),
        (three, "node 3 of the reduction cell has 3 inputs; every node of a darts cell has exactly two"),
        (one, "node 2 of the normal cell has 1 inputs"),
    ):
        for method in (SPACE.decode, SPACE.key, SPACE.canonical_id, SPACE.build, SPACE.source, SPACE.sketch):
            with pytest.raises(GenotypeError, match=rule):
                method(values)


def test_unknown_dialect_and_dataset() -> None:
    with pytest.raises(UsageProblem, match="unknown dialect 'tupel'"):
        SPACE.decode(DRAWN[0], "tupel")
    for method in (SPACE.source, SPACE.build):
        with pytest.raises(UsageProblem, match="unknown dataset 'cifar10'"):
            method(DRAWN[0], "cifar10")
