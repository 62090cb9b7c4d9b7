"""Python's, numpy's and JSON's literals, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from dinas_cli.errors import GenotypeError
from dinas_cli.spaces.shared.literals import Call, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, (2, 'a'),]", [1, [2, "a"]]),
        ("{\"a\": [true, null], 'b': (False, None)}", {"a": [True, None], "b": [False, None]}),
        ("list(range(2, 6))", [2, 3, 4, 5]),
        ("range(3), tuple([1])", [[0, 1, 2], [1]]),
        ("range(10**9)".replace("10**9", "999999999"), list(range(16))),
        ("np.array([[0., 1.], [True, 0.5]], dtype=np.float32)", [[0, 1], [1, 0.5]]),
        ("[np.int64(3), np.str_('x'), -1, 1e3]", [3, "x", -1, 1000.0]),
        ("[[0 1]\n [1 0]]", [[0, 1], [1, 0]]),
        ("['input' 'output']", ["input", "output"]),
        ("[u'a', b'b', INPUT]", ["a", "b", "INPUT"]),
        ("a.Name(1, x=[2],  # words (\n y=None)", Call("Name", [1], {"x": [2], "y": None})),
        (r'["\u0041"]', ["A"]),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "ends too early"),
        ("[1, 2", "ends too early"),
        ("(1 2)", "unexpected '2'"),
        ("1_0", "unexpected character"),
        ("9" * 5000, "unexpected character"),
        ("{'a': 1, 'a': 2}", "names a member twice"),
        ('{"a": 1, "a": 2}', "names a member twice"),
        ("f(x=1, x=2)", "names a member twice"),
        ("[f(1)]", "unexpected 'f'"),
        ("f(g(1))", "unexpected 'g'"),
        ("range('a')", "unexpected 'range'"),
        ("array()", "unexpected 'array'"),
        ("x = 1", "unexpected '='"),
        ("lambda: 0", "unexpected ':'"),
        ("(" * 50, "nested too deeply"),
        ("[" * 50_000, "nested too deeply"),
        ("{" * 5000, "unexpected '{'"),
        ("{1: 2}", "unexpected '1'"),
        ("'a\\'", "unexpected character"),
        ('"\\x"', "unexpected"),
    ],
)
def test_refusals(text: str, reason: str) -> None:
    with pytest.raises(GenotypeError) as caught:
        read(text, "a hint")
    assert reason in caught.value.message
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200
