"""Keys of metric columns, and what no measurement can give."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.files.columns import column_key, measured, split_column


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        (("index", None, None), "index"),
        (("acc", None, "cifar100"), "acc@cifar100"),
        (("latency", "gold_6226", None), "latency/gold_6226"),
        (("latency", "fpga", "cifar10"), "latency/fpga@cifar10"),
    ],
)
def test_column_keys(parts: tuple[str, str | None, str | None], key: str) -> None:
    assert column_key(*parts) == key
    assert split_column(key) == parts


def test_costs_that_no_measurement_can_give_are_missing() -> None:
    np.testing.assert_array_equal(measured(np.array([2.5, 0.0, -1.0, np.nan])), [2.5, np.nan, np.nan, np.nan])
