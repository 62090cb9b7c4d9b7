"""Fronts of whole spaces and of spaces too large to list: nothing dominates them, and all that was asked is kept."""

from __future__ import annotations

import numpy as np
import pytest

from dinas_cli.errors import UnsatisfiedError, UsageProblem
from dinas_cli.generation import along, fronts
from dinas_cli.generation.arguments import request_from
from dinas_cli.generation.front import describe, front_of_space, points_of
from dinas_cli.oracles.answers import Oracles
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.bundled import guess, needs_weights

pytestmark = needs_weights


def test_nothing_in_the_space_dominates_it() -> None:
    found = front_of_space(request_from("nasbench201"), ["acc", "latency/fpga"], oracles=guess())
    columns = [each.column for each in found.objectives]
    assert columns == ["acc@cifar10", "latency/fpga@cifar10"]
    space = np.stack([-guess().reference(columns[0]), guess().reference(columns[1])], 1)
    points = points_of(found.objectives, found.records)
    for point in points:
        better = (space < point - 1e-4 * np.abs(point)).all(1)
        assert not better.any()
    assert (np.diff(points[:, 1]) >= 0).all(), "the cheapest first"
    true = space[fronts.front(space)]
    assert fronts.share(points, true) > 0.997, "what is left out hardly matters"
    assert found.left_out > 0
    knees = [record.id for record in found.records if record.provenance["knee"]]
    assert found.knee is not None
    assert knees == [found.knee.id]
    assert describe(found).startswith(f"front of acc@cifar10 and latency/fpga@cifar10: {len(points)} of 15,625")


def test_limits_are_kept_and_devices_stand_side_by_side() -> None:
    request = request_from("nasbench201", latency={"pixel3": "8ms"}, params="500k", dataset="cifar100")
    found = front_of_space(request, ["acc", "latency"], devices=["pixel3", "fpga"], oracles=guess())
    assert [each.column for each in found.objectives] == [
        "acc@cifar100", "latency/pixel3@cifar100", "latency/fpga@cifar100",
    ]  # fmt: skip
    assert found.confidence == 0.98
    for record in found.records:
        assert record.metrics["params@cifar100"].value <= 500e3
        assert record.metrics["latency/pixel3@cifar100"].extra["probability"] >= 0.98
        assert record.request == request.to_dict()


def test_more_than_the_front_come_layer_behind_layer() -> None:
    found = front_of_space(request_from("nasbench201"), ["acc", "params"], count=60, oracles=guess())
    assert len({record.genotype for record in found.records}) == 60
    layers = [record.provenance["layer"] for record in found.records]
    assert layers == sorted(layers)
    assert layers[0] == 1 < layers[-1]


def test_a_space_that_cannot_be_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"REQUESTS": 2, "SAMPLES": 4, "ROUNDS": 4, "CHANGED": 64}.items():
        monkeypatch.setattr(along, name, value)
    request = request_from("nasbench101", params="10M")
    seen: list[int] = []
    found = front_of_space(request, ["acc", "params"], seed=3, progress=lambda _found, looked: seen.append(looked))
    assert seen == sorted(seen)
    assert found.compared == seen[-1] > 8192
    points = points_of(found.objectives, found.records)
    assert len(fronts.front(points)) == len(points) > 3
    assert all(record.metrics["params"].value <= 10e6 for record in found.records)
    assert {record.provenance["seed"] for record in found.records} == {3}
    again = front_of_space(request, ["acc", "params"], seed=3)
    assert again.records == found.records


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["acc"], "a front is of two or three metrics, not of 1"),
        (["acc", "acc"], "acc@cifar10 is named twice"),
        (["params", "macs"], "params@cifar10 and macs@cifar10 are no trade-off"),
        (["acc", "macs", "params"], "no trade-off"),
        (["acc", "latncy"], "has no metric 'latncy'"),
        (["acc", "latency"], "latency needs a device"),
        (["acc", "energy/pixel3"], "pixel3"),
        (["acc", "params", "memory", "latency/fpga"], "not of 4"),
    ],
)
def test_what_is_no_front(names: list[str], problem: str) -> None:
    with pytest.raises(UsageProblem, match=problem):
        front_of_space(request_from("nasbench201"), names, oracles=guess())


def test_limits_that_nothing_keeps() -> None:
    with pytest.raises(UnsatisfiedError):
        front_of_space(request_from("nasbench201", params="1"), ["acc", "params"], oracles=guess())
    with pytest.raises(UsageProblem, match="one end of the front"):
        front_of_space(request_from("nasbench201", acc="best"), ["acc", "params"], oracles=guess())


def test_one_architecture_may_be_the_best_in_all() -> None:
    found = front_of_space(
        request_from("nasbench201"), ["energy/fpga", "params"], oracles=Oracles(SPACE, None, guess().surrogate)
    )
    if len(found.records) == 1:
        assert found.notes == ["one architecture is the best in all of them: there is no trade-off"]
    assert found.hypervolume > 0.8
