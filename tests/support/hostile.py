"""Inputs that no user means, for every door: how many, of what kinds, and what an answer to them has to look like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from dinas_cli.errors import DinasError
from tests.support.nightly import NIGHTLY

SECONDS = 5
"""An example that takes longer hangs."""

_FRAGMENTS = (
    *"()[]{}<>,;:=|+~-_.#'\"\\` \n\r\t\0",
    *("\x1b[31m", "\x9b2J", "\u202e", "\u2028", "\u2066", "\ufeff", "ü", "٣", "\U0001f600"),
    *("0", "1", "3", "-1", "7", "1_0", "0.5", "1e999", "1e-999", "9" * 30, "9" * 5000),
    *("nan", "Infinity", "None", "true", "range(2, 6)", "range(10**9)", "list(", "np.array(", "dtype=int8"),
    *("np.int64(3)", "Name(", "__import__('os')", "error: forged", "../", "schema", "genotype\t"),
    *("space\tgenotype\n", "\\u0000", "\\ud800", "{}", "[[]]", "((", "'''"),
)


def examples(count: int) -> Callable[[Any], Any]:
    """So many examples of a test, ten times as many at night; the same ones every time by day."""
    return settings(
        max_examples=count * (10 if NIGHTLY else 1),
        derandomize=not NIGHTLY,
        deadline=SECONDS * 1000,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )


def texts(*words: str) -> st.SearchStrategy[str]:
    """Any text, and texts made of ``words`` and of fragments that parsers stumble over."""
    fragments = st.sampled_from((*_FRAGMENTS, *words, *words))
    return st.one_of(st.text(max_size=60), st.lists(fragments, max_size=30).map("".join))


@st.composite
def damaged(draw: Any, whole: st.SearchStrategy[str]) -> str:
    """A text of ``whole`` with pieces cut out, repeated, replaced or put in."""
    text = draw(whole)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 12)))
        piece = draw(st.one_of(st.just(""), st.just(text[start:end] * 2), st.sampled_from(_FRAGMENTS), st.characters()))
        text = text[:start] + piece + text[end:]
    return text


def anything() -> st.SearchStrategy[Any]:
    """Whatever JSON can hold, numbers that no float can among it."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from([10**400, -(10**400), 0, -1, 1, 2**63, 1e308, -0.0, 5e-324]),
        st.floats(allow_nan=False, allow_infinity=False),
        texts(),
    )
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3), max_leaves=8
    )


def assert_told(error: DinasError, *, hint: bool = False) -> None:
    """The refusal is one short printable line, and so is the hint."""
    for text in (error.message, error.hint or ""):
        assert text.isprintable(), text[:200]
        assert len(text) < 1000, text[:200]
    assert error.message
    assert error.hint or not hint
