"""What listings say of a device's costs."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from dinas_cli.oracles.described import describe
from dinas_cli.oracles.profiles import BINS, LEVELS, Profile


class Known:
    """As much of a surrogate as a listing asks."""

    def __init__(self, kind: str) -> None:
        edges = np.linspace(0.1, 0.3, len(LEVELS))
        self._profile = Profile("throughput/a", "count", 0.2, np.array([0.1]), edges, np.ones(BINS), 9, kind)

    def profile(self, column: str) -> Profile:
        return self._profile

    def kendall_tau(self, column: str) -> float:
        return 0.9


@pytest.mark.parametrize(("kind", "median"), [("", 0.2), ("inverse", 5000.0)])
def test_the_lowest_value_is_the_lowest_whichever_is_better(kind: str, median: float) -> None:
    found = describe(cast(Any, Known(kind)), "throughput/a")
    assert found["median"] == pytest.approx(median)
    assert found["lowest"] < found["median"] < found["highest"]  # type: ignore[operator]
