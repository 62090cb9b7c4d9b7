"""Devices of the user's: kept as measurements, fitted when asked for, refused when they make no sense."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dinas_cli import devices, headers
from dinas_cli.devices import FEWEST, Device
from dinas_cli.errors import CorruptFileError, DinasError, NotFoundError, UsageProblem
from dinas_cli.oracles.measured import Setting, latency
from dinas_cli.spaces.base import Space
from tests import toy as toys


@pytest.fixture(autouse=True)
def _registered(toy: Space) -> None:
    """All tests here may use the toy."""


def measured(count: int = 48, noise: float = 0.02, **changes: Any) -> Device:
    """A device of the toy space that charges like ``latency/b`` of its training set, times a thousand."""
    costs = toys.training_set().costs["latency/b"]
    rng = np.random.default_rng(2)
    rows = rng.choice(512, count, replace=False)
    pairs = tuple(
        (toys.SPACE.decode(toys.SPACE.reference()[row].tolist()), float(1000 * costs[row] * np.exp(noise * step)))
        for row, step in zip(rows, rng.normal(size=count), strict=True)
    )
    return replace(Device("mine", "toy", "latency", None, pairs, "on the kitchen table"), **changes)


def test_kept_and_read_again(home: Path) -> None:
    device = measured(dataset="hard")
    path = devices.save(device)
    assert path.parent == home / "devices"
    assert devices.load(path) == device == devices.load_all("toy")[0]
    assert device.column == "latency/mine@hard"
    assert (device.unit, replace(device, metric="energy").unit) == ("ms", "mJ")
    assert devices.device_names("toy") == devices.device_names("toy", "latency") == ("mine",)
    assert devices.device_names("toy", "energy") == ()
    assert devices.own_names("toy") == ["mine"]
    assert devices.load_all("nasbench201") == []


def test_an_existing_one_stays_without_force() -> None:
    path = devices.save(measured())
    before = path.read_bytes()
    with pytest.raises(DinasError, match="known already") as caught:
        devices.save(measured(20))
    assert "--force" in str(caught.value.hint)
    assert path.read_bytes() == before
    devices.save(measured(20), force=True)
    assert len(devices.load(path).measurements) == 20
    devices.save(measured(metric="energy"))
    devices.save(measured(dataset="easy"))
    assert len(devices.load_all("toy")) == 3, "other metrics and datasets are files of their own"


def test_removed_with_all_its_metrics() -> None:
    devices.save(measured())
    devices.save(measured(metric="energy", dataset="hard"))
    other = devices.save(measured(name="mine-too"))
    assert devices.remove("mine", "toy") == 2
    assert devices.own_names("toy") == ["mine-too"]
    with pytest.raises(NotFoundError, match="no device 'mine-to' of yours") as caught:
        devices.remove("mine-to", "toy")
    assert "did you mean 'mine-too'?" in str(caught.value.hint)
    other.write_text("{")
    assert devices.remove("mine-too", "toy") == 1, "a broken one can be removed as well"
    with pytest.raises(NotFoundError):
        devices.remove("../devices", "toy")


def test_a_device_is_fitted_when_asked_for() -> None:
    surrogate = toys.surrogate()
    devices.attach(surrogate, [measured(), measured(metric="energy", name="other")])
    assert surrogate.columns()["latency/mine"] == "ms"
    assert surrogate.columns()["energy/other"] == "mJ"
    assert "mine" in surrogate.devices("latency")
    truth = toys.training_set().costs["latency/b"]
    profile = surrogate.profile("latency/mine")
    assert profile.measured == 48
    assert np.corrcoef(surrogate.predict(toys.SPACE.reference(), "latency/mine"), truth)[0, 1] > 0.85
    assert profile.descriptor @ surrogate.profile("latency/b").descriptor > 0.9, "its unit does not matter"
    tau = surrogate.kendall_tau("latency/mine")
    assert tau is not None
    assert 0.5 < tau <= 1


def test_what_does_not_run_counts_as_slow() -> None:
    pairs = measured().measurements
    slowest = sorted(pairs, key=lambda pair: -(pair[1] or 0))[:6]
    broken = tuple((genotype, None if (genotype, cost) in slowest else cost) for genotype, cost in pairs)
    profile, tau = replace(measured(), measurements=broken).fit(toys.surrogate())
    assert np.isfinite(profile.weights).all()
    assert tau is not None
    predicted = profile.predict(toys.surrogate().basis(np.array([toys.SPACE.encode(g) for g, _ in slowest])))
    assert predicted.mean() > profile.level


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "cannot name a device"),
        ({"name": "a/b"}, "cannot name a device"),
        ({"name": "-rf"}, "cannot name a device"),
        ({"name": "x" * 41}, "cannot name a device"),
        ({"metric": "latancy"}, "no metric of a device"),
        ({"metric": "params"}, "no metric of a device"),
        ({"dataset": "hrad"}, "unknown dataset"),
        ({"space": "toyy"}, "unknown space"),
        ({"measurements": ()}, f"0 architectures measured; at least {FEWEST}"),
        ({"measurements": measured(FEWEST - 1).measurements}, f"at least {FEWEST} different"),
        ({"measurements": measured(1).measurements * 30}, "1 architectures measured"),
        ({"measurements": tuple((genotype, 1.0) for genotype, _ in measured().measurements)}, "different"),
        ({"measurements": tuple((genotype, None) for genotype, _ in measured().measurements)}, "0 architectures"),
        ({"measurements": (*measured().measurements, ("1111111", -1.0))}, "not a positive number"),
        ({"measurements": (*measured().measurements, ("1111111", float("nan")))}, "not a positive number"),
        ({"measurements": (*measured().measurements, ("9111111", 1.0))}, "no toy cell"),
    ],
)
def test_refused(changes: dict[str, Any], message: str, home: Path) -> None:
    with pytest.raises(UsageProblem, match=message) as caught:
        devices.save(measured(**changes))
    assert caught.value.exit_code == 2
    assert not (home / "devices").exists()


def test_files_that_are_no_devices(home: Path) -> None:
    path = devices.save(measured())
    data = json.loads(path.read_text("utf-8"))
    contents = [b"", b"\xff\xfe", b"[]", b"{", b"[" * 100_000, b'"text"', path.read_bytes()[:-20]]
    for change in ({"schema": "dinas/device@2"}, {"measurements": [[1]]}, {"measurements": 3}, {"name": 3}):
        contents.append(json.dumps(data | change).encode())
    contents += [json.dumps({k: v for k, v in data.items() if k != gone}).encode() for gone in data if gone != "note"]
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(CorruptFileError, match="is not a device") as caught:
            devices.load_all("toy")
        assert str(path) in caught.value.message
        assert str(path) in str(caught.value.hint)
        assert devices.own_names("toy") == []


def test_a_shipped_name_is_taken() -> None:
    shipped = headers.device_names("nasbench201")
    if not shipped:
        pytest.skip("no bundled surrogate")
    with pytest.raises(UsageProblem, match="knows already") as caught:
        devices.target(shipped[0], "nasbench201", "latency", None, force=True)
    assert f"my-{shipped[0]}" in str(caught.value.hint)
    with pytest.raises(UsageProblem, match="comes with dinas"):
        devices.remove(shipped[0], "nasbench201")


def test_anchors_are_repeatable_and_differ() -> None:
    one = devices.anchors("nasbench201", 48)
    assert one == devices.anchors("nb201", 48)[:48] == devices.anchors("nasbench201", 100)[:48]
    assert one != devices.anchors("nasbench201", 48, seed=1)
    from dinas_cli.spaces.nasbench201 import SPACE

    assert len({SPACE.canonical_id(SPACE.encode(genotype)) for genotype in one}) == 48
    assert len(devices.anchors("toy", 10_000)) == 512, "a space has no more than it has"


def test_kendall_tau_is_scipys() -> None:
    scipy_stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(0)
    for _ in range(20):
        one, other = rng.integers(0, 6, (2, 15)).astype(float)
        other[rng.random(15) < 0.2] = np.nan
        there = ~np.isnan(other)
        expected = scipy_stats.kendalltau(one[there], other[there]).statistic
        assert devices.kendall_tau(one, other) == pytest.approx(expected)
    assert devices.kendall_tau(np.ones(5), np.arange(5.0)) is None
    assert devices.kendall_tau(np.arange(3.0), np.full(3, np.nan)) is None


def test_latency_measured_here() -> None:
    found = {size: latency(toys.SPACE, (1,) * 7, Setting("hard", size), seconds=0.02) for size in (1, 512)}
    assert found[1].runs >= 1
    assert found[1].spread >= 0
    assert 0 < found[1].median < found[512].median, "more images take longer"
    assert str(Setting("hard", 4, 2)).startswith("CPU, 2 thread(s), batch 4, hard images, torch ")
