"""Genotypes of every space and dialect: damaged, wrapped, made up; read as what they are, or refused in one line."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.registry import BUILT_IN, get_space
from tests.support.hostile import assert_told, damaged, examples, texts

SPACES = tuple(BUILT_IN)
WORDS = {
    "nasbench201": ("nor_conv_3x3", "none~0", "|none~0|", "'none', 0", "arch_str", "Structure(4 nodes with |"),
    "nasbench101": (
        "ModelSpec(",
        "matrix=",
        "ops=",
        '"matrix"',
        '"ops"',
        "INPUT",
        "input",
        "output",
        "conv3x3-bn-relu",
    ),
    "darts": (
        "Genotype(",
        "normal=",
        "reduce=",
        "('sep_conv_3x3', 0)",
        "('none', 1)",
        "darts:edge_normal_0",
        "Value: ",
    ),
    "nlp": ('{"op": "linear", "input": ["x"]}', '"h_new_0": ', "linear(x,h_prev_0)", "h_new_0=tanh(a)", "a=", "recipe"),
    "nasbench-graph": ("Arch(", "[0, 0, 1, 2]", "['gcn', 'gat', 'skip', 'fc']", "0012:", "gcn", "lk="),
    "transnas-micro": ("64-41414-", "3_33_320", "3_33_", "arch"),
    "transnas-macro": ("64-", "-basic", "111114", "arch"),
    "nats-size": ("8:16:24:32:40", "[8, 16, ", ":64", "channels"),
    "mnasnet": ("e1k3l1s,", "e6k5l4,", '"block0_e": 6', "[[1, 4, 6", "[True, False", "architecture"),
    "nasbench-macro": ("02012100", "[0, 2, ", "0000", "arch"),
    **dict.fromkeys(
        ("gpt-s", "gpt-m", "gpt-l"),
        ("192:4x2,", ":bias", '"sample_n_head": [4, 4]', '"sub_network_n_layers": 10', '"bias": false', "4x2"),
    ),
}


@cache
def written(name: str) -> tuple[str, ...]:
    """Architectures of a space in all of its dialects."""
    space = get_space(name)
    drawn = space.draw(8, 0).tolist()
    return tuple(space.decode(values, dialect) for values in drawn for dialect in space.dialects)


def read_or_refused(name: str, text: str) -> None:
    space = get_space(name)
    try:
        values = space.encode(text)
    except GenotypeError as error:
        assert_told(error)
        return
    assert space.encode(space.decode(values)) == values
    assert space.canonical_id(values)


@pytest.mark.parametrize("name", SPACES)
@examples(120)
@given(data=st.data())
def test_made_up(name: str, data: st.DataObject) -> None:
    read_or_refused(name, data.draw(texts(*WORDS[name])))


@pytest.mark.parametrize("name", SPACES)
@examples(120)
@given(data=st.data())
def test_damaged(name: str, data: st.DataObject) -> None:
    read_or_refused(name, data.draw(damaged(st.sampled_from(written(name)))))


def python_repr(text: str) -> str:
    try:
        return repr(json.loads(text))
    except ValueError:
        return text


WRAPPINGS: tuple[Any, ...] = (
    lambda text: f"  {text}\n",
    lambda text: f"NAME = {text}",
    lambda text: f"best arch: {text}",
    lambda text: f"07/01 12:00:00 AM genotype = {text}",
    lambda text: f"[2020-01-01 10:00:00] genotype: {text}",
    lambda text: json.dumps(text),
    lambda text: json.dumps({"acc": 94.2, "genotype": text}, indent=2),
    lambda text: f'"{text.replace(chr(34), 2 * chr(34))}"',
    lambda text: f"{text},",
    python_repr,
)
"""What people have around genotypes."""


@pytest.mark.parametrize("name", SPACES)
@examples(40)
@given(data=st.data())
def test_wrapped_is_the_same(name: str, data: st.DataObject) -> None:
    """Whatever is around a genotype, several layers of it too."""
    plain = data.draw(st.sampled_from(written(name)))
    text = plain
    for _ in range(data.draw(st.integers(1, 2))):
        text = data.draw(st.sampled_from(WRAPPINGS))(text)
    assert get_space(name).encode(text) == get_space(name).encode(plain), text


@pytest.mark.parametrize("name", SPACES)
@examples(15)
@given(data=st.data())
def test_wrapped_and_damaged(name: str, data: st.DataObject) -> None:
    wrapped = st.sampled_from(written(name)).flatmap(
        lambda text: st.sampled_from(WRAPPINGS).map(lambda wrap: wrap(text))
    )
    read_or_refused(name, data.draw(damaged(wrapped)))
