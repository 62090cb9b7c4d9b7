"""Devices of the user's own: kept, fitted when asked for, and told apart from shipped ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dinas_cli.architectures.conditions import Budget, Rank, Request
from dinas_cli.checkpoints.at_hand import device_names, oracles_at_hand, shipped_devices
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem
from dinas_cli.generation.generate import generate
from dinas_cli.generation.judge import Judge
from dinas_cli.oracles import device as device_of
from dinas_cli.oracles import devices
from dinas_cli.oracles.surrogate import Surrogate
from dinas_cli.spaces.nasbench201.space import SPACE
from tests.support.bundled import SURROGATE, guess, needs_weights
from tests.support.devices_made_up import costs, device


def test_anchors_are_repeatable_and_different() -> None:
    first = devices.anchors(SPACE.name, 48)
    assert first == devices.anchors(SPACE.name, 48)
    assert first[:20] == devices.anchors(SPACE.name, 20)
    assert first != devices.anchors(SPACE.name, 48, seed=1)
    assert len({SPACE.canonical_id(SPACE.encode(genotype)) for genotype in first}) == 48


def test_round_trip() -> None:
    for one in (device(), device("box", "cifar100"), device("a.b-c_d")):
        path = devices.save(one)
        assert devices.load(path) == one
        assert path.parent == devices.folder()
    assert {each.column for each in devices.load_all(SPACE.name)} == {
        "latency/box",
        "latency/box@cifar100",
        "latency/a.b-c_d",
    }
    assert devices.own_names(SPACE.name) == ["a.b-c_d", "box"]
    assert device_names(SPACE.name, "latency")[-2:] == ("a.b-c_d", "box")
    assert "box" not in device_names(SPACE.name, "energy")


def test_a_space_whose_name_begins_like_another_has_devices_of_its_own() -> None:
    path = devices.save(device())
    path.rename(path.with_name(f"nasbench-{path.name}"))
    assert (devices.load_all("nasbench"), devices.own_names("nasbench")) == ([], [])


def test_an_existing_device_stays_unless_forced() -> None:
    devices.save(device())
    with pytest.raises(DinasError, match="latency of device 'box' is known already") as caught:
        devices.save(device())
    assert "--force" in str(caught.value.hint)
    changed = replace(device(), note="again")
    assert devices.load(devices.save(changed, force=True)) == changed


def test_remove_takes_all_metrics_and_no_other_device() -> None:
    kept = devices.save(device("box-latency-all"))
    for one in (device(), device("box", "cifar10"), replace(device(), metric="energy")):
        devices.save(one)
    assert devices.remove("box", SPACE.name) == 3
    assert list(devices.folder().iterdir()) == [kept]
    with pytest.raises(NotFoundError, match="no device 'box' of yours in nasbench201") as caught:
        devices.remove("box", SPACE.name)
    assert "yours: box-latency-all" in str(caught.value.hint)
    with pytest.raises(NotFoundError):
        devices.remove("../box", SPACE.name)


@needs_weights
def test_shipped_devices_are_not_to_be_replaced() -> None:
    with pytest.raises(UsageProblem, match="'fpga' is a device that dinas knows already"):
        devices.save(device("fpga"), shipped=shipped_devices(SPACE.name), force=True)
    with pytest.raises(UsageProblem, match="'fpga' is not a device of yours"):
        devices.remove("fpga", SPACE.name, shipped=shipped_devices(SPACE.name))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "a/b"}, "'a/b' cannot name a device"),
        ({"name": ""}, "'' cannot name a device"),
        ({"metric": "speed"}, "'speed' is no metric of a device"),
        ({"dataset": "mnist"}, "unknown dataset 'mnist'"),
        ({"measurements": device().measurements[:5]}, "5 architectures measured; at least 8"),
        ({"measurements": device().measurements[:1] * 50}, "1 architectures measured; at least 8"),
        ({"measurements": tuple((g, 1.0) for g, _ in device().measurements)}, "at least 8 different ones"),
        ({"measurements": (*device().measurements, ("333333", -1.0))}, "not a positive number"),
        ({"measurements": (("33", 1.0),)}, "genotype '33'"),
    ],
)
def test_what_cannot_be_a_device(change: dict[str, object], message: str) -> None:
    with pytest.raises(UsageProblem, match=message):
        devices.save(replace(device(), **change))  # type: ignore[arg-type]
    assert not devices.folder().exists()


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "null", '{"schema": "dinas/device@9"}', '{"schema": "dinas/device@1"}']
)
def test_damaged_files_are_named(damage: str) -> None:
    path = devices.save(device())
    path.write_text(damage)
    with pytest.raises(CorruptFileError, match=r"nasbench201-box-latency-all\.json is not a device") as caught:
        devices.load_all(SPACE.name)
    assert caught.value.hint == f"remove it: rm {path}"
    assert devices.own_names(SPACE.name) == []  # completion goes on without it
    assert devices.remove("box", SPACE.name) == 1


def test_altered_measurements_are_noticed() -> None:
    path = devices.save(device())
    data = json.loads(path.read_text())
    data["measurements"][3][1] = "fast"
    path.write_text(json.dumps(data))
    with pytest.raises(CorruptFileError, match="is not a device: could not convert"):
        devices.load(path)


@needs_weights
def test_a_fit_is_good_and_made_when_asked_for() -> None:
    surrogate = Surrogate.load(SURROGATE)
    one = device()
    devices.attach(surrogate, [one])
    assert surrogate.columns()["latency/box"] == "ms"
    assert "box" in surrogate.devices("latency")
    assert "reference_basis" not in vars(surrogate)
    profile = surrogate.profile("latency/box")
    assert profile.measured == 48
    tau = surrogate.kendall_tau("latency/box")
    assert tau is not None
    assert 0.6 < tau <= 1
    truth = costs([SPACE.decode(row) for row in SPACE.reference()])
    assert np.corrcoef(truth, surrogate.reference("latency/box"))[0, 1] > 0.9


@needs_weights
def test_a_fit_does_not_depend_on_the_order_of_files() -> None:
    one, other = device(), device("other", "cifar10")
    surrogates = [Surrogate.load(SURROGATE) for _ in range(2)]
    devices.attach(surrogates[0], [one, other])
    devices.attach(surrogates[1], [other, one])
    first, second = (surrogate.profile("latency/box").weights for surrogate in surrogates)
    assert (first == second).all()


@needs_weights
def test_generating_for_a_device_of_ones_own() -> None:
    devices.save(replace(device(), measurements=device().measurements[:-1]))
    oracles = oracles_at_hand(SPACE)
    assert oracles.surrogate is not None
    limit = float(oracles.surrogate.profile("latency/box").edges[50])
    request = Request(SPACE.name, "cifar100", Rank("acc", 30.0), None, (Budget("latency", limit, "box"),))
    result = generate(request, 5)
    assert len(result.records) == 5
    assert all(record.metrics["latency/box"].value <= limit for record in result.records)
    assert all(record.metrics["latency/box"].extra["kendall_tau"] > 0.6 for record in result.records)


@needs_weights
def test_a_device_measured_on_another_dataset() -> None:
    devices.save(device("box", "cifar10"))
    request = Request(SPACE.name, "cifar100", None, None, (Budget("latency", 5.0, "box"),))
    with pytest.raises(NotFoundError, match="no source at hand knows latency/box@cifar100") as caught:
        Judge(oracles_at_hand(SPACE), request)
    assert str(caught.value.hint).startswith("choose --dataset cifar10, or: ")


def test_kendall_tau() -> None:
    scipy = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    first = rng.integers(0, 9, 40).astype(float)
    second = first + rng.integers(0, 9, 40)
    assert device_of.kendall_tau(first, second) == pytest.approx(scipy.kendalltau(first, second).statistic)
    assert device_of.kendall_tau(first, -first) == pytest.approx(-1)
    assert device_of.kendall_tau(first, np.where(first > 3, np.nan, first)) == pytest.approx(1)
    assert device_of.kendall_tau(first, np.full(40, np.nan)) is None
    assert device_of.kendall_tau(first, np.ones(40)) is None


@needs_weights
def test_what_a_surrogate_can_be_fitted_from(tmp_path: Path) -> None:
    assert guess().surrogate is not None
    stranger = replace(device(), measurements=(*device().measurements, ("333333", None)))
    profile, tau = stranger.fit(guess().surrogate)  # type: ignore[arg-type]
    assert profile.measured == 49
    assert tau is not None
