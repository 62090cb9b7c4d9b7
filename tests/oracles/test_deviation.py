"""The uncertainty beside a prediction: two of three measurements are within it, by the law that limits go by."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.checkpoints.at_hand import oracles_at_hand
from dinas_cli.oracles.lookup import look_up
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.bundled import needs_weights

pytestmark = needs_weights
CELLS = SPACE.draw(200, 3)


@pytest.mark.parametrize(
    "column", ["acc@cifar10", "latency/pixel3@cifar10", "energy/eyeriss@cifar100", "latency/gold_6226"]
)
def test_two_of_three_are_within(column: str) -> None:
    surrogate = oracles_at_hand(SPACE, table=False).surrogate
    assert surrogate is not None
    predicted, deviation = surrogate.predict(CELLS, column), surrogate.deviation(CELLS, column)
    assert (deviation >= 0).all()
    assert np.median(deviation) > 0
    shares = []
    for row in np.argsort(predicted)[60:140]:  # away from the ends, where values are cut
        ends = [
            surrogate.probability(CELLS[[row]], column, predicted[row] + way * deviation[row])[0] for way in (-1, 1)
        ]
        shares.append(abs(ends[1] - ends[0]))
    assert np.median(shares) == pytest.approx(0.68, abs=0.03)


def test_records_have_it_with_six_digits_of_the_value() -> None:
    oracles = oracles_at_hand(SPACE, table=False)
    found = look_up(oracles, CELLS, ["acc@cifar10", "params@cifar10"])
    for metric in found["acc@cifar10"]:
        assert float(f"{metric.value:.6g}") == metric.value
        assert ("uncertainty" in metric.extra) != ("bound" in metric.extra)
    assert [metric.value for metric in found["params@cifar10"]] == SPACE.closed_form(
        "params", CELLS, "cifar10"
    ).tolist()
    assert not any("uncertainty" in metric.extra for metric in found["params@cifar10"])
