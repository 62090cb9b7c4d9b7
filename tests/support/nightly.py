"""What is tried by day, in a suite that stays quick, and what every night: ``DINAS_NIGHTLY=1``."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from typing import Any

import pytest

NIGHTLY = os.environ.get("DINAS_NIGHTLY") == "1"
AT_NIGHT = "at night: DINAS_NIGHTLY=1"
at_night = pytest.mark.skipif(not NIGHTLY, reason=AT_NIGHT)


def by_day(names: Iterable[Any], keep: Collection[Any]) -> list[Any]:
    """Parameters of a test: ``names`` of which those in ``keep`` are tried by day as well, the others at night only.

    Something to keep that is not there is an error, or else nobody would notice that nothing is tried any more.
    """
    every = list(names)
    if missing := [name for name in keep if name not in every]:
        raise ValueError(f"nothing to try by day: {missing}")
    return [name if name in keep else pytest.param(*_arguments(name), marks=at_night) for name in every]


def _arguments(name: Any) -> tuple[Any, ...]:
    return name if type(name) is tuple else (name,)
