"""The toy as a space too large for a table: labels of a part, random architectures for the rest, gaps in columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from dinas_cli.spaces.shared.protocol import MetricSpec, Space, Values
from tests.support.toy import LAYOUT, ToySpace

if TYPE_CHECKING:
    from collections.abc import Iterable


class LargeToy(ToySpace):
    """Costs add up from counts of types; one loss, lower is better, missing where it diverged; one device by default.

    An architecture breaks a rule when its first two edges are both there.
    """

    name = "large-toy"
    metrics: tuple[MetricSpec, ...] = (
        MetricSpec("loss", "", "min", "loss", absent="worst"),
        MetricSpec("score", "%", "max", "an easier score"),
        MetricSpec("latency", "ms", "min", "latency per toy", per_device=True),
        MetricSpec("params", "count", "min", "parameters"),
        MetricSpec("spread", "", "min", "spread of a toy", cost="log"),
        MetricSpec("reach", "count", "max", "reach of a toy", cost="-log"),
    )
    rank_metric = "loss"
    datasets: tuple[str, ...] = ()
    table_rows: int | None = None
    closed_forms: tuple[str, ...] = ("params",)
    default_device: str | None = "box"
    readers: Mapping[str, str] = {}

    def canonical_id(self, values: Iterable[int]) -> str:
        from dinas_cli.errors import GenotypeError

        cell: Values = tuple(values)
        if cell[2] and cell[3]:
            raise GenotypeError("the first two edges are both there")
        return f"large-{self.key(cell)}"

    def reference(self) -> np.ndarray:
        return self.draw(100, 0)

    def draw(self, count: int, seed: int) -> np.ndarray:
        drawn = np.random.default_rng(seed).integers(0, LAYOUT.choices, (count, LAYOUT.size), np.int8)
        drawn[:, 3] *= drawn[:, 2] == 0
        return drawn

    def legal(self, values: np.ndarray, variables: np.ndarray) -> np.ndarray | None:
        legal = np.arange(4) < np.array(LAYOUT.choices)[variables, None]
        legal[:, 1] &= ((variables != 2) | (values[:, 3] != 1)) & ((variables != 3) | (values[:, 2] != 1))
        return legal

    def operators(self, values: np.ndarray) -> tuple[np.ndarray, ...]:
        nodes = [(values[:, :2] == kind).sum(1) for kind in range(4)]
        return (np.stack([*nodes, values[:, 2:].sum(1)], 1).astype(float),)

    def closed_form(self, metric: str, values: np.ndarray, dataset: str | None = None) -> np.ndarray:
        (counted,) = self.operators(np.asarray(values))
        return (counted @ [5, 100, 3, 1, 10]).astype(np.int64)


SPACE = LargeToy()
if TYPE_CHECKING:
    _conforms: Space = SPACE
