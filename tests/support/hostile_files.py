"""Contents of files that nobody means: JSON with other members, bytes with pieces missing, and how they may end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dinas_cli.errors import DinasError
from tests.support.hostile import texts

WORDS = ("toy", "nasbench201", "acc", "latency/fpga@cifar10", "rank", "budget", "category", "absorbing", "marginal")
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-3, 5), st.floats(), texts(*WORDS),
        st.sampled_from([10**9, 10**30, -(10**9), 10**400, 1e308, 0, 0.0]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts(*WORDS), inner, max_size=4)),
    max_leaves=8,
)  # fmt: skip
"""What JSON can hold."""


def survives(call: Callable[[], object]) -> None:
    """It answers, or refuses in one line."""
    said = ""
    try:
        with np.errstate(all="ignore"):
            call()
    except DinasError as error:
        said = error.message
    assert "\n" not in said
    assert len(said) < 2000


@st.composite
def altered(draw: Any, whole: object) -> Any:
    """A JSON value with some of its members replaced, removed or repeated."""
    value = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 3))):
        place: Any = value
        while isinstance(place, dict | list) and place:
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
                place = place[key]
                continue
            if draw(st.integers(0, 4)):
                place[key] = draw(VALUES)
            else:
                del place[key]
            break
    return value


@st.composite
def broken(draw: Any, content: bytes, head: int | None = None) -> bytes:
    """Bytes with pieces changed, cut out or put in, among the first ``head``."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, min(len(data), head or len(data))))
        end = draw(st.integers(start, min(len(data), start + 8)))
        data[start:end] = draw(st.one_of(st.binary(max_size=8), st.just(bytes(data[start:end]) * 2)))
    return bytes(data[: draw(st.one_of(st.just(len(data)), st.integers(0, len(data))))])
